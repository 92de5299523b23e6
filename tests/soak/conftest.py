"""Where a crowd meets: the same two places as in the tests of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a project may be made: a path, and a URL where there is PostGIS."""
    if request.param == "postgis":
        return str(request.getfixturevalue("postgis_url"))
    return str(tmp_path / "county.gpkg")
