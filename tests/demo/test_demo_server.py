"""The server of the page: who is let in, what is refused, and recalls that equal those of the memory."""

from __future__ import annotations

import http.client
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

import numpy as np
import pytest

pytest.importorskip("uvicorn", reason="the extra 'demo' is not installed")
pytest.importorskip("starlette", reason="the extra 'demo' is not installed")

from cortical_bcpnn.__main__ import main  # noqa: E402
from cortical_bcpnn.demo.asked import Asked  # noqa: E402
from cortical_bcpnn.demo.progress import Progress  # noqa: E402
from cortical_bcpnn.demo.recalling import Recaller  # noqa: E402
from cortical_bcpnn.demo.server import LARGEST_REQUEST, PageServer  # noqa: E402
from cortical_bcpnn.demo.wire import pack, share_of_on  # noqa: E402
from cortical_bcpnn.model.paper import VARIANTS, find_variant  # noqa: E402

JSON = {"Content-Type": "application/json"}


def answer(page: PageServer, method: str, path: str, body: bytes | None = None, **headers: str):
    """Status, headers and content of what the page answers; the path follows the token."""
    place = urlsplit(page.address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path.replace("TOKEN", place.path.strip("/")), body, named)
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()
    finally:
        connection.close()


def unpack(content: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """What wire.js makes of a recall."""
    end = 4 + int.from_bytes(content[:4], "little")
    header = json.loads(content[4:end])
    arrays = {
        name: np.frombuffer(content, of["dtype"], int(np.prod(of["shape"])), end + of["start"])
        .reshape(of["shape"]) for name, of in header["arrays"].items()
    }  # fmt: skip
    return header, arrays


def recalled(page: PageServer, **asked) -> tuple[dict, dict[str, np.ndarray]]:
    status, _, content = answer(page, "POST", "/TOKEN/api/recall", json.dumps(asked).encode(), **JSON)
    assert status == 200, content
    return unpack(content)


# --- Who is let in -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, headers, status",
    [
        ("/TOKEN/", {}, 200),
        ("/TOKEN/static/main.js", {}, 200),
        ("/TOKEN/api/state", {"Host": "localhost:PORT", "Origin": "http://localhost:PORT"}, 200),
        ("/TOKEN", {}, 307),
        ("/TOKEN/static/../server.py", {}, 404),
        ("/TOKEN/nothing", {}, 404),
        ("/", {}, 403),
        ("/api/state", {}, 403),
        ("/TOKENx/api/state", {}, 403),
        ("/TOKEN/api/state", {"Host": "example.org:PORT"}, 421),  # DNS rebinding
        ("/TOKEN/api/state", {"Host": "127.0.0.1:1"}, 421),
        ("/TOKEN/api/state", {"Origin": "http://example.org"}, 403),
        ("/TOKEN/api/state", {"Origin": "null"}, 403),
    ],
)
def test_only_who_has_the_address_is_let_in(page, path, headers, status):
    given = {name: value.replace("PORT", str(page.port)) for name, value in headers.items()}
    found, said, _ = answer(page, "GET", path, **given)
    assert found == status
    assert "default-src 'none'" in said["Content-Security-Policy"]
    assert said["Referrer-Policy"] == "no-referrer" and said["X-Content-Type-Options"] == "nosniff"


def test_every_page_has_a_token_of_its_own(page, recaller):
    with PageServer(Progress(recaller.dataset, recaller.memory, 240)) as other:
        token = urlsplit(page.address).path
        assert len(token) > 40 and answer(other, "GET", f"{token}api/state")[0] == 403


# --- What is refused ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "body, named",
    [
        (b"no json", "JSON"), (b"[]", "object"), (b"[" * 9999, "JSON"), (b"\xff", "JSON"),
        (b'{"strokes": [[[NaN, 0]]]}', "NaN"), (b'{"image": 0, "gain": Infinity}', "Infinity"),
        (b'{"image": 0, "gain": 1e999}', "gain"),
        (b"{}", "image"), (b'{"image": 0, "strokes": [[[0, 0]]]}', "strokes"),
        (b'{"image": 60}', "image"), (b'{"image": 1.5}', "image"), (b'{"image": true}', "image"),
        (b'{"image": 0, "rival": -1}', "rival"), (b'{"image": 0, "task": "flight"}', "task"),
        (b'{"image": 0, "task": ["rivalry"]}', "task"), (b'{"image": 0, "gain": 2.1}', "gain"),
        (b'{"image": 0, "difficulty": "1"}', "difficulty"), (b'{"image": 0, "seed": -1}', "seed"),
        (b'{"image": 0, "seed": 4294967296}', "seed"),
        (b'{"image": 0, "hidden": [64]}', "hidden"), (b'{"image": 0, "hidden": 3}', "hidden"),
        (b'{"strokes": []}', "strokes"), (b'{"strokes": [[]]}', "strokes"),
        (b'{"strokes": [[[0, 1.1]]]}', "strokes"), (b'{"strokes": [[[0, "1"]]]}', "strokes"),
        (b'{"image": 0, "colour": 1}', "colour"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(page, body, named):
    status, _, content = answer(page, "POST", "/TOKEN/api/recall", body, **JSON)
    said = json.loads(content)["error"]
    assert status == 400 and named in said and said.endswith(".") and "\n" not in said


@pytest.mark.parametrize(
    "body, headers, status",
    [
        (b" " * (LARGEST_REQUEST + 1), JSON, 413),
        (b'{"image": 0}', {"Content-Type": "text/plain"}, 415),  # what forms of other sites can send
        (b'{"image": 0}', {**JSON, "Origin": "https://127.0.0.1"}, 403),
    ],
)
def test_requests_that_no_page_of_ours_sends(page, body, headers, status):
    assert answer(page, "POST", "/TOKEN/api/recall", body, **headers)[0] == status


# --- What is recalled --------------------------------------------------------------------


@pytest.mark.parametrize(
    "way, gain, seed",
    [("published", None, None), ("calibrated", None, 11), ("calibrated", 0.3, None)],
)
def test_the_page_shows_what_the_memory_recalls(page, recaller, networks, way, gain, seed):
    cue = networks.data.test_images[3].copy()
    cue[:2] = np.nan
    asked = {"image": 3, "task": "completion", "difficulty": 0.5, "unknown": "silent"}
    header, arrays = recalled(page, **asked, way=way, gain=gain, seed=seed)

    memory = networks.learned("spspk-calibrated", seed=5, progress=False)
    if seed is not None:
        memory.parameters = replace(memory.parameters, seed=seed)
    if way == "published":
        protocol = VARIANTS["spspk-full"].recall_protocol()
    else:
        own = find_variant("spspk-calibrated")
        protocol = memory.recall_protocol() if gain is None else own.recall_protocol(gain)
    with memory:
        recall = memory.recall(cue.reshape(1, -1), protocol=protocol, over_time=True)
    for name in ("INP", "INPRC"):
        expected = np.round(255 * share_of_on(recall.z_over_time[name][0]))
        np.testing.assert_array_equal(arrays[name], expected)
    for name, spikes in recall.spikes_over_time.items():
        np.testing.assert_array_equal(arrays[f"spikes {name}"], np.argwhere(spikes[0]))
    np.testing.assert_array_equal(arrays["INPRC"][-1], np.round(255 * recall.reconstruction[0]))
    ends = {"feedforward": 200, "attractor": 400}
    for moment, step in ends.items():
        chances = recaller.readout.predict_proba(recall.z[moment]["HID"])[0]
        np.testing.assert_allclose(arrays["probabilities"][step - 1], chances, rtol=1e-5)
        best = recaller.readout.classes_[chances.argmax()]
        assert header["moments"][moment] == {"step": step, "class": best}
    assert header["label"] == networks.data.test_labels[3]
    np.testing.assert_array_equal(arrays["unknown"].reshape(8, 8).any(axis=1), np.arange(8) < 2)


def test_tabs_at_once_do_not_mix(page):
    ways = ("published", "calibrated")
    asked = [{"image": n, "way": way, "seed": n} for n in range(2) for way in ways]
    one_by_one = [recalled(page, **one)[1] for one in asked]
    with ThreadPoolExecutor(len(asked)) as pool:
        at_once = list(pool.map(lambda one: recalled(page, **one)[1], asked))
    for alone, together in zip(one_by_one, at_once):
        for name in alone:
            np.testing.assert_array_equal(alone[name], together[name])


def test_a_simulation_that_has_died_is_started_again_and_said(page, recaller):
    before, expected = recalled(page, image=1)
    (simulation,) = recaller.memory._recalling(1)
    simulation.kill()
    after, found = recalled(page, image=1)
    assert before["notice"] is None and "started again" in after["notice"]
    np.testing.assert_array_equal(found["HID"], expected["HID"])
    assert recalled(page, image=1)[0]["notice"] is None


def test_a_simulation_that_dies_in_recall_is_started_again(recaller, monkeypatch):
    expected = recaller.recall(Asked(image=2))
    (simulation,) = recaller.memory._recalling(1)
    drive = simulation.drive

    def dying(experiment, n_steps):
        simulation.kill()
        drive(experiment, n_steps)

    monkeypatch.setattr(simulation, "drive", dying)
    found = recaller.recall(Asked(image=2))
    assert found.restarted and not expected.restarted
    np.testing.assert_array_equal(found.recall.z_over_time["HID"], expected.recall.z_over_time["HID"])


def test_what_was_called_off_is_not_recalled(page, recaller, monkeypatch):
    entered, release, images = threading.Event(), threading.Event(), []
    recall = Recaller.recall

    def slowly(self, asked):
        images.append(asked.image)
        entered.set()
        assert release.wait(30)
        return recall(self, asked)

    monkeypatch.setattr(Recaller, "recall", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(recalled, page, image=0)
        assert entered.wait(30)
        place = urlsplit(page.address)
        older = http.client.HTTPConnection(place.hostname, place.port)
        older.request("POST", f"{place.path}api/recall", b'{"image": 1}', JSON)
        newer = pool.submit(recalled, page, image=2)
        older.close()
        answer(page, "GET", "/TOKEN/api/state")  # the server has seen it by then
        release.set()
        first.result(), newer.result()
    assert images == [0, 2]


def test_a_recall_that_does_not_end_does_not_keep_the_page_open(recaller, monkeypatch):
    entered, release = threading.Event(), threading.Event()

    def endlessly(self, asked):
        entered.set()
        release.wait()
        raise RuntimeError("ended")

    monkeypatch.setattr(Recaller, "recall", endlessly)
    monkeypatch.setattr("cortical_bcpnn.demo.server.PATIENCE", 0.2)
    progress = Progress(recaller.dataset, recaller.memory, 240)
    progress.ready(recaller)
    with ThreadPoolExecutor(1) as pool:
        with PageServer(progress) as page:
            pool.submit(answer, page, "POST", "/TOKEN/api/recall", b'{"image": 0}', **JSON)
            assert entered.wait(30)
        assert page._thread.is_alive()
        release.set()
        page._thread.join(60)


def test_arrays_are_packed_where_typed_arrays_can_begin():
    arrays = {"a": np.arange(3, dtype=np.uint8), "b": np.arange(2, dtype=np.float32)}
    content = pack({"text": "grün"}, arrays)
    header, found = unpack(content)
    end = 4 + int.from_bytes(content[:4], "little")
    assert header["text"] == "grün"
    assert all((end + of["start"]) % 4 == 0 for of in header["arrays"].values())
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


# --- From the command line ---------------------------------------------------------------


def test_before_it_has_learned_the_page_says_how_far_it_is(networks):
    progress = Progress(networks.data, networks.network("spspk-calibrated"), 240)
    with PageServer(progress) as page:
        state = json.loads(answer(page, "GET", "/TOKEN/api/state")[2])
        assert (state["stage"], state["done"], state["total"]) == ("learning", 0, 240)
        assert answer(page, "POST", "/TOKEN/api/recall", b'{"image": 0}', **JSON)[0] == 503


def test_the_command_serves_until_it_is_interrupted(recaller, monkeypatch, capsys):
    seen = []

    def interrupted(page):
        seen.append((page, json.loads(answer(page, "GET", "/TOKEN/api/state")[2])))
        seen.append(recalled(page, image=0)[0])
        raise KeyboardInterrupt

    monkeypatch.setattr(PageServer, "wait", interrupted)
    main(["demo", "--limit", "60", "--epochs", "4", "--jobs", "1", "--seed", "5", "--no-browser"])
    (page, state), header = seen
    assert page.address in capsys.readouterr().out
    assert state["stage"] == "ready" and state["done"] == 240 and header["steps"] == 400
    assert state["gains"] == pytest.approx(recaller.gains) and state["gains"]["published"] == 1
    with pytest.raises(ConnectionRefusedError):
        answer(page, "GET", "/TOKEN/api/state")


@pytest.mark.parametrize("port, said", [("70000", "65535"), ("TAKEN", "cannot be had")])
def test_a_port_that_cannot_be_had_is_said_before_anything_is_learned(page, port, said):
    with pytest.raises(SystemExit, match=f"^error: port .*{said}"):
        main(["demo", "--port", port.replace("TAKEN", str(page.port)), "--no-browser", "--limit", "60"])


def test_a_missing_extra_is_named(monkeypatch):
    for name in ("run", "server"):
        monkeypatch.delitem(sys.modules, f"cortical_bcpnn.demo.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(SystemExit, match="^error: uvicorn is missing.*cortical_bcpnn\\[demo\\]"):
        main(["demo", "--no-browser"])
