// Time: played at the speed of the model or slower, or set by hand.

export class Player {
  /** `show(step)` draws what there is at a time step. */
  constructor(show) {
    this.show = show;
    this.button = document.getElementById("play");
    this.slider = document.getElementById("time");
    this.speed = document.getElementById("speed");
    this.button.addEventListener("click", () => (this.playing ? this.stop() : this.play(Number(this.slider.value))));
    this.slider.addEventListener("input", () => { this.stop(); this.to(Number(this.slider.value)); });
  }

  /** Recalls of so many steps have come: play them, or show their end to who wants no motion. */
  begin(steps, dt) {
    Object.assign(this, { steps, dt });
    this.slider.max = steps;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.to(steps);
    else this.play(0);
  }

  play(from) {
    this.stop();
    if (!this.steps) return;
    this.playing = true;
    this.button.textContent = "Pause";
    let now = from >= this.steps ? 0 : from, before = performance.now();
    const frame = (time) => {
      if (!this.playing) return;
      now += (Math.max(0, time - before) * Number(this.speed.value)) / this.dt;
      before = time;
      this.to(Math.min(Math.floor(now), this.steps));
      if (now >= this.steps) this.stop();
      else this.waiting = requestAnimationFrame(frame);
    };
    this.waiting = requestAnimationFrame(frame);
  }

  stop() {
    cancelAnimationFrame(this.waiting);
    this.playing = false;
    this.button.textContent = "Play";
  }

  to(step) {
    this.slider.value = step;
    document.getElementById("time-text").textContent = `${Math.round(step * this.dt)} ms`;
    this.show(step);
  }
}
