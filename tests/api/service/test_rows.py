"""Cameras, places and members changed one by one through the API, by those who may, and never over each other."""

from __future__ import annotations

import pytest


def first(served, layer: str) -> str:
    key = {"cameras": "camera_id", "places": "place_id", "members": "member_id"}[layer]
    return str(served.project.read(layer, columns=[key])[key].iloc[0])


def patch(client, path: str, version: str | None, **body):
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return client.patch(f"/api/v1/layers/{path}", json=body, headers=headers)


def test_of_two_officers_with_one_camera_the_second_gets_both_versions(served) -> None:
    li, wang = served.user("security"), served.user("admin")
    path = f"cameras/{first(served, 'cameras')}"
    seen = li.get(f"/api/v1/layers/{path}")
    version = seen.json()["version"]
    assert seen.headers["etag"] == f'"{version}"'
    won = patch(li, path, version, values={"azimuth_deg": 12.5})
    assert (won.status_code, won.json()["row"]["azimuth_deg"]) == (200, 12.5)
    assert won.headers["etag"] != seen.headers["etag"]
    lost = patch(wang, path, version, values={"azimuth_deg": 99})
    assert lost.status_code == 412
    answer = lost.json()
    assert (answer["yours"][0]["azimuth_deg"], answer["theirs"][0]["azimuth_deg"]) == (99, 12.5)
    assert "security" in answer["error"]["zh"]
    (now,) = answer["versions"].values()
    assert patch(wang, path, now, values={"azimuth_deg": 99}).status_code == 200
    log = served.project.read("history").iloc[-1]
    key = path.partition("/")[2]
    assert (log["who"], log["action"]) == ("admin", "edit cameras")
    assert log["before"]["rows"][key]["azimuth_deg"] == 12.5
    assert log["after"]["rows"][key]["azimuth_deg"] == 99


def test_a_place_moves_with_its_row(served) -> None:
    client, path = served.user("security"), f"places/{first(served, 'places')}"
    row = client.get(f"/api/v1/layers/{path}").json()
    x, y = row["row"]["geometry"]
    moved = patch(client, path, row["version"], position=[x + 0.001, y], values={"place": "新名"})
    assert moved.json()["row"]["geometry"] == [x + 0.001, y]
    assert moved.json()["row"]["place"] == "新名"


@pytest.mark.parametrize(
    ("role", "layer", "may"),
    [("viewer", "cameras", False), ("planner", "cameras", False), ("planner", "members", True),
     ("security", "members", False), ("security", "places", True), ("viewer", "members", False)],
)  # fmt: skip
def test_each_role_reaches_its_own_layers(served, role, layer, may) -> None:
    client, path = served.user(role), f"{layer}/{first(served, layer)}"
    answer = client.get(f"/api/v1/layers/{path}")
    assert answer.status_code == (200 if may else 403)
    assert patch(client, path, "x", values={}).status_code == (422 if may else 403)
    assert "phone" not in answer.text


def test_what_is_no_change_of_this_layer_is_refused_in_words(served) -> None:
    client, path = served.user(), f"cameras/{first(served, 'cameras')}"
    version = client.get(f"/api/v1/layers/{path}").json()["version"]
    before = served.project.count("history")
    assert patch(client, path, None, values={"azimuth_deg": 1}).status_code == 428
    for values in ({"camera_id": "x"}, {"nothing": 1}, {"azimuth_deg": "north"}, {"azimuth_deg": 999}, {"kind": "owl"},
                   {"owner": "\x00"}, {"phone": "1"}, {}):  # fmt: skip
        answer = patch(client, path, version, values=values)
        assert answer.status_code == 422, (values, answer.text)
        assert answer.json()["error"]["zh"]
    assert client.get("/api/v1/layers/cameras/none").status_code == 404
    assert client.get("/api/v1/layers/cameras/%00").status_code == 404
    assert (
        client.patch(f"/api/v1/layers/{path}", json={}, headers={"Origin": "https://evil.example"}).status_code == 403
    )
    assert served.project.count("history") == before


def test_a_wrong_value_is_named_with_what_it_should_be(served) -> None:
    client, path = served.user(), f"cameras/{first(served, 'cameras')}"
    version = client.get(f"/api/v1/layers/{path}").json()["version"]
    for body, words in (
        ({"values": {"installed": "nope"}}, "installed 的值 'nope' 不对：应是日期，如 2026-03-01"),
        ({"values": {"installed": 5}}, "应是日期"),
        ({"values": {"azimuth_deg": True}}, "azimuth_deg 的值 True 不对：应是数"),
        ({"values": {"azimuth_deg": "north"}}, "应是数"),
        ({"values": {"width_px": 1.5}}, "应是整数"),
        ({"values": {"networked": 1}}, "应是是或否（true、false）"),
        ({"values": {"owner": "\x1b[31m"}}, "应是文字，不含控制字符"),
        ({"values": {"owner": 5}}, "应是文字"),
        ({"values": {}}, "没有写要改什么"),
        ({"position": [0, 0]}, "离所有村界都超过 5 公里"),
    ):
        answer = patch(client, path, version, **body)
        assert (answer.status_code, words in answer.json()["error"]["zh"]) == (422, True), answer.text
    good = {"installed": "2026-03-01", "width_px": 1920.0, "networked": False, "owner": "县公安局", "mount_m": None}
    done = patch(client, path, version, values=good).json()["row"]
    assert (done["installed"], done["width_px"], done["networked"]) == ("2026-03-01T00:00:00+00:00", 1920, False)


def test_a_scope_ends_at_its_border(served) -> None:
    villages = served.project.read("villages")
    inside = villages.geometry.iloc[0]
    cameras = served.project.read("cameras")
    within = cameras.geometry.intersects(inside)
    client = served.user("security", scope=(villages["village_code"].iloc[0],))
    own, other = cameras.loc[within, "camera_id"].iloc[0], cameras.loc[~within, "camera_id"].iloc[0]
    version = client.get(f"/api/v1/layers/cameras/{own}").json()["version"]
    assert client.get(f"/api/v1/layers/cameras/{other}").status_code == 404
    assert patch(client, f"cameras/{own}", version, position=[0, 0]).status_code == 403


def test_positions_of_cameras_stay_out_of_the_history_that_planners_read(served) -> None:
    officer, path = served.user("security"), f"cameras/{first(served, 'cameras')}"
    row = officer.get(f"/api/v1/layers/{path}").json()
    x, y = row["row"]["geometry"]
    assert patch(officer, path, row["version"], position=[x, y + 0.0001]).status_code == 200
    newest = served.user("planner").get("/api/v1/history").json()[0]
    assert (newest["action"], newest["before"], newest["after"]) == ("edit cameras", None, None)
    assert (newest["zh"], newest["en"]) == ("修改摄像机", "edit cameras")
    assert str(y + 0.0001) not in str(newest)
