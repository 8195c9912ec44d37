// One way of recall: its gain, and what the populations do at a time.

import { paintInk, paintZ } from "./pictures.js";

const TEXTS = {
  published: ["Published recall", "The cue is withdrawn after the overlap, and recurrence takes over."],
  calibrated: ["Calibrated recall", "The cue stays on, and recurrence counts what its evidence is worth."],
};
const BANDS = { INP: 0.24, HID: 0.52, INPRC: 0.24 }; // shares of the height of the raster

export class Way {
  constructor(name, state, changed) {
    const template = document.getElementById("way").content.cloneNode(true);
    this.name = name;
    this.own = state.gains[name];
    this.box = template.querySelector("article");
    this.populations = state.populations;
    this.box.dataset.way = name;
    [this.part("h3").textContent, this.part(".what").textContent] = TEXTS[name];
    this.slider = this.part(".gain");
    this.slider.max = state.largest_gain;
    this.slider.addEventListener("input", () => { this.gain = Number(this.slider.value); this.say(); changed(); });
    this.part(".own").addEventListener("click", () => { this.gain = null; this.say(); changed(); });
    this.part(".own").textContent = `Back to ${this.own.toFixed(2)}`;
    this.gain = null; // its own
    this.say();
    new ResizeObserver(() => this.prepare()).observe(this.part(".raster"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.prepare());
    document.getElementById("ways").append(this.box);
  }

  part(selector) { return this.box.querySelector(selector); }

  say() {
    if (this.gain === null) this.slider.value = this.own;
    this.part(".gain-text").textContent = (this.gain ?? this.own).toFixed(2);
  }

  /** A recall that has come. */
  take(found) {
    this.found = found;
    const percent = (step, one) => Math.round(100 * this.probability(step, one));
    const ends = ["feedforward", "attractor"].filter((moment) => moment in found.moments);
    const said = { feedforward: "after the cue", attractor: "at the end" };
    this.verdict = ends.map((moment) => {
      const { step, class: best } = found.moments[moment];
      return `${said[moment]} ${best} (${percent(step - 1, found.classes.indexOf(best))} %)`;
    }).join(", ");
    this.part(".verdict").textContent = `Read out: ${this.verdict}`;
    const silent = !("spikes HID" in found.arrays);
    this.part(".raster").classList.toggle("silent", silent);
    this.part(".raster + figcaption").textContent = silent
      ? "Phases by time (ms); minicolumns of this kind have rates, and no spikes" : "Spikes by time (ms)";
    this.bars();
    this.prepare();
  }

  probability(step, one) { return this.found.arrays.probabilities[step * this.found.classes.length + one]; }

  bars() {
    const box = this.part(".classes");
    if (box.children.length === this.found.classes.length) return;
    box.replaceChildren(...this.found.classes.map((label) => {
      const one = document.createElement("div"), column = document.createElement("div"), bar = document.createElement("div");
      [column.className, bar.className] = ["column", "bar"];
      column.append(bar);
      one.append(column, String(label));
      return one;
    }));
  }

  /** The raster of the whole recall, drawn once. */
  prepare() {
    const canvas = this.part(".raster"), { found } = this, scale = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * scale));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * scale));
    if (!found) return;
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(`--${name}`);
    const picture = new OffscreenCanvas(canvas.width, canvas.height), context = picture.getContext("2d");
    const text = 11 * scale, height = canvas.height - 2.6 * text, x = (step) => (step / found.steps) * canvas.width;
    context.font = `${text}px system-ui, sans-serif`;
    let top = 0;
    for (const [name, share] of Object.entries(BANDS)) {
      const band = share * height, rows = this.populations[name][0] * this.populations[name][1];
      const spikes = found.arrays[`spikes ${name}`] ?? [];
      context.fillStyle = colour(name);
      const dot = Math.max(1.5 * scale, band / rows), wide = Math.max(1.5 * scale, canvas.width / found.steps);
      const covered = (spikes.length / 2) * ((dot * wide) / (band * canvas.width));
      context.globalAlpha = Math.min(1, Math.max(0.2, 0.4 / covered)); // where dots lie on dots
      for (let i = 0; i < spikes.length; i += 2) context.fillRect(x(spikes[i]), top + (spikes[i + 1] / rows) * (band - 4 * scale), wide, dot);
      top += band;
    }
    Object.assign(this, { picture, colour, x, text, height, scale });
    this.draw(this.step ?? found.steps);
  }

  /** What there is at the end of a time step. */
  draw(step) {
    const { found } = this;
    this.step = step;
    if (!found) return;
    const now = Math.min(Math.max(step, 1), found.steps), { side, arrays } = found;
    const at = (name, size) => arrays[name].subarray((now - 1) * size, now * size);
    const [h, m] = this.populations.HID;
    paintInk(this.part(".INP"), at("INP", side * side), side);
    paintZ(this.part(".HID"), at("HID", h * m), m);
    paintInk(this.part(".INPRC"), at("INPRC", side * side), side);
    const time = `${Math.round(now * found.dt_ms)} ms`;
    for (const name of ["INP", "HID", "INPRC"]) this.part(`.${name}`).setAttribute("aria-label", `${name} at ${time}`);
    this.drawRaster(now);
    const columns = this.part(".classes").children, chances = found.classes.map((_, one) => this.probability(now - 1, one));
    const best = chances.indexOf(Math.max(...chances));
    chances.forEach((chance, one) => {
      columns[one].classList.toggle("best", one === best);
      columns[one].querySelector(".bar").style.height = `${100 * chance}%`;
    });
    this.part(".classes").setAttribute("aria-label",
      `Probabilities of the classes at ${time}: ${found.classes[best]} ${Math.round(100 * chances[best])} percent`);
  }

  drawRaster(now) {
    const canvas = this.part(".raster"), context = canvas.getContext("2d"), { found, x, text, height, scale, colour } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.font = `${text}px system-ui, sans-serif`;
    for (const phase of found.phases) {
      context.globalAlpha = phase.cue ? 0.14 : 0;
      context.fillStyle = colour("INP");
      context.fillRect(x(phase.start), 0, x(phase.end) - x(phase.start), height);
      context.globalAlpha = 1;
      context.fillStyle = colour("faint");
      context.fillRect(x(phase.start), 0, scale, height + text);
      const room = x(phase.end) - x(phase.start) - 4 * scale;
      if (context.measureText(phase.name).width < room) context.fillText(phase.name, x(phase.start) + 3 * scale, height + text);
      context.fillText(Math.round(phase.start * found.dt_ms), x(phase.start) + 3 * scale, height + 2.2 * text);
    }
    context.drawImage(this.picture, 0, 0, x(now), canvas.height, 0, 0, x(now), canvas.height);
    let top = 0;
    for (const [name, share] of Object.entries(BANDS)) {
      const wide = context.measureText(name).width;
      context.fillStyle = colour("ground");
      context.fillRect(2 * scale, top + 2 * scale, wide + 4 * scale, text + 3 * scale);
      context.fillStyle = colour(name);
      context.fillText(name, 4 * scale, top + text + 2 * scale);
      top += share * height;
    }
    context.fillStyle = colour("text");
    context.fillRect(Math.min(x(now), canvas.width - 2 * scale), 0, 2 * scale, height);
    const cue = found.phases.filter((phase) => phase.cue);
    canvas.setAttribute("aria-label", `Spikes of INP, HID and INPRC; the cue is on from ${cue[0]?.start} to ${cue.at(-1)?.end} of ${found.steps} steps`);
  }
}
