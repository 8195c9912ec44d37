"""A small network of digits, which tests of protocols share: learned once, found in the store."""

from __future__ import annotations

#: In this process: others would have to import everything first.
SMALL = ["--limit", "60", "--epochs", "4", "--jobs", "1", "--seed", "5"]
