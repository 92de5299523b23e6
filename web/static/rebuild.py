"""Rebuild the vendored browser libraries from their npm packages; the versions are pinned here.

Run ``python web/static/rebuild.py`` with npm on the path. Only built files and licences are kept; web addresses in
comments and attribution texts, and pointers to source maps, are taken out, because no page may name a host; only
Swagger UI, which compares addresses with one another, keeps them, and its page may connect to nothing but the service.
VERSIONS.json beside the files says version, licence and the SHA-256 of every file.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PACKAGES", "VENDOR", "Package", "rebuild", "without_addresses", "without_source_maps"]

VENDOR = Path(__file__).resolve().parent / "vendor"


@dataclass(frozen=True)
class Package:
    """One npm package: what is pinned, and which of its files are kept under which names."""

    name: str
    version: str
    licence: str
    files: dict[str, str]
    compares_addresses: bool = False
    """Its code reads and compares web addresses, so they stay in it; nothing is asked of them."""


PACKAGES = (
    Package(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        {
            "dist/leaflet.js": "leaflet.js",
            "dist/leaflet.css": "leaflet.css",
            "dist/images/layers.png": "images/layers.png",
            "dist/images/layers-2x.png": "images/layers-2x.png",
            "dist/images/marker-icon.png": "images/marker-icon.png",
            "dist/images/marker-icon-2x.png": "images/marker-icon-2x.png",
            "dist/images/marker-shadow.png": "images/marker-shadow.png",
            "LICENSE": "LICENSE",
        },
    ),
    Package(
        "leaflet.markercluster",
        "1.5.3",
        "MIT",
        {
            "dist/leaflet.markercluster.js": "leaflet.markercluster.js",
            "dist/MarkerCluster.css": "MarkerCluster.css",
            "MIT-LICENCE.txt": "LICENSE",
        },
    ),
    Package(
        "swagger-ui-dist",
        "5.35.0",
        "Apache-2.0",
        {
            "swagger-ui-bundle.js": "swagger-ui-bundle.js",
            "swagger-ui.css": "swagger-ui.css",
            "LICENSE": "LICENSE",
            "NOTICE": "NOTICE",
        },
        compares_addresses=True,
    ),
)

_SOURCE_MAP = re.compile(r"(//# sourceMappingURL=.*$)|(/\*# sourceMappingURL=.*?\*/)", re.MULTILINE)
_ADDRESS = re.compile(r"https?://(?!www\.w3\.org/)")


def without_addresses(code: str) -> str:
    r"""Take source-map pointers and the scheme of every web address out; XML namespaces stay.

    >>> without_addresses('a; // see https://example.org/x\n//# sourceMappingURL=a.map')
    'a; // see example.org/x\n'
    """
    return _ADDRESS.sub("", without_source_maps(code))


def without_source_maps(code: str) -> str:
    """Take the pointers to source maps out."""
    return _SOURCE_MAP.sub("", code).rstrip() + "\n"


def rebuild(vendor: Path = VENDOR) -> dict[str, object]:
    """Fetch every package by name, keep its files under `vendor`, and write VERSIONS.json."""
    shutil.rmtree(vendor, ignore_errors=True)
    versions: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for package in PACKAGES:
            archive = _pack(package, Path(scratch))
            folder = vendor / package.name
            sums = {name: _keep(archive, source, folder / name, package) for source, name in package.files.items()}
            versions[package.name] = {"version": package.version, "licence": package.licence, "sha256": sums}
    text = json.dumps(versions, indent=1, sort_keys=True)
    (vendor / "VERSIONS.json").write_text(text + "\n", encoding="utf-8")
    return versions


def _pack(package: Package, scratch: Path) -> Path:
    """Let npm fetch the package's archive into `scratch`."""
    npm = shutil.which("npm")
    if npm is None:
        message = "npm is not on the path: install Node.js first"
        raise FileNotFoundError(message)
    wanted = f"{package.name}@{package.version}"
    subprocess.run([npm, "pack", wanted, "--silent"], cwd=scratch, check=True)  # noqa: S603 (pinned name, no shell)
    return scratch / f"{package.name}-{package.version}.tgz"


def _keep(archive: Path, source: str, target: Path, package: Package) -> str:
    """Copy one file of the archive to `target` and give its SHA-256."""
    with tarfile.open(archive) as tar:
        member = tar.extractfile(f"package/{source}")
        if member is None:
            raise FileNotFoundError(source)
        content = member.read()
    if target.suffix in {".js", ".css"}:
        clean = without_source_maps if package.compares_addresses else without_addresses
        content = clean(content.decode("utf-8")).encode("utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    rebuild()
