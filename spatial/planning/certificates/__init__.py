"""Certificates of villages over tolerance: what forces it, proven, and what would help."""

from spatial.planning.certificates.cases import Case, Trial
from spatial.planning.certificates.reasons import certificate, likely_cells

__all__ = ["Case", "Trial", "certificate", "likely_cells"]
