"""Reads address 0: the kernel dies (85)."""

GROUP = "resources"
CATALOGUE = (85,)
NEIGHBOUR = False  # it is ended as a whole
CODE = """
import ctypes

ctypes.string_at(0)
"""
