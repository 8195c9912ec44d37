// Arrays of numbers from 0 to 255 as pictures, and the cue, whose pixels can be hidden.

const INK = [27, 29, 33]; // on white paper, whether the page is light or dark
const Z = [0, 60, 120];

/** Rows of values as an image of so many columns; 255 is the colour. */
export function paint(canvas, values, columns, colour) {
  const rows = values.length / columns;
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  for (let i = 0; i < values.length; i += 1) {
    for (let c = 0; c < 3; c += 1) image.data[4 * i + c] = 255 - ((255 - colour[c]) * values[i]) / 255;
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

export const paintInk = (canvas, values, columns) => paint(canvas, values, columns, INK);
export const paintZ = (canvas, values, columns) => paint(canvas, values, columns, Z);

/** The cue as INP is given it; what is unknown is crossed. */
export class Cue {
  constructor(canvas, changed) {
    Object.assign(this, { canvas, changed, hidden: new Set(), chosen: 0, side: 0, hiding: null });
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.hiding = !this.hidden.has(this.pixel(event));
      this.set(this.pixel(event), this.hiding);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.hiding !== null) this.set(this.pixel(event), this.hiding);
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { this.hiding = null; });
    canvas.addEventListener("keydown", (event) => this.key(event));
    for (const change of ["focus", "blur"]) canvas.addEventListener(change, () => this.draw());
  }

  pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = (value) => Math.min(this.side - 1, Math.max(0, Math.floor(value * this.side)));
    return at((event.clientY - box.top) / box.height) * this.side + at((event.clientX - box.left) / box.width);
  }

  set(pixel, hide) {
    if (!this.side || this.hidden.has(pixel) === hide) return;
    if (hide) this.hidden.add(pixel); else this.hidden.delete(pixel);
    this.changed();
    this.draw();
  }

  key(event) {
    const { side } = this, column = this.chosen % side, row = Math.floor(this.chosen / side);
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in steps) {
      const to = (value) => Math.min(side - 1, Math.max(0, value));
      const [across, along] = steps[event.key];
      this.chosen = to(row + along) * side + to(column + across);
    } else if (event.key === " ") {
      this.set(this.chosen, !this.hidden.has(this.chosen));
    } else return;
    event.preventDefault();
    this.draw();
  }

  reveal() {
    this.hidden.clear();
    this.draw();
    this.changed();
  }

  show(values, unknown, side) {
    Object.assign(this, { values, unknown, side });
    this.draw();
  }

  draw() {
    if (!this.side) return;
    const { canvas, side } = this, context = canvas.getContext("2d"), cell = canvas.width / side;
    for (let i = 0; i < side * side; i += 1) {
      const x = (i % side) * cell, y = Math.floor(i / side) * cell, unknown = this.unknown[i] || this.hidden.has(i);
      const shade = (c) => Math.round(255 - ((255 - INK[c]) * (unknown ? 90 : this.values[i])) / 255);
      context.fillStyle = `rgb(${shade(0)} ${shade(1)} ${shade(2)})`;
      context.fillRect(x, y, cell + 0.5, cell + 0.5);
      if (!unknown) continue;
      context.strokeStyle = "#fff";
      context.lineWidth = Math.max(1, cell / 14);
      context.beginPath();
      context.moveTo(x + cell * 0.2, y + cell * 0.2); context.lineTo(x + cell * 0.8, y + cell * 0.8);
      context.moveTo(x + cell * 0.8, y + cell * 0.2); context.lineTo(x + cell * 0.2, y + cell * 0.8);
      context.stroke();
    }
    if (document.activeElement !== canvas || !canvas.matches(":focus-visible")) return;
    context.strokeStyle = "#0072b2";
    context.lineWidth = 4;
    context.strokeRect((this.chosen % side) * cell + 2, Math.floor(this.chosen / side) * cell + 2, cell - 4, cell - 4);
  }
}
