"""What made a result is said in full, and without folders of the machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import brian2
import numpy as np
import pytest

from cortical_bcpnn import provenance as module
from cortical_bcpnn.files.checksums import checksum
from cortical_bcpnn.provenance import command, now, provenance, versions
from cortical_bcpnn.version import __version__


@pytest.fixture
def no_memory():
    """Nothing is remembered from before, nor afterwards."""
    for function in (module.commit, module.processor):
        function.cache_clear()
    yield
    for function in (module.commit, module.processor):
        function.cache_clear()


def test_all_is_said_and_is_plain():
    said = provenance(["--seed", "3"])
    assert said.keys() == {"command", "commit", "date", "versions", "compiler", "processor"}
    assert json.loads(json.dumps(said)) == said
    assert said["command"].endswith(" --seed 3")
    assert said["processor"]


def test_versions_are_those_that_are_installed():
    found = versions()
    assert found["cortical_bcpnn"] == __version__
    assert found["brian2"] == brian2.__version__ and found["numpy"] == np.__version__
    assert {"python", "h5py", "pandas", "scikit-learn"} <= found.keys()


def test_a_package_that_is_not_there_is_left_out(monkeypatch):
    monkeypatch.setattr(module, "_PACKAGES", ("numpy", "no-such-package"))
    assert versions().keys() == {"cortical_bcpnn", "python", "numpy"}


@pytest.mark.parametrize(
    "arguments, kept",
    [
        (["--seed", "3"], "--seed 3"),
        (["--out", "/home/me/results", "--seed", "3"], "--seed 3"),
        (["--out=/home/me/results", "--seed=3"], "--seed=3"),
        (["learn", "--data-dir", "/data", "--epochs", "5", "--json", "/home/me/x"], "learn --epochs 5"),
        (["--checkpoints=/a b", "--resume", "/x", "--store", "/y"], ""),
        (["--out"], ""),
        ([], ""),
    ],
)
def test_the_command_is_said_without_folders(arguments, kept):
    assert command(arguments, "python -m this") == f"python -m this {kept}".strip()


def test_modules_are_named_as_they_are_run(tmp_path):
    """Not by the path of their file."""
    (tmp_path / "said.py").write_text(
        "from cortical_bcpnn.provenance import command\nprint(command())\n"
    )
    result = subprocess.run(
        [sys.executable, "-m", "said", "--out", "/home/me", "--fast"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (result.stdout, result.returncode) == ("python -m said --fast\n", 0), result.stderr


def test_scripts_are_named_without_their_folder(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.setattr(sys, "argv", ["/home/me/script.py", "--fast"])
    assert command() == "python script.py --fast"


def test_dates_are_in_utc_to_the_second():
    found = datetime.fromisoformat(now())
    assert found.utcoffset() == timedelta(0) and found.microsecond == 0
    assert abs(datetime.now(timezone.utc) - found) < timedelta(minutes=1)


# --- Commit ------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, monkeypatch, no_memory):
    """The code in a git checkout of its own, committed."""
    if shutil.which("git") is None:
        pytest.skip("git is missing")
    code = tmp_path / "cortical_bcpnn" / "provenance.py"
    code.parent.mkdir()
    code.write_text("# code\n")
    for arguments in (
        ["init", "-q"], ["add", "."],
        ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "Begin"],
    ):  # fmt: skip
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setattr(module, "__file__", str(code))
    return code


def test_the_commit_is_that_of_the_code(checkout):
    assert re.fullmatch(r"[0-9a-f]{12}", module.commit())


def test_changed_code_is_marked(checkout):
    checkout.write_text("# changed\n")
    assert re.fullmatch(r"[0-9a-f]{12}-dirty", module.commit())


def test_outside_git_there_is_no_commit(tmp_path, monkeypatch, no_memory):
    monkeypatch.setattr(module, "__file__", str(tmp_path / "provenance.py"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert module.commit() is None


def test_a_repository_around_an_installed_package_is_not_named(checkout, tmp_path, monkeypatch):
    """Somebody's own, with the package in a virtual environment that it ignores."""
    installed = tmp_path / "venv" / "cortical_bcpnn" / "provenance.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("# code\n")
    monkeypatch.setattr(module, "__file__", str(installed))
    assert module.commit() is None


def test_the_repository_of_a_hook_is_not_named(checkout, tmp_path, monkeypatch):
    """Git tells hooks theirs by variables."""
    expected = module.commit()
    module.commit.cache_clear()
    subprocess.run(["git", "init", "-q", tmp_path / "other"], check=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert module.commit() == expected is not None


def test_the_commit_of_another_checkout(checkout, tmp_path):
    """Where its package is in git; a folder beside the code is none."""
    assert module.commit(tmp_path) is None
    (tmp_path / "cortical_bcpnn" / "__init__.py").write_text("")
    module.commit.cache_clear()
    assert module.commit(tmp_path) is None
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    module.commit.cache_clear()
    assert module.commit(tmp_path) == f"{module.commit().removesuffix('-dirty')}-dirty"


def test_without_git_there_is_no_commit(monkeypatch, no_memory):
    monkeypatch.setenv("PATH", "")
    assert module.commit() is None


# --- Machine -----------------------------------------------------------------------------


def test_without_a_compiler_none_is_named(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert module.provenance()["compiler"] is None


def test_a_machine_that_does_not_tell_its_processor_has_an_architecture(monkeypatch, no_memory):
    def fail(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", fail)
    assert module.processor()


# --- Checksums of arrays -----------------------------------------------------------------


def test_checksums_know_values_types_and_shapes():
    arrays = [
        np.zeros((2, 3)), np.zeros((3, 2)), np.zeros(6), np.zeros((2, 3), np.float32),
        np.zeros((2, 3), np.int64), np.ones((2, 3)), -np.zeros((2, 3)), np.zeros((0, 3)),
        np.zeros((3, 0)), np.float64(0), np.zeros((2, 3), ">f8"),
    ]  # fmt: skip
    assert len({checksum(array) for array in arrays}) == len(arrays)


def test_checksums_do_not_know_how_arrays_lie_in_memory():
    array = np.random.default_rng(0).random((4, 6))
    assert checksum(np.asfortranarray(array)) == checksum(array)
    assert checksum(np.repeat(array, 2, axis=0)[::2]) == checksum(array)
    assert checksum(array[::-1]) != checksum(array)
