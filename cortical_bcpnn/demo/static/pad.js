// The drawing area: strokes of pen, finger or keys, as points of the unit square.

const CLOSEST = 0.008; // points of a stroke lie at least this far apart
const MOST = 4900; // points in all; the server takes 5000

export class Pad {
  /** `changed(finished)` is called as the drawing grows, and when a stroke has ended. */
  constructor(canvas, changed) {
    Object.assign(this, { canvas, changed, strokes: [], pen: [0.5, 0.3], down: false, drawing: false });
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.end());
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.draw());
    canvas.addEventListener("blur", () => { this.down = false; this.draw(); });
    this.draw();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const inside = (value) => Math.min(1, Math.max(0, value));
    return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
  }

  begin(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing = true;
    this.strokes.push([this.place(event)]);
    this.draw();
  }

  move(event) {
    if (!this.drawing) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.add(this.place(one));
    this.changed(false);
  }

  end() {
    if (!this.drawing) return;
    this.drawing = false;
    this.changed(true);
  }

  add(point) {
    const stroke = this.strokes.at(-1);
    const [x, y] = stroke.at(-1);
    const many = this.strokes.reduce((sum, one) => sum + one.length, 0);
    if (Math.hypot(point[0] - x, point[1] - y) < CLOSEST || many >= MOST) return;
    stroke.push(point);
    this.draw();
  }

  key(event) {
    const by = event.shiftKey ? 0.01 : 0.05;
    const moves = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    if (event.key in moves) {
      this.pen = this.pen.map((value, axis) => Math.min(1, Math.max(0, value + moves[event.key][axis])));
      if (this.down) { this.add([...this.pen]); this.changed(false); }
    } else if (event.key === " ") {
      this.down = !this.down;
      if (this.down) this.strokes.push([[...this.pen]]);
      this.changed(!this.down);
    } else if (event.key === "Backspace") {
      this.undo();
    } else if (event.key === "Escape") {
      this.clear();
    } else return;
    event.preventDefault();
    this.draw();
  }

  undo() {
    this.strokes.pop();
    this.down = false;
    this.draw();
    this.changed(true);
  }

  clear() {
    this.strokes = [];
    this.down = false;
    this.draw();
    this.changed(true);
  }

  draw() {
    const { canvas } = this, context = canvas.getContext("2d"), side = canvas.width;
    context.clearRect(0, 0, side, side);
    Object.assign(context, { lineWidth: side / 11, lineCap: "round", lineJoin: "round", strokeStyle: "#1b1d21" });
    for (const stroke of this.strokes) {
      context.beginPath();
      for (const [x, y] of [stroke[0], ...stroke]) context.lineTo(x * side, y * side);
      context.stroke();
    }
    if (document.activeElement !== canvas || this.drawing || !canvas.matches(":focus-visible")) return;
    Object.assign(context, { lineWidth: 3, strokeStyle: this.down ? "#b34700" : "#0072b2" });
    context.beginPath();
    context.arc(this.pen[0] * side, this.pen[1] * side, side / 22, 0, 7);
    context.stroke();
  }
}
