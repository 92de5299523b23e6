"""Geometry and arithmetic of grids and cameras: frames in, frames out, metres throughout.

No file, clock, database, web page or global random number is touched in here.
"""
