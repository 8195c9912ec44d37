"""What has a name: objects of a user's modules, and the experiments under ``protocols/``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .experiment import Experiment


def imported(what: str, name: str, form: str) -> Any:
    """An object of a module of one's own, by ``MODULE:OBJECT``.

    Parameters
    ----------
    what : str
        What it is to be, for the error.
    name, form : str
        As it was given, and as it is to be given.

    Raises
    ------
    ValueError
        If it cannot be imported.
    """
    module, _, given = name.partition(":")
    try:
        return getattr(import_module(module), given)
    except Exception as error:  # noqa: BLE001 (a module may raise anything)
        raise ValueError(
            f"{what} {name} cannot be imported ({type(error).__name__}: {error}): give {form}, of a "
            "module that Python finds from here."
        ) from None


def experiment_named(name: str) -> Experiment:
    """The experiment of a protocol."""
    return getattr(import_module(f"protocols.{name}"), name)
