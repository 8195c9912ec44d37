"""The page in a real browser: one draws, hides, chooses and reads what comes out."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from cortical_bcpnn.demo.asked import read_asked

pytest.importorskip("uvicorn", reason="the extra 'demo' is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="the extra 'browser' is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
expect = playwright.expect
PATIENCE = 30.0  # seconds that Chromium has to close


@pytest.fixture(scope="module")
def driver() -> Iterator[tuple]:
    """Playwright, and the process through which it drives Chromium."""
    before = set(psutil.Process().children())
    started = playwright.sync_playwright().start()
    (process,) = set(psutil.Process().children()) - before
    yield started, process
    with soon(process), suppress(playwright.Error):
        started.stop()


@pytest.fixture(scope="module")
def browser(driver) -> Iterator:
    started, process = driver
    # The only page is ours, and there is no room for Chromium's own walls in a container.
    browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    with soon(process), suppress(playwright.Error):
        browser.close()


@contextmanager
def soon(driver: psutil.Process) -> Iterator[None]:
    """Kill Chromium and its driver when they take longer: Playwright would wait without end."""

    def kill() -> None:
        for process in (*driver.children(recursive=True), driver):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    overdue = threading.Timer(PATIENCE, kill)
    overdue.start()
    try:
        yield
    finally:
        overdue.cancel()


@pytest.fixture
def tab(browser, driver, page) -> Iterator:
    """The page, with no complaints when the test has ended."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    tab, complaints = context.new_page(), []
    tab.set_default_timeout(30_000)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    ours = (page.address, "data:")
    tab.on("request", lambda sent: sent.url.startswith(ours) or complaints.append(sent.url))
    tab.goto(page.address)
    expect(tab.locator("#status")).to_contain_text("is recalled", timeout=30_000)
    yield tab
    with soon(driver[1]):
        context.close()
    assert not complaints


def recalls(tab, change) -> dict[str, dict]:
    """What is asked for and answered after a change, by way."""
    found = {}

    def note(response):
        if response.url.endswith("api/recall") and response.ok:
            asked = response.request.post_data_json
            found[asked["way"]] = asked

    before = tab.locator("#status").inner_text()
    tab.on("response", note)
    change()
    expect(tab.locator("#status")).not_to_have_text(before, timeout=30_000)
    tab.remove_listener("response", note)
    return found


def draw(tab) -> None:
    """A seven."""
    box = tab.locator("#pad").bounding_box()
    points = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    tab.mouse.move(*places[0])
    tab.mouse.down()
    for place in places[1:]:
        tab.mouse.move(*place, steps=5)
    tab.mouse.up()


def test_one_draws_and_hides_and_reads_what_is_recalled(tab, recaller):
    drawn = recalls(tab, lambda: draw(tab))
    assert set(drawn) == {"published", "calibrated"}
    expect(tab.locator("#status")).to_contain_text("Your drawing is recalled")

    def hide_the_top():
        box, cue = tab.locator("#cue").bounding_box(), tab.mouse
        cue.move(box["x"] + 2, box["y"] + 2)
        cue.down()
        cue.move(box["x"] + box["width"] - 2, box["y"] + 2, steps=10)
        cue.up()
        tab.locator("#unknown").select_option("silent")

    asked = recalls(tab, hide_the_top)["calibrated"]
    assert asked["strokes"] == drawn["calibrated"]["strokes"] and len(asked["strokes"][0]) > 10
    assert asked["hidden"] == list(range(8)) and asked["unknown"] == "silent"
    for name in ("published", "calibrated"):
        said = tab.locator(f"[data-way={name}] .verdict").inner_text()
        ends = re.findall(r"(after the cue|at the end) (\d) \((\d+) %\)", said)
        found = recaller.recall(read_asked(json.dumps({**asked, "way": name}).encode(), 60, 64))
        for (_, label, percent), step in zip(ends, (199, 399), strict=True):
            chances = found.probabilities[step]
            assert int(label) == recaller.readout.classes_[chances.argmax()]
            assert int(percent) == pytest.approx(100 * chances.max(), abs=0.51)


def test_a_test_image_a_task_and_a_gain(tab):
    button = tab.locator("#examples button").nth(3)
    asked = recalls(tab, button.click)["published"]
    assert asked["image"] == int(button.get_attribute("data-number")) and asked["task"] == "none"
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(tab.locator("#rival")).to_be_hidden()
    tab.locator("#task").select_option("rivalry")
    expect(tab.locator("#rival")).to_be_visible()
    slider = tab.locator("[data-way=calibrated] .gain")
    found = recalls(tab, lambda: slider.fill("0.5"))
    assert found["calibrated"]["gain"] == 0.5 and found["published"]["gain"] is None
    assert found["published"]["task"] == "rivalry"
    found = recalls(tab, tab.locator("[data-way=calibrated] .own").click)
    assert found["calibrated"]["gain"] is None


def test_the_keyboard_is_enough(tab):
    tab.locator("#pad").focus()
    keys = [" ", *["ArrowDown"] * 8, " "]
    found = recalls(tab, lambda: [tab.keyboard.press(key) for key in keys])
    (stroke,) = found["published"]["strokes"]
    assert stroke[0] == [0.5, 0.3] and stroke[-1] == pytest.approx([0.5, 0.7])
    tab.locator("#cue").focus()
    found = recalls(tab, lambda: [tab.keyboard.press(key) for key in ("ArrowRight", "ArrowDown", " ")])
    assert found["published"]["hidden"] == [9]
    tab.locator("#time").focus()
    tab.keyboard.press("Home")
    expect(tab.locator("#time-text")).to_have_text("0 ms")
    reached = set()
    for _ in range(60):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"pad", "cue", "task", "unknown", "seed", "gain", "own", "play", "time", "speed"} <= reached


def test_it_fits_a_phone_and_every_control_has_a_name(tab):
    tab.set_viewport_size({"width": 360, "height": 740})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    nameless = tab.locator("input, select, button, canvas[tabindex], canvas[role=img]").evaluate_all(
        "all => all.filter(one => !one.labels?.length && !one.ariaLabel && !one.textContent.trim())"
        ".map(one => one.outerHTML)"
    )
    assert not nameless
