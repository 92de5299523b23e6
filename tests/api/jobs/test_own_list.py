"""What wangge wrote, wangge reads: the camera list of the papers replaces itself without a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.jobs.export import ExportJob, run_export
from api.jobs.load import LoadOptions, run_load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_exported_list_changes_nothing_when_it_is_loaded_again(
    tiny_project: Path, tmp_path: Path, form: str
) -> None:
    written = run_export(str(tiny_project), ExportJob(out=str(tmp_path / "out"), format=(form,)))["files"]
    (file,) = [one["file"] for one in written if form == "xlsx" or "-cameras." in one["file"]]
    answer = run_load(str(tiny_project), LoadOptions(layer="cameras", file=file, replace=True))
    changes = {name: answer["changes"][name] for name in ("added", "removed", "moved", "changed", "renamed")}
    assert (answer["rejected"], changes) == (0, dict.fromkeys(changes, 0))
