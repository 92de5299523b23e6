"""Maximal and minimal covering of columns by rows: searches, bounds and proofs."""

from spatial.siting.covering.cover import Cover, maximal_cover, minimal_cover

__all__ = ["Cover", "maximal_cover", "minimal_cover"]
