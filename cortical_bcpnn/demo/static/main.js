// The page: what is asked for, and when.

import { Pad } from "./pad.js";
import { Cue, paintInk } from "./pictures.js";
import { Player } from "./player.js";
import { Way } from "./way.js";
import { recall, state } from "./wire.js";

const QUIET = 120; // ms without a change before a cue is recalled
const element = (id) => document.getElementById(id);
const say = (text) => { element("status").textContent = text; };
const complain = (text) => { element("fault").textContent = text; };

let ways, pad, cue, player, image = null, waiting = null, running = null;

/** Wait until the network has learned. */
async function begin() {
  const learned = element("learned");
  let known;
  for (;;) {
    try {
      known = await state();
    } catch (error) {
      complain(error.message);
      return;
    }
    if (known.stage === "ready") break;
    learned.hidden = false;
    learned.value = known.done / known.total;
    say(known.stage === "learning"
      ? `The network learns ${known.dataset}: ${known.done} of ${known.total} patterns.`
      : "The readout of classes is fitted.");
    await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
  learned.hidden = true;
  element("page").hidden = false;
  open(known);
}

function open(known) {
  const [inp, hid, inprc] = Object.entries(known.populations).map(([name, [h, m]]) => `${name} ${h} × ${m}`);
  element("network").textContent = `${inp} → ${hid} ⟲ → ${inprc}, which learned ${known.dataset} without labels`;
  ways = ["published", "calibrated"].map((name) => new Way(name, known, ask));
  player = new Player((step) => ways.forEach((way) => way.draw(step)));
  pad = new Pad(element("pad"), (finished) => { choose(pad.strokes.length ? null : image); ask(finished); });
  cue = new Cue(element("cue"), ask);
  gallery(known);
  element("undo").addEventListener("click", () => pad.undo());
  element("clear").addEventListener("click", () => pad.clear());
  element("reveal").addEventListener("click", () => cue.reveal());
  element("number").max = known.images - 1;
  element("number").addEventListener("input", () => {
    if (element("number").value !== "") take(Number(element("number").value));
  });
  for (const name of ["where", "rival", "distortion", "difficulty", "unknown", "seed"]) element(name).addEventListener("input", ask);
  element("task").addEventListener("input", () => { arrange(); ask(); });
  element("seed").value = known.seed;
  element("again").addEventListener("click", () => { element("seed").value = (Number(element("seed").value) + 1) % 2 ** 32; ask(); });
  arrange();
  take(known.examples[Math.min(6, known.examples.length - 1)].number);
}

/** Buttons of test images, and the same as rivals. */
function gallery(known) {
  for (const { number, label, pixels } of known.examples) {
    const button = document.createElement("button"), canvas = document.createElement("canvas");
    button.type = "button";
    button.dataset.number = number;
    button.setAttribute("aria-label", `Test image ${number}: ${label}`);
    paintInk(canvas, pixels, known.side);
    button.append(canvas);
    button.addEventListener("click", () => take(number));
    element("examples").append(button);
    element("rival").append(new Option(`${label} (test image ${number})`, number));
  }
}

/** Take a test image in place of the drawing. */
function take(number) {
  pad.strokes = [];
  pad.draw();
  choose(number);
  element("number").value = number;
  ask();
}

function choose(number) {
  image = number;
  if (number === null) element("number").value = "";
  for (const button of element("examples").children) button.setAttribute("aria-pressed", String(Number(button.dataset.number) === number));
}

/** Show what belongs to the task. */
function arrange() {
  for (const label of document.querySelectorAll("[data-task]")) label.hidden = !label.dataset.task.split(" ").includes(element("task").value);
}

/** Recall soon: after a while without change, or at once. What is under way is called off. */
function ask(atOnce) {
  clearTimeout(waiting);
  element("difficulty-text").textContent = element("difficulty").value;
  waiting = setTimeout(recallNow, atOnce === true ? 0 : QUIET);
}

async function recallNow() {
  running?.abort();
  if (image === null && !pad.strokes.length) {
    say("Draw a digit, or take a test image.");
    return;
  }
  const mine = new AbortController(), number = (name) => Number(element(name).value);
  running = mine;
  const asked = {
    ...(image === null ? { strokes: pad.strokes } : { image }), task: element("task").value,
    difficulty: number("difficulty"), where: element("where").value, rival: number("rival"),
    distortion: element("distortion").value, unknown: element("unknown").value, hidden: [...cue.hidden],
    seed: element("seed").value === "" ? null : number("seed"),
  };
  try {
    const found = await Promise.all(ways.map((way) => recall({ ...asked, way: way.name, gain: way.gain }, mine.signal)));
    if (mine !== running) return;
    show(found);
  } catch (error) {
    if (error.name !== "AbortError" && mine === running) complain(error.message);
  }
}

function show(found) {
  const [first] = found, { cue: values, unknown } = first.arrays;
  complain(found.map((one) => one.notice).find(Boolean) ?? "");
  cue.show(values, unknown, first.side);
  ways.forEach((way, i) => way.take(found[i]));
  player.begin(Math.max(...found.map((one) => one.steps)), first.dt_ms);
  const what = image === null ? "Your drawing" : `Test image ${image}, a ${first.label},`;
  const took = Math.round(found.reduce((sum, one) => sum + one.milliseconds, 0));
  say(`${what} is recalled. Published: ${ways[0].verdict}. Calibrated: ${ways[1].verdict}. Computed in ${took} ms.`);
}

begin();
