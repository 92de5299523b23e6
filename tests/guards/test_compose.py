"""The files for a server of one's own: no password in them, nothing open that need not be, versions named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.store.limits import VARIABLES
from api.store.urls import parsed, schema_of
from wangge.parser import build_parser

ROOT = Path(__file__).resolve().parents[2]
TOP = {"name", "services", "networks", "volumes", "secrets", "configs"}
SERVICE = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "networks", "ports",
    "read_only", "restart", "security_opt", "shm_size", "stop_grace_period", "tmpfs", "volumes",
}  # fmt: skip
"""Keys of the compose specification that these files use; a misspelt one is none of them."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def test_every_key_and_name_is_one_that_compose_knows(compose: dict[str, Any]) -> None:
    assert set(compose) <= TOP
    for service in compose["services"].values():
        assert set(service) <= SERVICE
        assert set(service["networks"]) <= set(compose["networks"])
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in compose["volumes"]
        assert set(service.get("depends_on", {})) <= set(compose["services"])


def test_images_name_their_version(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose["services"].values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(images) == 4
    for image in images:
        assert re.search(r":\d+(\.\d+)*", image), image


def test_services_say_whether_they_are_well_and_run_with_little(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"])
        assert service["read_only"] is True
        assert "no-new-privileges:true" in service["security_opt"]
    assert compose["services"]["service"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert "\nUSER wangge\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_database_is_reached_from_inside_only(compose: dict[str, Any]) -> None:
    database, service = compose["services"]["database"], compose["services"]["service"]
    assert "ports" not in database
    assert database["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_no_password_stands_in_the_file_and_none_has_a_default(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if "PASSWORD" in name:
                assert re.fullmatch(r"\$\{WANGGE_(OWNER|SERVICE)_PASSWORD:\?[^}]+\}", value), name
    assert "/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert ".env" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_the_command_and_its_settings_are_those_of_the_program(compose: dict[str, Any]) -> None:
    service = compose["services"]["service"]
    command = [re.sub(r"\$\{(\w+):\?[^}]+\}", "panshan", word) for word in service["command"]]
    args = build_parser().parse_args(command)
    assert args.command == "serve"
    assert schema_of(parsed(args.project)) == "panshan"
    assert parsed(args.project).host in compose["services"]
    known = {*VARIABLES.values(), "WANGGE_LANG", "WANGGE_PUBLIC_ORIGIN", "PGPASSWORD"}
    assert set(service["environment"]) <= known


def test_the_page_names_every_variable_of_the_server_and_of_compose() -> None:
    page = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in {*VARIABLES.values(), *re.findall(r"\$\{(WANGGE_\w+)", text)}:
        assert f"`{name}`" in page, name
