"""What is asked of a plan: which villages, what they hold, how many cells each, what stays."""

from spatial.planning.demand.villages import (
    Hamlets,
    balanced,
    cap_cells,
    hamlet_caps,
    hamlets_whole,
    measured,
    people_in,
    village_weights,
)

__all__ = [
    "Hamlets",
    "balanced",
    "cap_cells",
    "hamlet_caps",
    "hamlets_whole",
    "measured",
    "people_in",
    "village_weights",
]
