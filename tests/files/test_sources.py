"""The code that a result has run through is known in full, and by what it does."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from brian2 import ms

import cortical_bcpnn
from cortical_bcpnn import Phase, store
from cortical_bcpnn.files.sources import Sources, without_comments
from cortical_bcpnn.sweeps import run as sweep_run

PACKAGE = Path(cortical_bcpnn.__file__).parent
START = "cortical_bcpnn.network"


@pytest.fixture
def package(tmp_path) -> Path:
    """A copy of the package to change."""
    return shutil.copytree(
        PACKAGE, tmp_path / "cortical_bcpnn", ignore=shutil.ignore_patterns("__pycache__")
    )


def checksum(package: Path) -> str:
    return Sources(package).checksum([START], store._BESIDE)


def test_code_is_known_by_what_it_does():
    """Comments may change, statements may not."""
    code = '"""Text."""\ndef f(x):\n    """Text."""\n    return 2 * x  # twice\n'
    assert without_comments(code) == without_comments("def f(x): return (2 * x)")
    assert without_comments(code) != without_comments("def f(x): return 3 * x")


def test_the_store_knows_the_package_by_its_code(package):
    assert checksum(package) == store.code_version()


def test_a_change_of_any_module_on_the_way_is_seen(package):
    """And of any header or template; of comments, and of what only recalls, not."""
    reached = Sources(package).reached([START], store._BESIDE)
    files = [package.parent / f"{name.replace('.', '/')}.py" for name in reached]
    files = [file if file.exists() else file.with_suffix("") / "__init__.py" for file in files]
    others = [*package.rglob("*.h"), *package.rglob("templates/*.cpp")]
    assert len(files) > 20 and len(others) >= 3
    before, seen = checksum(package), set()
    for file in (*files, *others):
        text = file.read_text()
        file.write_text(f"{text}\nCHANGED = 1\n")
        seen.add(checksum(package))
        file.write_text(text)
    assert before not in seen and len(seen) == len(files) + len(others)
    (package / "network.py").write_text((package / "network.py").read_text() + "\n# text\n")
    (package / "recall.py").write_text((package / "recall.py").read_text() + "\nCHANGED = 1\n")
    assert checksum(package) == before


def test_all_that_learning_imports_is_reached(patterns, make_memory, numpy_target):
    """Of the package's modules that functions called by learning lie in, none is left out."""
    called = set()

    def look(frame, event, argument):
        called.add(frame.f_globals.get("__name__", ""))

    memory = make_memory(device="runtime", rewire_every=2)
    sys.setprofile(look)
    try:
        memory.learn(patterns[:2], protocol=[Phase(2 * ms, ("INP",), {"feedforward": 1.0})])
    finally:
        sys.setprofile(None)
    own = {name for name in called if name.startswith("cortical_bcpnn.")}
    expected = ("learning", "learned.rewiring", "model.parameters", "circuits.circuit")
    assert {f"cortical_bcpnn.{name}" for name in expected} <= own
    assert own - set(store._BESIDE) <= Sources(PACKAGE).reached([START], store._BESIDE)


def test_modules_that_are_moved_or_added_are_followed(package):
    """Wherever and however they are imported."""
    before = checksum(package)
    shutil.move(package / "learned" / "rewiring.py", package / "learned" / "moved.py")
    with pytest.raises(ImportError, match="there is no module cortical_bcpnn.learned.rewiring"):
        Sources(package).reached(["cortical_bcpnn.learned.rewiring"])
    for file in package.rglob("*.py"):
        file.write_text(file.read_text().replace("rewiring import", "moved import"))
    assert "cortical_bcpnn.learned.moved" in Sources(package).reached([START])
    (package / "added.py").write_text("VALUE = 1\n")
    patterns = package / "data" / "patterns.py"
    patterns.write_text(patterns.read_text() + "\ndef f():\n    from .. import added\n")
    after = checksum(package)
    (package / "added.py").write_text("VALUE = 2\n")
    assert len({before, after, checksum(package)}) == 3


@pytest.mark.parametrize(
    "line, names",
    [
        ("import one.two", {"one.two"}),
        ("import one.two as x, other.far", {"one.two"}),
        ("from . import two", {"one.two"}),
        ("from .two import f", {"one.two"}),
        ("from one import two", {"one.two"}),
        ("from one import f", {"one"}),
        ("from .inner import deep", {"one.inner.deep"}),
        ("from .inner.deep import f", {"one.inner.deep"}),
        ("from .inner import f", {"one.inner", "one.two"}),
        ("if TYPE_CHECKING:\n    import one.two\nelse:\n    import one.inner.deep", {"one.inner.deep"}),
        ("def f():\n    try:\n        from .two import f\n    except OSError: ...", {"one.two"}),
        ("import numpy, os.path\nfrom numpy import array", set()),
    ],
)
def test_imports_of_every_kind_are_seen(tmp_path, line, names):
    inner = tmp_path / "one" / "inner"
    inner.mkdir(parents=True)
    for name in ("__init__", "two", "inner/deep"):
        (tmp_path / "one" / f"{name}.py").touch()
    (inner / "__init__.py").write_text("from ..two import f")
    (tmp_path / "one" / "start.py").write_text(line)
    assert Sources(tmp_path / "one").reached(["one.start"]) == {"one.start", *names}


def test_files_that_change_later_are_not_those_that_run(package):
    sources = Sources(package)
    before = sources.checksum([START])
    (package / "network.py").write_text("CHANGED = 1\n")
    assert sources.checksum([START]) == before != Sources(package).checksum([START])


def test_sweeps_know_their_own_modules_and_the_package():
    reached = sweep_run._SOURCES.reached(["cortical_bcpnn.sweeps.run"])
    assert {f"cortical_bcpnn.{n}" for n in ("sweeps.measures", "sweeps.parameters", "recall", "learning")
            } <= reached  # fmt: skip
    assert sweep_run.code_version() != store.code_version()
