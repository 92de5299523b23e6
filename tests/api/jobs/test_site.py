"""`site` with a county's own weights: read from a file, kept with the run, refused by the file's name."""

from __future__ import annotations

import pytest

from api.jobs.desk import opened
from api.jobs.site import SiteJob, run_site
from spatial.errors import SchemaError


def test_weights_and_prices_are_kept_with_the_run(tiny_project, tmp_path):
    file = tmp_path / "weights.toml"
    file.write_text("[weights]\njunction = 30\n[costs]\ncamera_yuan = 10\npole_yuan = 100\n", encoding="utf-8")
    answer = run_site(tiny_project, SiteJob(cameras=3, turn=2, weights=str(file)))
    with opened(tiny_project) as store:
        kept = store.read("runs", where={"run": answer["run"]}, columns=["settings"])["settings"].iloc[0]
        sites = store.read("sites", where={"run": answer["run"]})
        turns = store.read("problems", where={"run": answer["run"], "problem": "camera-turn"})
    assert kept["weights"]["junction"] == 30
    assert kept["prices"]["camera_yuan"] == 10
    assert kept["turn"] == 2
    new = sites["pole_id"].isna()
    assert sites.loc[new, "cost_yuan"].isin([10, 110]).all()
    assert (sites.loc[~new, "cost_yuan"] % 1000 == 10).all()
    assert turns["code"].tolist() == [turn["camera_id"] for turn in answer["turns"]]
    assert dict(answer["curve"])[len(sites)] == pytest.approx(answer["covered_share_after"])


@pytest.mark.parametrize(
    "content", [b"[weights]\nschool = 3", b"[weights", "[weights]\n# 权重".encode("gb18030"), None]
)
def test_weights_that_cannot_be_read_are_refused_by_the_name_of_their_file(tiny_project, tmp_path, content):
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SchemaError) as refusal:
        run_site(tiny_project, SiteJob(cameras=1, weights=str(file)))
    assert "mine.toml" in refusal.value.zh
    assert "mine.toml" in refusal.value.en
