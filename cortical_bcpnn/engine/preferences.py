"""Brian2's preferences, as far as what is computed depends on them."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from brian2 import prefs, synapses

# Brian2 adds it to the user's preference when it tries whether Cython works.
_ADDED = str(Path(synapses.__file__).parent)
INCLUDE_DIRS = "codegen.cpp.include_dirs"


def include_dirs() -> list[str]:
    """Folders with headers that the preferences name, but for what Brian2 has added itself."""
    return [folder for folder in prefs[INCLUDE_DIRS] if folder != _ADDED]


def preferences_key() -> str:
    """Checksum of all preferences but those of the log, wherever Python is installed."""
    values = {name: repr(prefs[name]) for name in sorted(prefs) if not name.startswith("logging.")}
    values[INCLUDE_DIRS] = repr(include_dirs())
    text = json.dumps(values).replace(sys.prefix, "")
    return hashlib.sha256(text.encode()).hexdigest()[:16]
