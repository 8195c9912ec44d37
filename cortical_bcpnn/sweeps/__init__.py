"""Grids of parameters and searches in them, computed side by side."""
