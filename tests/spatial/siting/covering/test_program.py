"""The solver beside the other one: both bring a library of the same name, and only one version of it can be loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

FLOW = """
from ortools.graph.python import min_cost_flow
flow = min_cost_flow.SimpleMinCostFlow()
flow.add_arcs_with_capacity_and_unit_cost([0], [1], [3], [2])
flow.set_nodes_supplies([0, 1], [2, -2])
assert flow.solve() == flow.OPTIMAL
assert flow.optimal_cost() == 4
"""
PROOF = """
from scipy.sparse import csr_array
from spatial.siting import maximal_cover
assert maximal_cover(csr_array([[1, 1, 0], [0, 1, 1], [0, 0, 1]]), [3, 2, 3], 1, prove=True).covered == 5
import highspy
assert highspy.Highs().version()
"""


@pytest.mark.parametrize("both", [(FLOW, PROOF), (PROOF, FLOW)], ids=["people first", "sites first"])
def test_people_are_assigned_and_sites_proven_in_one_process(both):
    done = subprocess.run([sys.executable, "-c", "".join(both)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
