"""A plan carried over to other villages: what changed, whose ground, which codes."""

from spatial.planning.carry.carried import Carried, carry_plan

__all__ = ["Carried", "carry_plan"]
