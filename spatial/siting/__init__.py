"""Where the next cameras go: maximal and minimal covering with bounds, and the sites of a county."""

from __future__ import annotations

from spatial.siting.covering import Cover, maximal_cover, minimal_cover
from spatial.siting.options import SiteOptions
from spatial.siting.site import Siting, site_cameras

__all__ = ["Cover", "SiteOptions", "Siting", "maximal_cover", "minimal_cover", "site_cameras"]
