"""Partition: blocks of a village into contiguous, compact, balanced cells."""

from spatial.partition.graph import Graph, make_graph
from spatial.partition.search import Effort, divide
from spatial.partition.village import Division, divide_village

__all__ = ["Division", "Effort", "Graph", "divide", "divide_village", "make_graph"]
