"""What the tests of the service share: the tiny county served in this process, and users of every role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import Principal
from api.store import open_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api.store import Project

BASE = "http://127.0.0.1"


@dataclass
class Served:
    """The service over one project, and how to sign in."""

    project: Project
    app: Any

    def stranger(self) -> TestClient:
        """Give a browser that never signed in."""
        return TestClient(self.app, base_url=BASE, raise_server_exceptions=False)

    def user(self, role: str = "admin", scope: tuple[str, ...] = ()) -> TestClient:
        """Give a browser that signed in by a one-time link."""
        client = self.stranger()
        token = self.app.state.service.doorkeeper.invite(Principal(role, role, scope))
        assert client.get("/", params={"token": token}, follow_redirects=False).status_code == 303
        client.headers["Origin"] = BASE
        return client


@pytest.fixture
def served(tiny_project: Path) -> Iterator[Served]:
    """Serve a tiny project of its own."""
    with open_project(tiny_project) as project:
        yield Served(project, create_app(project))


@pytest.fixture(scope="module")
def standing(tiny_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one tiny project for all tests of a module that only read."""
    import shutil

    path = tmp_path_factory.mktemp("served") / "county.gpkg"
    shutil.copyfile(tiny_demo / "county.gpkg", path)
    with open_project(path) as project:
        yield Served(project, create_app(project))


@pytest.fixture
def state() -> Callable[[TestClient], dict[str, Any]]:
    """Read the state of the page."""
    return lambda client: client.get("/api/v1/state").json()
