// Running clocks of a page: what the server said has elapsed, going on from the moment it arrived. `data-speed` on #now is a rehearsal's.

const speed = () => Number(document.getElementById("now")?.dataset.speed) || 1;
const two = (number) => String(number).padStart(2, "0");
const ticking = (s) => (s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`);
const inMinutes = (m) => (m < 60 ? `${m} min` : `${Math.floor(m / 60)} h ${two(m % 60)}`);

/** Start the clocks that a fresh fragment brought, and let the others go on. */
export function wind() {
  const at = performance.now();
  for (const clock of document.querySelectorAll("[data-elapsed]")) {
    if (clock.dataset.elapsed !== clock.fresh) {
      clock.fresh = clock.dataset.elapsed;
      clock.begun = at - (Number(clock.dataset.elapsed) * 1000) / speed();
    }
  }
  tick();
}

function tick() {
  const at = performance.now();
  for (const clock of document.querySelectorAll("[data-elapsed]")) {
    if (clock.begun === undefined) continue;
    const seconds = Math.max(0, Math.floor(((at - clock.begun) / 1000) * speed()));
    const text = clock.dataset.as === "clock" ? ticking(seconds) : inMinutes(Math.floor(seconds / 60));
    if (clock.textContent !== text) clock.textContent = text;
  }
}

setInterval(tick, 500);
