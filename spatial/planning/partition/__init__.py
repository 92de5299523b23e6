"""Partition: blocks of a village into contiguous, compact, balanced cells."""

from spatial.planning.partition.graph import Graph, make_graph
from spatial.planning.partition.search import Effort, Weights, divide
from spatial.planning.partition.village import Division, divide_village

__all__ = ["Division", "Effort", "Graph", "Weights", "divide", "divide_village", "make_graph"]
