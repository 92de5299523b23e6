"""Splitting blocks between homes while cells are sought: into household atoms, and from those only the cuts needed."""

from spatial.planning.splitting.atoms import Atoms, Houses, atomised, splittable
from spatial.planning.splitting.children import split_stock
from spatial.planning.splitting.reunite import reunited
from spatial.planning.splitting.sharpen import Answer, joined_atoms, sharpened

__all__ = [
    "Answer",
    "Atoms",
    "Houses",
    "atomised",
    "joined_atoms",
    "reunited",
    "sharpened",
    "split_stock",
    "splittable",
]
