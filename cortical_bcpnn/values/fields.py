"""Types of fields that are given in one form and held in another, for type checkers and readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:

    class Named(Generic[T]):
        """A field that may be given by name, and holds what is named."""

        def __get__(self, holder: object, kind: type | None = None) -> T: ...
        def __set__(self, holder: object, value: T | str | None) -> None: ...

    class ByName(Generic[T]):
        """A field that may be given by name, and to some by their names; it holds that of the others."""

        def __get__(self, holder: object, kind: type | None = None) -> T: ...
        def __set__(self, holder: object, value: T | str | Mapping[str, T | str] | None) -> None: ...

    class FilledIn(Generic[T]):
        """A field that may be left out, and is filled in before anyone reads it."""

        def __get__(self, holder: object, kind: type | None = None) -> T: ...
        def __set__(self, holder: object, value: T | None) -> None: ...

else:
    Named, FilledIn = T | str | None, T | None
    ByName = T | str | Mapping[str, T | str] | None


def default(value: Any) -> Any:
    """The default of such a field, in the form in which it is given."""
    return value
