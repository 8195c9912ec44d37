"""Fetching data sets: from a server on this machine, and without a connection."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading

import pytest

from cortical_bcpnn.__main__ import main
from cortical_bcpnn.data import fetch as module
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


def test_without_a_connection(server, monkeypatch):
    checksums = module.SOURCES["mnist"].checksums
    # Nothing listens on port 9 of this machine.
    monkeypatch.setitem(module.SOURCES, "mnist", module.Source("http://127.0.0.1:9/", checksums))
    with pytest.raises(SystemExit, match="error: .*cannot be reached.*--data-dir"):
        main(["fetch", "mnist"])


def test_unknown_name():
    with pytest.raises(ValueError, match="'letters' cannot be fetched: choose one of mnist"):
        module.fetch("letters")
