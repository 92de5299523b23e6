"""Sight in the plane: what eyes see past buildings, over low ones and behind hills, as exact polygons."""
