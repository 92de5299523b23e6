"""`wangge plans` and `wangge history`: one walk through the versions of a plan, and what is refused."""

from __future__ import annotations

from api.store import open_project


def test_a_plan_goes_its_way_on_the_command_line(call, tiny_project) -> None:
    with open_project(tiny_project) as project:
        code = project.read("cells", columns=["cell_code"])["cell_code"].iloc[0]
    assert "草稿" in call("plans", tiny_project).out
    for status in ("review", "final"):
        assert call("plans", tiny_project, status).code == 0
    assert "branch" in call("plans", tiny_project, "remark", code, "看").refused()
    assert call("plans", tiny_project, "branch", "新版", "--note", "试", "--json").json["parent"] == "p001"
    assert call("plans", tiny_project, "remark", code, "与镇里商量").code == 0
    changes = call("plans", tiny_project, "changes", "--json").json
    assert changes["attributes"] == [{"cell_code": code, "column": "note", "before": None, "after": "与镇里商量"}]
    assert f"{code}  备注  – → 与镇里商量" in call("plans", tiny_project, "changes").out
    row = call("history", tiny_project, "--plan", "新版", "--limit", "1", "--json").json["history"][0]
    assert (row["action"], row["after"]["cells"][code]["note"]) == ("remark", "与镇里商量")
    assert "– → “与镇里商量”" in call("history", tiny_project).out.splitlines()[0]
    assert call("plans", tiny_project, "undo").code == 0
    assert call("plans", tiny_project, "lock", code).code == 0
    assert call("plans", tiny_project, "restore", "旧版", "--from", "新版", "--at", row["id"]).code == 0
    plans = call("plans", tiny_project, "--json").json["plans"]
    assert [(each["plan"], each["status"], each["current"]) for each in plans] == [
        ("p001", "final", False), ("新版", "draft", False), ("旧版", "draft", True),
    ]  # fmt: skip
    with open_project(tiny_project) as project:
        notes = project.read("cells", where={"cell_code": code}).set_index("plan")["note"]
    assert notes["旧版"] == "与镇里商量"
    assert notes.drop("旧版").isna().all()


def test_a_name_does_not_steer_the_terminal(call, tiny_project) -> None:
    with open_project(tiny_project) as project, project.change(who="evil\x1b[31m\x07", action="check"):
        pass
    told = call("history", tiny_project, "--limit", "1").out
    assert "evil\ufffd[31m\ufffd" in told


def test_wrong_calls_are_refused_in_words(call, tiny_project) -> None:
    assert "nope" in call("plans", tiny_project, "changes", "nope").refused()
    assert "wangge history" in call("plans", tiny_project, "restore", "--at", "nope").refused()
    assert "nope" in call("plans", tiny_project, "remark", "nope", "x").refused()
    assert "review" in call("plans", tiny_project, "final").refused()
    assert "undo" in call("plans", tiny_project, "undo").refused()
    assert "nope" in call("history", tiny_project, "--plan", "nope").refused()


def test_a_plan_named_by_an_option_in_the_wrong_place_is_told_what_to_type(call, tiny_project) -> None:
    for given in (("--plan", "p001"), ("--plan=p001",)):
        told = call("plans", tiny_project, "changes", *given).refused()
        assert f"请写 wangge plans {tiny_project} changes p001" in told
        assert f"write wangge plans {tiny_project} changes p001" in told
    assert "branch --from p001" in call("plans", tiny_project, "branch", "--plan=p001").refused()
    assert "write" not in call("plans", tiny_project, "changes", "--nope").refused()
