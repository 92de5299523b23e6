"""What is kept, told through the command line: previews, backups, plans carried to other villages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd

if TYPE_CHECKING:
    from pathlib import Path


def test_every_command_does_something_and_says_so() -> None:
    from wangge.commands import COMMANDS
    from wangge.parser import build_parser
    from wangge.summary import _WORDS

    actions = next(action for action in build_parser()._actions if action.dest == "command")
    named = set(actions.choices or ())
    assert named - {"serve"} == set(COMMANDS) == set(_WORDS)


def test_a_replacement_is_previewed_made_and_taken_back(call: Any, small: Any, tmp_path: Path) -> None:
    fewer = small.homes.assign(households=[9, *[4] * 199]).iloc[:199]
    fewer.to_file(tmp_path / "fewer.geojson")
    words = ("load", small.project, "homes", tmp_path / "fewer.geojson", "--replace")
    seen = call(*words, "--preview", "--changes", tmp_path / "list.csv")
    assert seen.code == 0, seen
    assert "删除 1" in seen.out
    assert "households：4 → 9" in seen.out
    assert (tmp_path / "list.csv").exists()
    assert call("backups", small.project, "--json").json["backups"] == []
    assert call(*words, "--json").json["changes"]["same"] == 198
    kept = call("backups", small.project, "--json").json["backups"]
    assert [each["reason"] for each in kept] == ["load-homes"]
    assert "load-homes" in call("backups", small.project).out
    back = tmp_path / "back.gpkg"
    assert call("copy", kept[0]["target"], back).code == 0
    again = call("load", back, "homes", tmp_path / "homes.geojson", "--replace", "--preview", "--json").json
    assert again["changes"]["same"] == 200
    refused = call("load", small.project, "homes", tmp_path / "homes.geojson")
    assert "--replace --preview" in refused.refused()


def test_a_plan_is_carried_to_one_village_made_of_two(call: Any, small: Any, tmp_path: Path) -> None:
    assert call("plan", small.project, "--households", "200").code == 0
    one = small.villages.iloc[:1].assign(village_code="211122100299", village="合村")
    shape = small.villages.union_all()
    gpd.GeoDataFrame(one.drop(columns="geometry"), geometry=[shape], crs=4490).to_file(tmp_path / "one.geojson")
    done = call("carry", small.project, "--villages", tmp_path / "one.geojson", "--out", tmp_path / "list.xlsx")
    assert done.code == 0, done
    assert "p002" in done.out
    assert (tmp_path / "list.xlsx").exists()
    (tmp_path / "bad.csv").write_text("old_code,new_code\n211122100299,211122100777\n")
    assert "bad.csv row 2 new_code" in call("carry", small.project, "--changes", tmp_path / "bad.csv").refused()


def test_a_rejected_row_that_is_stored_goes_with_a_replacement_and_is_named(call, small) -> None:
    path = small.folder / "mixed.csv"
    path.write_text("home_id,households,lon,lat\nN1,3,122.01,41.205\nN2,3,122.01,41.206\n")
    assert call("load", small.project, "homes", path, "--replace").code == 0
    path.write_text("home_id,households,lon,lat\nN1,3,122.01,41.205\nN2,-1,122.01,41.206\nN3,-1,122.01,41.207\n")
    answer = call("load", small.project, "homes", path, "--replace", "--accept-good", "--json").json
    said = [note for note in answer["notes"] if "rejected are stored" in note["en"]]
    assert [note["en"].partition(";")[0] for note in said] == [
        "1 rows that were rejected are stored: they go with the replacement (N2)"
    ]
    assert "N2" in said[0]["zh"]
