"""Figures that anyone can reproduce: `make bench`, or `python -m benchmarks store siting`.

Each module measures one thing beside its peer in the same run and the same process, warm, and prints CPU seconds.
Ratios travel from machine to machine; absolute seconds do not.
"""
