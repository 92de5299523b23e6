"""What every test shares: where the real data lies, and what this machine must have."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cluster import Cluster, execute, server_programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

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


@pytest.fixture(scope="session")
def tiny_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the tiny demo, built once for all workers of a run; read it only, and never open its project."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "tiny-demo"
    done = folder.with_suffix(".done")
    try:
        folder.with_suffix(".lock").touch(exist_ok=False)
    except FileExistsError:
        deadline = time.monotonic() + 240
        while not done.exists():
            if time.monotonic() > deadline:
                pytest.fail("another worker did not finish the tiny demo")
            time.sleep(0.2)
    else:
        from api.jobs.demo import DemoOptions, run_demo

        answer = run_demo(DemoOptions(str(folder), "tiny"))
        done.write_text(json.dumps(answer, default=str), encoding="utf-8")
    return folder


@pytest.fixture
def tiny_project(tiny_demo: Path, tmp_path: Path) -> Path:
    """Path of a project of its own with the tiny county, planned, staffed, covered and sited."""
    copy = tmp_path / "tiny.gpkg"
    shutil.copyfile(tiny_demo / "county.gpkg", copy)
    return copy


@pytest.fixture(scope="session")
def postgis_cluster() -> Iterator[Cluster]:
    """Run a throw-away PostgreSQL with PostGIS; a test may restart or kill it, and leaves it running."""
    programs = server_programs()
    present = programs is not None and importlib.util.find_spec("psycopg") is not None
    remedy = "apt-get install postgresql postgresql-postgis; pip install 'wangge[postgis]'"
    require("postgis", present=present, remedy=remedy)
    cluster = Cluster(programs)
    try:
        cluster.start()
        execute(cluster.url.format(name="postgres"), "CREATE DATABASE template_postgis")
        execute(cluster.url.format(name="template_postgis"), "CREATE EXTENSION postgis")
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def postgis_server(postgis_cluster: Cluster) -> str:
    """URL of the throw-away server, with `{name}` for a database."""
    return postgis_cluster.url


@pytest.fixture
def postgis_url(postgis_server: str) -> Iterator[str]:
    """URL of an empty database of its own, with PostGIS."""
    name = f"county_{secrets.token_hex(6)}"
    execute(postgis_server.format(name="postgres"), f"CREATE DATABASE {name} TEMPLATE template_postgis")
    yield postgis_server.format(name=name)
    execute(postgis_server.format(name="postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once for all tests; skipped or failing where the machine has none."""
    program = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    require("browser", present=program is not None and Path(program).exists(), remedy="apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()
