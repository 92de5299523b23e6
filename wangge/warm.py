"""`python -m wangge.warm`: compile every kernel once, by a tiny county from end to end in a folder that goes again."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

__all__ = ["main"]


def main() -> int:
    """Run the tiny demo for its side effect on the kernel cache; gives an exit code."""
    from wangge.cli import main as wangge

    with tempfile.TemporaryDirectory(prefix="wangge-warm-") as folder:
        return wangge(["demo", str(Path(folder) / "demo"), "--county", "tiny"])


if __name__ == "__main__":
    sys.exit(main())
