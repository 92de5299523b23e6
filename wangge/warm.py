"""`python -m wangge.warm`: compile every kernel once, by a tiny county from end to end in a folder that goes again."""

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
        seconds = time.monotonic() - started
        sys.stdout.write(f"安装完成，预热用时 {seconds:.0f} 秒 · installed, kernels compiled in {seconds:.0f} s\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
