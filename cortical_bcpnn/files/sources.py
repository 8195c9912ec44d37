"""What code a result has run through: modules reached by imports, headers and templates."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

_COMPILED = (".c", ".cpp", ".h", ".hpp", ".pyx")


class Sources:
    """Source files of packages, as they are when this is made: by a module, when it is imported.

    Files that are changed later are not those that run.

    Parameters
    ----------
    *folders : Path
        Of the packages, whose names they bear.
    """

    def __init__(self, *folders: Path) -> None:
        self._modules: dict[str, tuple[bool, bytes]] = {}  # is it a package, and its text
        self._compiled: dict[str, bytes] = {}
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                parts = path.relative_to(folder.parent).with_suffix("").parts
                if path.suffix == ".py":
                    package = parts[-1] == "__init__"
                    name = ".".join(parts[:-1] if package else parts)
                    self._modules[name] = package, path.read_bytes()
                elif path.suffix in _COMPILED:
                    self._compiled[str(path.relative_to(folder.parent))] = path.read_bytes()

    def reached(self, start: Iterable[str], beside: Collection[str] = ()) -> set[str]:
        """Names of modules and of all that they import from these packages, wherever they do it.

        Packages count where a name of theirs is imported, not where a module in them is.

        Parameters
        ----------
        start : iterable of str
        beside : collection of str
            Modules that do not count, nor what only they import.

        Raises
        ------
        ImportError
            If a module is missing.
        """
        found: set[str] = set()
        waiting = list(start)
        while waiting:
            name = waiting.pop()
            if name in found or name in beside:
                continue
            if name not in self._modules:
                raise ImportError(f"there is no module {name}: name one that is there.")
            found.add(name)
            waiting.extend(self._imports(name))
        return found

    def checksum(self, start: Iterable[str], beside: Collection[str] = ()) -> str:
        """Checksum of what is `reached`, without comments and docstrings, and of what is compiled."""
        names = self.reached(start, beside)
        texts = {name: _parsed(self._modules[name][1])[0] for name in names}
        digest = hashlib.sha256()
        for name, content in sorted({**texts, **self._compiled}.items()):
            digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
        return digest.hexdigest()[:16]

    def _imports(self, name: str) -> Iterator[str]:
        """Modules of these packages that a module imports."""
        package, text = self._modules[name]
        packages = {known.partition(".")[0] for known in self._modules}
        parts = name.split(".")
        for level, module, imported in _parsed(text)[1]:
            above = parts[: len(parts) - level + package] if level else []
            base = ".".join([*above, *filter(None, [module])])
            if base.partition(".")[0] in packages:
                for each in (f"{base}.{other}" for other in imported):
                    yield each if each in self._modules else base
                if not imported:
                    yield base


@cache
def _parsed(source: bytes) -> tuple[bytes, list[tuple[int, str | None, list[str]]]]:
    """What a module does, and its imports: dots, module, and names from it."""
    imports: list[tuple[int, str | None, list[str]]] = []
    for node in _executed(ast.parse(source)):
        if isinstance(node, ast.Import):
            imports += [(0, alias.name, []) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports.append((node.level, node.module, [alias.name for alias in node.names]))
    return without_comments(source), imports


def without_comments(source: bytes | str) -> bytes:
    """What a module does, apart from comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            if isinstance(body[0].value, ast.Constant):
                del body[0]
    return ast.dump(tree).encode()


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """All parts of a tree that are not for type checkers only."""
    yield node
    for child in ast.iter_child_nodes(node):
        test = getattr(child, "test", None)
        name = getattr(test, "id", getattr(test, "attr", None))
        if isinstance(child, ast.If) and name == "TYPE_CHECKING":
            for other in child.orelse:
                yield from _executed(other)
        else:
            yield from _executed(child)
