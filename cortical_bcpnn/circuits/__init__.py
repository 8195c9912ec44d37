"""Equations put together, checked, and made into Brian2 objects."""
