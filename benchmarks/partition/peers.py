"""The other partitioners, each used as a careful user would: part by part, with shares of cells by households.

Every peer takes a task (the graph of one connected part, its homes, its cells) and a seed, and gives a label per block.
A peer that cannot be imported is left out of the race, and the table says so.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.planning.demand.sizing import sainte_lague
from spatial.planning.partition.graph import subgraph

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.partition.instances import Instance
    from spatial.planning.partition import Graph

    Labels = NDArray[np.int64]

__all__ = ["PACKAGES", "PEERS", "Task", "parts_of"]


@dataclass(frozen=True)
class Task:
    """One connected part of an instance: which of its blocks, their graph, polygons, and the block of each home."""

    units: Labels
    graph: Graph
    cells: int
    faces: NDArray[np.object_]
    homes: NDArray[np.float64]
    block_of_home: Labels


def parts_of(instance: Instance) -> list[Task]:
    """Split an instance into its connected parts and share its cells out among them, at least one each."""
    graph = instance.graph
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    open_ = graph.open_
    links = coo_array((open_[open_], (source[open_], graph.adjacent[open_])), (graph.size, graph.size))
    _, part = connected_components(links, directed=False)
    shares = sainte_lague(np.bincount(part, graph.weight), instance.cells)
    tasks = []
    for number, cells in enumerate(shares):
        units = np.flatnonzero(part == number)
        place = np.full(graph.size, -1)
        place[units] = np.arange(len(units))
        here = place[instance.block_of_home]
        homes, block = _weighted(instance, here)
        tasks.append(Task(units, _opened(subgraph(graph, units)), int(cells), instance.faces[units], homes, block))
    return tasks


def _weighted(instance: Instance, here: Labels) -> tuple[NDArray[np.float64], Labels]:
    """Repeat a home for each of its households."""
    kept = here >= 0
    times = instance.households[kept]
    return np.repeat(instance.homes[kept], times, axis=0), np.repeat(here[kept], times)


def _opened(graph: Graph) -> Graph:
    """Leave out borders that no cell may cross: peers know none."""
    source = np.repeat(np.arange(graph.size), np.diff(graph.start))
    start = np.concatenate([[0], np.cumsum(np.bincount(source[graph.open_], minlength=graph.size))])
    kept = {name: getattr(graph, name)[graph.open_] for name in ("adjacent", "length", "cost", "open_")}
    return replace(graph, start=start, **kept)


def _metis(task: Task, seed: int, *, barriers: bool = False) -> Labels:
    import pymetis

    graph, most = task.graph, 0.8 if barriers else 0.0
    edges = np.maximum(np.round(graph.length - most * (graph.length - graph.cost)), 1).astype(np.int64)
    csr = pymetis.CSRAdjacency(graph.start, graph.adjacent)
    options = pymetis.Options(contig=1, seed=seed, ufactor=1)
    weights = graph.weight.astype(np.int64)
    cuts = pymetis.part_graph(task.cells, csr, vweights=weights, eweights=edges, options=options, recursive=False)
    return np.asarray(cuts[1], np.int64)


def _kahip(task: Task, seed: int, *, mode: int) -> Labels:
    import kahip

    graph = task.graph
    weights, edges = graph.weight.astype(int).tolist(), np.maximum(np.round(graph.length), 1).astype(int).tolist()
    _, label = kahip.kaffpa(
        weights, graph.start.tolist(), edges, graph.adjacent.tolist(), task.cells, 0.01, True, seed, mode
    )
    return np.asarray(label, np.int64)


def _gerrychain(task: Task, seed: int) -> Labels:
    """Draw a plan by recursive spanning trees at the tightest bound that works, as ReCom starts."""
    import networkx as nx
    from gerrychain import Graph as Chain
    from gerrychain.tree import bipartition_tree, recursive_tree_part

    graph, source = task.graph, np.repeat(np.arange(task.graph.size), np.diff(task.graph.start))
    random.seed(seed)
    net = nx.Graph()
    net.add_nodes_from((i, {"pop": int(load)}) for i, load in enumerate(graph.weight))
    net.add_edges_from(zip(source.tolist(), graph.adjacent.tolist(), strict=True))
    ideal = float(graph.weight.sum()) / task.cells
    for bound in (0.01, 0.03, 0.1, 0.3):
        try:
            found = recursive_tree_part(
                Chain.from_networkx(net), list(range(task.cells)), ideal, "pop", bound, 1,
                partial(bipartition_tree, max_attempts=100),
            )  # fmt: skip
        except Exception:  # noqa: BLE001, S112 -- it gives up with errors of many kinds; the next bound is wider
            continue
        return np.array([found[i] for i in range(graph.size)], np.int64)
    raise RuntimeError("no plan within 30 %")


def _spopt(task: Task, seed: int, *, method: str) -> Labels:
    import geopandas as gpd
    from libpysal.weights import W
    from spopt import region

    graph = task.graph
    np.random.seed(seed)  # noqa: NPY002 -- spopt draws from the global state
    near = {i: graph.adjacent[graph.start[i] : graph.start[i + 1]].tolist() for i in range(graph.size)}
    frame = gpd.GeoDataFrame(
        {"x": graph.xy[:, 0], "y": graph.xy[:, 1], "load": graph.weight}, geometry=list(task.faces)
    )
    weights = W(near, silence_warnings=True)
    if method == "skater":
        least = max(2, int(0.4 * graph.size / task.cells))
        model = region.Skater(frame, weights, ["x", "y"], n_clusters=task.cells, floor=least, islands="ignore")
    else:
        least = 0.9 * float(graph.weight.sum()) / task.cells
        model = region.MaxPHeuristic(
            frame, weights, ["x", "y"], "load", least, top_n=2, max_iterations_construction=10, max_iterations_sa=3
        )
    model.solve()
    return np.asarray(model.labels_, np.int64)


def _kmeans(task: Task, seed: int) -> Labels:
    """Cluster homes into equal cells; a block goes with most of its homes, one without to the nearest centre."""
    from k_means_constrained import KMeansConstrained

    count, cells = len(task.homes), task.cells
    model = KMeansConstrained(
        cells, size_min=count // cells, size_max=-(-count // cells), n_init=1, max_iter=20, random_state=seed
    )
    home = model.fit_predict(task.homes)
    votes = np.zeros((task.graph.size, cells))
    np.add.at(votes, (task.block_of_home, home), 1.0)
    away = ((task.graph.xy[:, None] - model.cluster_centers_[None]) ** 2).sum(axis=2)
    return np.where(votes.sum(axis=1) > 0, votes.argmax(axis=1), away.argmin(axis=1)).astype(np.int64)


PEERS: dict[str, tuple[str, Callable[[Task, int], Labels]]] = {
    "METIS": ("pymetis", _metis),
    "METIS, barriers": ("pymetis", partial(_metis, barriers=True)),
    "KaHIP eco": ("kahip", partial(_kahip, mode=1)),
    "KaHIP strong": ("kahip", partial(_kahip, mode=2)),
    "gerrychain": ("gerrychain.tree", _gerrychain),
    "spopt Skater": ("spopt.region", partial(_spopt, method="skater")),
    "spopt MaxP": ("spopt.region", partial(_spopt, method="maxp")),
    "k-means-constrained": ("k_means_constrained", _kmeans),
}
"""Name → the module it needs, and how it is called."""
PACKAGES = {
    "pymetis": "pymetis", "kahip": "kahip", "gerrychain": "gerrychain", "spopt": "spopt",
    "k_means_constrained": "k-means-constrained",
}  # fmt: skip
"""Module → the name of its package on PyPI."""
