"""The view of every camera, the list of cameras as an inventory, and who sees a point."""

from spatial.coverage.views.cameras import Views, camera_views

__all__ = ["Views", "camera_views"]
