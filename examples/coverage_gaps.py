"""摄像机看得见什么，盲区在哪里 · What the cameras see, and where the blind areas are.

    python examples/coverage_gaps.py OUT

写出 views.geojson、gaps.geojson · writes views.geojson and gaps.geojson
"""

from __future__ import annotations

import sys
from pathlib import Path

from data.boundaries import county
from spatial import CoverageOptions, MetreDoor, cover, measuring_crs, sample_county


def main(folder: str) -> None:
    """Ask two questions of the same cameras: is anybody there, and who is it."""
    tiny = county("tiny")
    door = MetreDoor(measuring_crs(*tiny.outline.union_all().centroid.coords[0]))
    layers = sample_county(
        door.forward(tiny.outline), tiny.towns, tiny.villages, households=tiny.households, cells=25, cameras=140
    ).frames
    given = {name: layers[name] for name in ("villages", "buildings", "barriers", "hamlets", "places", "homes")}

    for level in ("2014:detect", "2014:observe", "2014:identify"):
        seen = cover(layers["cameras"], **given, options=CoverageOptions(pixels=level, resolution=1))
        figures = seen.figures
        print(f"{figures['pixel_level']:42} {figures['covered_share']:6.1%} of {figures['aoi_m2'] / 1e6:.2f} km2, "
              f"places {figures['places_covered']}/{figures['places']}, {len(seen.gaps)} gaps")  # fmt: skip
        if level == "2014:observe":
            print("assumed:", seen.assumptions)
            print(seen.gaps.groupby(["kind", "reason"]).size().to_string())
            door.back(seen.views).to_file(Path(folder) / "views.geojson", driver="GeoJSON")
            door.back(seen.gaps).to_file(Path(folder) / "gaps.geojson", driver="GeoJSON")


if __name__ == "__main__":
    main(sys.argv[1])
