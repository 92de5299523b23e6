"""Refusals keep both languages wherever they go."""

from __future__ import annotations

import pickle

from spatial.errors import InfeasibleError


def test_a_refusal_crosses_processes_with_both_languages() -> None:
    error = pickle.loads(pickle.dumps(InfeasibleError("太少", "too few")))  # noqa: S301 -- our own bytes
    assert (type(error), error.zh, error.en) == (InfeasibleError, "太少", "too few")
