"""`python -m wangge.warm`: compile every kernel once, by a tiny county from end to end in a folder that goes again.

Evening out is an edit of the drawing page, and the demo has no hills: their kernels are compiled by two more steps.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path

__all__ = ["main"]


def main() -> int:
    """Run the tiny demo for its side effect on the kernel cache; gives an exit code.

    What the demo says of its results is kept back: they are gone when it is read.
    """
    from wangge.cli import main as wangge

    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wangge-warm-") as folder, contextlib.redirect_stdout(io.StringIO()):
        code = wangge(["demo", str(Path(folder) / "demo"), "--county", "tiny"])
        if code == 0:
            _even_out(Path(folder) / "demo" / "county.gpkg")
            _look_past_hills()
    if code == 0:
        seconds = time.monotonic() - started
        sys.stdout.write(f"安装完成，预热用时 {seconds:.0f} 秒 · installed, kernels compiled in {seconds:.0f} s\n")
    return code


def _even_out(path: Path) -> None:
    """Look at what evening out the least even village would do; whether there is anything to gain does not matter."""
    from api.jobs.edit import Rebalance, preview_edit
    from api.store import open_project
    from spatial.errors import InfeasibleError

    with open_project(path) as project:
        cells = project.read("cells", where={"plan": project.current_plan(), "kind": "basic", "end_date": None})
        worst = cells.loc[cells["deviation_share"].abs().idxmax(), "village_code"]
        codes = tuple(cells.loc[cells["village_code"] == worst, "cell_code"])
        with contextlib.suppress(InfeasibleError):
            preview_edit(project, Rebalance(codes), who="warm")


def _look_past_hills() -> None:
    """Look over level ground once, as `wangge coverage` does where a project has a height model."""
    import numpy as np

    from spatial.coverage.sight.terrain import Terrain, hidden_ground

    level = Terrain(np.zeros((8, 8)), (10.0, 0.0, 0.0, 0.0, -10.0, 80.0), "EPSG:4550")
    eye, five, reach = np.array([[40.0, 40.0]]), np.array([5.0]), np.array([30.0])
    hidden_ground(level, eye, crs="EPSG:4550", above_m=five, reach_m=reach)


if __name__ == "__main__":
    sys.exit(main())
