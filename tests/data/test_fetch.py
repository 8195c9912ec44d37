"""Fetching data sets: from a server on this machine, and without a connection."""

from __future__ import annotations

import functools
import hashlib
import http.server
import re
import shutil
import threading
from pathlib import Path

import pytest

from cortical_bcpnn.__main__ import main
from cortical_bcpnn.data import fetch as module
from cortical_bcpnn.data.datasets import DATASETS, load
from cortical_bcpnn.data.idx import FILES


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A web server with four small files, taken for the source of MNIST."""
    served = tmp_path / "served"
    served.mkdir()
    sums = []
    for file in FILES.values():
        (served / f"{file}.gz").write_bytes(file.encode())
        sums.append(hashlib.md5(file.encode()).hexdigest())
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=served)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        source = module.Source(f"http://127.0.0.1:{running.server_port}/", tuple(sums))
        monkeypatch.setitem(module.SOURCES, "mnist", source)
        monkeypatch.setattr(module, "folder", lambda name: tmp_path / "cache" / name)
        yield served
        running.shutdown()


def test_files_are_fetched_once(server, capsys):
    main(["fetch", "mnist"])
    fetched = module.folder("mnist")
    assert sorted(p.name for p in fetched.iterdir()) == sorted(f"{f}.gz" for f in FILES.values())
    assert str(fetched) in capsys.readouterr().out
    for file in server.iterdir():
        file.unlink()
    assert module.fetch("mnist") == fetched  # from the cache: the server has nothing any more


def test_file_that_is_not_what_it_should_be(server):
    next(server.iterdir()).write_bytes(b"something else")
    with pytest.raises(ValueError, match="does not match"):
        module.fetch("mnist")


@pytest.mark.parametrize("kind", ["gztar", "zip"])
def test_archives_are_unpacked_and_their_folder_is_found(server, monkeypatch, tmp_path, kind):
    inner = tmp_path / "packed" / "cifar-10-batches-bin"
    inner.mkdir(parents=True)
    for batch in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]:
        (inner / f"{batch}.bin").write_bytes(bytes(3073))
    archive = Path(shutil.make_archive(str(server / "cifar"), kind, inner.parent))
    checksum = hashlib.md5(archive.read_bytes()).hexdigest()
    address = module.SOURCES["mnist"].address
    source = module.Source(address, (checksum,), (archive.name,), "?download=1", unpacked=True)
    monkeypatch.setitem(module.SOURCES, "cifar-10", source)
    monkeypatch.delenv("CORTICAL_BCPNN_DATA", raising=False)
    with pytest.raises(ValueError, match="'cifar-10' needs its files: .*python -m .* fetch cifar-10'"):
        load("cifar-10")
    module.fetch("cifar-10")
    assert load("cifar-10").train_images.shape == (5, 32, 32, 3)


def test_every_source_is_of_a_data_set_and_has_a_checksum_for_each_file():
    for name, source in module.SOURCES.items():
        assert [found for found in DATASETS if found.startswith(name)]
        assert len(source.files) == len(source.checksums) == len(set(source.checksums))
        assert all(re.fullmatch("[0-9a-f]{32}", checksum) for checksum in source.checksums)


def test_without_a_connection(server, monkeypatch):
    checksums = module.SOURCES["mnist"].checksums
    # Nothing listens on port 9 of this machine.
    monkeypatch.setitem(module.SOURCES, "mnist", module.Source("http://127.0.0.1:9/", checksums))
    with pytest.raises(SystemExit, match="error: .*cannot be reached.*--data-dir"):
        main(["fetch", "mnist"])


def test_unknown_name():
    with pytest.raises(ValueError, match="'letters' cannot be fetched: choose one of mnist"):
        module.fetch("letters")
