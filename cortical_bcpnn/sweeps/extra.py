"""What sweeps and searches need beside the package itself."""

from __future__ import annotations


def missing_extra(error: ModuleNotFoundError) -> SystemExit:
    """What to end a protocol with when a module of the extra 'sweep' is missing."""
    return SystemExit(
        f"error: {error.name} is missing, which sweeps need: install the extra 'sweep', "
        "pip install -e '.[sweep]'."
    )
