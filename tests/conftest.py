"""What every test shares: where the real data lies, and what this machine must have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def require(what: str, *, present: bool, remedy: str) -> None:
    """Skip loudly where `what` is missing, or fail where WANGGE_REQUIRE names it."""
    if present:
        return
    message = f"{what} is not installed: {remedy}"
    if what in os.environ.get("WANGGE_REQUIRE", "").split(","):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data that lies beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data beside the checkout (../shared/data)")
    return folder
