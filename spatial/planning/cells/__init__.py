"""Cells from blocks: their shapes and sums, their codes, and the frames of a plan."""

from spatial.planning.cells.derived import SUMS, cells_from, compactness, deviation_shares, unite

__all__ = ["SUMS", "cells_from", "compactness", "deviation_shares", "unite"]
