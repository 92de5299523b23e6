"""`python -m wangge`, the same as the console script."""

import sys

from wangge.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
