"""Nothing on a page comes from elsewhere: what is vendored is pinned, and Folium points to it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import folium
import folium.plugins
import pytest
from folium.elements import JSCSSMixin

from web import STATIC, assets
from web.pages import DESK_SCRIPTS
from web.static.rebuild import PACKAGES, VENDOR, without_addresses

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = json.loads((VENDOR / "VERSIONS.json").read_text(encoding="utf-8"))
COMPARE = {package.name for package in PACKAGES if package.compares_addresses}
FILES = sorted(path for path in STATIC.rglob("*") if path.suffix in {".js", ".css"})


def below(kind: type) -> list[type]:
    return [kind, *(further for one in kind.__subclasses__() for further in below(one))]


def test_vendored_files_are_the_pinned_ones() -> None:
    assert {name: entry["version"] for name, entry in VERSIONS.items()} == {one.name: one.version for one in PACKAGES}
    there = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} - {"VERSIONS.json"}
    sums = {f"{name}/{file}": value for name, entry in VERSIONS.items() for file, value in entry["sha256"].items()}
    assert there == set(sums)
    for file, value in sums.items():
        assert hashlib.sha256((VENDOR / file).read_bytes()).hexdigest() == value, file


@pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one.name)
def test_every_library_brings_its_licence(package: object) -> None:
    text = (VENDOR / package.name / "LICENSE").read_text(encoding="utf-8")
    assert "copyright" in text.lower()
    assert package.licence in {"BSD-2-Clause", "MIT", "Apache-2.0"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_script_or_style_names_a_host(path: Path) -> None:
    addresses = set(re.findall(r"https?://[^\"'\s)]*", path.read_text(encoding="utf-8")))
    if path.parent.name not in COMPARE:  # what its page asks for is watched in a browser
        assert addresses <= {"http://www.w3.org/2000/svg"}
    assert "sourceMappingURL=" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", below(JSCSSMixin), ids=lambda kind: kind.__name__)
def test_folium_loads_nothing_from_elsewhere(kind: type[JSCSSMixin]) -> None:
    for _, address in [*kind.default_js, *kind.default_css]:
        assert address.startswith("/static/")
        assert (STATIC / address.removeprefix("/static/")).is_file()


def test_a_plain_folium_map_with_clusters_has_no_outside_address() -> None:
    chart = folium.Map(tiles=None)
    folium.plugins.MarkerCluster([[41.0, 122.0]]).add_to(chart)
    page = chart.get_root().render()
    assert "leaflet.markercluster.js" in page
    assert not re.search(r"(src|href)=\"(?!/static/)", page)


def test_a_page_in_one_file_has_no_links_left() -> None:
    page = assets.inlined(folium.Map(tiles=None).get_root().render())
    assert "/static/" not in page
    assert "data:image/png;base64," in page
    assert not re.search(r"url\((?!data:|#default)", page)


def test_links_follow_another_mount() -> None:
    page = assets.linked(folium.Map(tiles=None).get_root().render(), "/county/static")
    assert '"/county/static/vendor/leaflet/leaflet.js"' in page
    assert '"/static/' not in page


def test_addresses_are_taken_out_but_namespaces_stay() -> None:
    code = '"http://www.w3.org/2000/svg" <a href="https://example.org">'
    assert without_addresses(code) == '"http://www.w3.org/2000/svg" <a href="example.org">\n'


def test_our_own_scripts_stay_small() -> None:
    sizes = {path.name: path.stat().st_size for path in STATIC.glob("*.js")}
    assert set(sizes) == {
        *assets.MAP_SCRIPTS,
        *(f"{name}.js" for name in (*DESK_SCRIPTS, "history", "compare", "interface")),
    }
    assert max(sizes.values()) < 18_000
