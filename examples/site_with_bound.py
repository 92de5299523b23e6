"""下一批摄像机装在哪里，离最优有多远 · Where the next cameras go, and how far from the best that is.

    python examples/site_with_bound.py OUT

写出 sites.geojson · writes sites.geojson
"""

from __future__ import annotations

import sys
from pathlib import Path

from data.boundaries import county
from spatial import CoverageOptions, MetreDoor, SiteOptions, cover, measuring_crs, sample_county, site_cameras


def main(folder: str) -> None:
    """Propose ten cameras in two phases; the bound says what no ten cameras could exceed."""
    tiny = county("tiny")
    door = MetreDoor(measuring_crs(*tiny.outline.union_all().centroid.coords[0]))
    layers = sample_county(
        door.forward(tiny.outline), tiny.towns, tiny.villages, households=tiny.households, cells=25, cameras=140
    ).frames
    given = {
        name: layers[name] for name in ("villages", "buildings", "barriers", "hamlets", "places", "homes", "zones")
    }

    today = cover(layers["cameras"], **given, options=CoverageOptions(resolution=1))
    siting = site_cameras(today, poles=layers["poles"], options=SiteOptions(cameras=10, phases=2, prove=True))

    figures = siting.figures
    print(f"demand covered {figures['covered_share_before']:.2%} -> {figures['covered_share_after']:.2%}, "
          f"no ten cameras can exceed {figures['bound']:.2%} (gap {figures['optimality_gap']:.2%})")  # fmt: skip
    print(siting.sites.drop(columns=["run", "geometry"]).to_string(index=False))
    door.back(siting.sites).to_file(Path(folder) / "sites.geojson", driver="GeoJSON")


if __name__ == "__main__":
    main(sys.argv[1])
