"""From what a camera list says to sectors that resolve enough: headings, optics, pixel levels."""

from spatial.coverage.optics.sectors import DEFAULTS, SENSORS, Optics, Sectors, optics, pixels_at

__all__ = ["DEFAULTS", "SENSORS", "Optics", "Sectors", "optics", "pixels_at"]
