"""Experiments, one script each: what to run, which tables and figures come out."""
