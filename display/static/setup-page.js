// The set-up page: how far the farthest seat is, how large the screen, and whether the board can be read from there.
//
// Nothing is guessed: the board itself is drawn, unseen, with one to eight calls on this very screen, and its numbers are measured. So the
// answer is right for any screen, either way up, and stays right when the design changes.

import { make } from "./dom.js";
import { capital } from "./measure.js";
import { Paint } from "./paint.js";
import { heightNeededMm, mmPerPixel, mostReadable, readableMetres } from "./readable.js";
import { keepSetup, readSetup } from "./setup.js";
import { MOST_AT_ONCE } from "./calls.js";
import { Words } from "./words.js";

const SANS = '"Foyer Sans", "Noto Sans", sans-serif';
const form = document.getElementById("form");
const COUNTS = Array.from({ length: MOST_AT_ONCE }, (_, index) => index + 1);

async function start() {
  const [words, board] = await Promise.all([Words.load("/display/words.json"), fetch("/display").then((answer) => answer.text())]);
  const stage = new DOMParser().parseFromString(board, "text/html").getElementById("stage");
  document.getElementById("trial").append(document.importNode(stage, true));
  await Promise.all([document.fonts.load(`700 20px ${SANS}`), document.fonts.load(`400 20px ${SANS}`)]);
  fill(readSetup());
  const look = () => tell(asked(), words);
  form.addEventListener("input", look);
  addEventListener("resize", look);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keepSetup({ ...asked(), most: look() });
    location.assign("/display");
  });
  look();
}

function fill(setup) {
  form.elements.metres.value = setup.metres;
  form.elements.inches.value = setup.inches;
  form.elements.size.value = setup.size;
  form.elements.sound.checked = setup.sound;
}

const asked = () => ({
  metres: Number(form.elements.metres.value) || 0,
  inches: Number(form.elements.inches.value) || 0,
  size: form.elements.size.value,
  sound: form.elements.sound.checked,
});

/** Show what can be read; gives the most calls that may be shown at once. */
function tell(setup, words) {
  const pixels = capitals(words, setup.size);
  const heights = pixels.map((height) => height * mmPerPixel(setup.inches, screen.width, screen.height) * (screen.width / innerWidth));
  const most = mostReadable(heights, setup.metres);
  const needed = heightNeededMm(setup.metres);
  document.getElementById("heights").replaceChildren(
    ...COUNTS.map((count, index) => {
      const isEnough = heights[index] >= needed;
      return make("tr", {},
        make("th", { scope: "row" }, String(count)),
        make("td", {}, `${heights[index].toFixed(0)} mm`),
        make("td", {}, `${readableMetres(heights[index]).toFixed(1)} m`),
        make("td", {}, isEnough ? "\u2713 readable" : "\u2717 too small"),
      );
    }),
  );
  document.getElementById("verdict").textContent = verdict(setup, heights, most, needed);
  const query = new URLSearchParams({ distance: setup.metres, inches: setup.inches, size: setup.size, most, sound: setup.sound ? "on" : "off" });
  document.getElementById("address").textContent = `For a screen without a keyboard, start it with this address: ${location.origin}/display?${query}`;
  return most;
}

function verdict(setup, heights, most, needed) {
  const need = `From ${setup.metres} m the number must be ${needed.toFixed(0)} mm high.`;
  if (heights[0] < needed) {
    const advice = setup.size === "large" ? "Use a larger screen or hang a second one nearer." : "Try Large, a larger screen, or a second one nearer.";
    return `${need} Not even one call is that large on this screen. ${advice}`;
  }
  if (most === MOST_AT_ONCE) return `${need} Eight calls at once are readable.`;
  return `${need} Up to ${most} at once ${most === 1 ? "is" : "are"} readable; when more are called the board shows them in pages of ${most}.`;
}

/** The height in pixels of a capital of the number, for one to eight calls. */
function capitals(words, size) {
  const paint = new Paint(words, { size, most: MOST_AT_ONCE });
  return COUNTS.map((count) => {
    paint.all(example(count), Date.now(), "live");
    const code = document.querySelector("#trial .code");
    return parseFloat(getComputedStyle(code).fontSize) * capital(SANS);
  });
}

function example(count) {
  const rows = new Map([["centre", { kind: "centre", name: "Centre", languages: ["en"], open: true, closes: "17:00", timezone: "Europe/London", opens_at: null, closed_reason: null }]]);
  for (let index = 0; index < 12; index += 1) {
    const ticket = `example-${index}`;
    rows.set(`call:${ticket}`, { kind: "call", ticket, code: `K${10 + index}`, where: "Desk 4", language: "en", called_at: index, times: 1, live: index < count });
  }
  for (let order = 0; order < 6; order += 1) {
    rows.set(`line:${order}`, { kind: "line", names: { en: "Council tax" }, order, open: true, waiting: 1, waits: { low: 10, high: 20 } });
  }
  rows.set("message:1", { kind: "message", order: 1, text: { en: "Please take a ticket." } });
  return rows;
}

start();
