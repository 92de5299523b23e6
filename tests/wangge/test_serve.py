"""`wangge serve` as a process: one link once it answers, other programs beside it, a quiet end."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from api.store import open_project
from spatial.layers import LAYERS
from tests.conftest import require

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(project: Path, *more: str):
    """Run `wangge serve` for as long as the block lasts; gives its link and the process."""
    command = [sys.executable, "-m", "wangge", "serve", str(project), "--port", "0", *more]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            yield line, process
        finally:
            if process.poll() is None:
                process.kill()


def link_of(line: str) -> str:
    return re.search(r"http://\S+", line).group(0)


def browser() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_one_link_that_works_once_and_a_quiet_end(tiny_project, how) -> None:
    with serving(tiny_project) as (line, process):
        link = link_of(line)
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{40,}", link)
        with browser().open(link, timeout=60) as answer:
            assert "token" not in answer.url
            assert "盘山县" in answer.read().decode()
        with pytest.raises(urllib.error.HTTPError) as second:
            browser().open(link, timeout=60)
        assert second.value.code == 401
        second.value.close()
        process.send_signal(how)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0
        assert len(re.findall(r"https?://", line + out)) == 1
        assert err == ""


def test_json_prints_one_object_with_the_link(tiny_project) -> None:
    with serving(tiny_project, "--json") as (line, process):
        assert json.loads(line)["url"].startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20)[0] == ""


def test_a_busy_port_is_named(call, tiny_project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port) in call("serve", tiny_project, "--port", port).refused()


@pytest.mark.gdal
def test_other_programs_read_every_layer_while_the_service_runs(tiny_project) -> None:
    require("gdal", present=shutil.which("ogrinfo") is not None, remedy="apt-get install gdal-bin")
    with open_project(tiny_project) as project:
        rows = project.layers()
    with serving(tiny_project) as (line, _):
        with browser().open(link_of(line), timeout=60) as answer:
            answer.read()
        said = subprocess.run(
            ["ogrinfo", "-al", "-so", "-ro", str(tiny_project)], capture_output=True, text=True, check=True
        ).stdout
        parts = re.split(r"^Layer name: ", said, flags=re.MULTILINE)[1:]
        seen = {part.split("\n", 1)[0].strip(): part for part in parts}
        script = (
            "import geopandas, pyogrio, json, sys\n"
            "read = {n: geopandas.read_file(sys.argv[1], layer=n) for n in json.loads(sys.argv[2])}\n"
            "crs = {n: f.crs if hasattr(f, 'to_crs') else None for n, f in read.items()}\n"
            "print(json.dumps({n: [len(f), crs[n] and crs[n].to_epsg()] for n, f in read.items()}))"
        )
        other = subprocess.run(  # a process of its own, as QGIS is: two SQLite libraries in one void their locks
            [sys.executable, "-W", "ignore", "-c", script, str(tiny_project), json.dumps(list(LAYERS))],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert other.returncode == 0, other.stderr
    read = json.loads(other.stdout)
    for name, layer in LAYERS.items():
        assert f"Feature Count: {rows[name]}\n" in seen[name]
        assert read[name][0] == rows[name], name
        if layer.geometry is not None:
            assert 'ID["EPSG",4490]' in seen[name], name
            assert read[name][1] == 4490, name


def test_an_edit_by_the_service_and_a_load_by_a_command_both_stay(tiny_project, shell) -> None:
    with serving(tiny_project) as (line, process):
        opener, link = browser(), link_of(line)
        base = link.partition("/?")[0]
        opener.open(link, timeout=60).close()
        places = tiny_project.with_name("places.csv")
        places.write_text("place_id,place,kind,priority,lon,lat\nNEW1,新学校,school,1,121.9,41.2\n", encoding="utf-8")
        with open_project(tiny_project) as project:
            point = project.read("places").geometry.iloc[0]
        places.write_text(
            f"place_id,place,kind,priority,lon,lat\nNEW1,新学校,school,1,{point.x},{point.y}\n", encoding="utf-8"
        )
        done = shell("load", tiny_project, "places", places, "--json")
        assert done.returncode == 0, done.stderr
        with opener.open(f"{base}/api/v1/cells.geojson", timeout=60) as answer:
            cells = json.loads(answer.read())["features"]
        with opener.open(f"{base}/api/v1/state", timeout=60) as answer:
            revision = json.loads(answer.read())["revision"]
        statuses, own = [], {"Content-Type": "application/json", "Origin": base}
        for first in cells[:6]:
            for second in cells[:6]:
                if first["id"] < second["id"] and first["id"][:12] == second["id"][:12]:
                    body = {"action": "merge", "cells": [first["id"], second["id"]], "revision": revision}
                    request = urllib.request.Request(f"{base}/api/v1/edits", json.dumps(body).encode(), own)  # noqa: S310 - loopback
                    try:
                        with opener.open(request, timeout=60) as answer:
                            statuses.append(answer.status)
                    except urllib.error.HTTPError as refusal:
                        statuses.append(refusal.code)
                        refusal.close()
                    if 200 in statuses:
                        break
            if 200 in statuses:
                break
        assert 200 in statuses
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    with open_project(tiny_project) as project:
        assert "NEW1" in set(project.read("places")["place_id"])
        assert project.read("history")["action"].tolist()[-2:] == ["load places", "merge"]
