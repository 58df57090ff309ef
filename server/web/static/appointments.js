// The calendar of appointments. It follows the floor like the console (`asking.js`, keys of `console.js`); what it adds is moving an appointment by
// hand, with a pointer or by keyboard. Both do the same: choose a place on the sheet, then confirm on the sheet of moving, where reason and whether
// the visitor is told are asked. Nothing is moved by a slip, and there are no rules here: whether a place is free the server says.

import { more, on, part, prepare, tell } from "./asking.js";
import "./console.js";

const DRAG_PIXELS = 6;
const MINUTE_MS = 60_000;
const STEP = 5;
const carriedSays = document.getElementById("carried");
let carried = null; // what is being moved: {card, column, top, minutes, landing, byPointer}

const columns = () => [...document.querySelectorAll(".cal-col")];
const bodyOf = (column) => column.querySelector(".cal-body");
const say = (sentence) => (carriedSays.textContent = sentence);

/** How many pixels a minute is high, as the sheet is drawn now. */
function pixelsOfMinute(column) {
  const hours = Number(getComputedStyle(column).getPropertyValue("--hours")) || 8;
  const body = bodyOf(column).getBoundingClientRect();
  const extra = 1.2 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  return (body.height - extra) / (hours * 60);
}

function pick(card, byPointer) {
  const column = card.closest(".cal-col");
  carried = { card, column, from: column, top: Number(card.dataset.top), was: Number(card.dataset.top), minutes: Number(card.dataset.minutes), byPointer, landing: document.createElement("div") };
  carried.landing.className = "landing";
  card.classList.add("lifted");
  place();
}

function place() {
  const { column, landing } = carried;
  const scale = pixelsOfMinute(column);
  bodyOf(column).append(landing);
  landing.style.top = `${carried.top * scale}px`;
  landing.style.height = `${Math.max(carried.minutes * scale, 24)}px`;
  landing.textContent = `${clockOf(carried)}${column === carried.from ? "" : `, ${column.dataset.title}`}`;
}

/** The start it would have. */
const startOf = ({ card, top, was, column, from }) => Number(card.dataset.starts) + (top - was) * MINUTE_MS + daysBetween(from.dataset.day, column.dataset.day) * 24 * 60 * MINUTE_MS;
const daysBetween = (one, other) => Math.round((Date.parse(other) - Date.parse(one)) / (24 * 60 * MINUTE_MS));

/** What the clock shows there, from the labels beside the sheet. */
function clockOf({ top }) {
  const first = document.querySelector(".cal-hours .hour")?.textContent ?? "00:00";
  const [hours, minutes] = first.split(":").map(Number);
  const all = hours * 60 + minutes + top;
  return `${String(Math.floor(all / 60) % 24).padStart(2, "0")}:${String(all % 60).padStart(2, "0")}`;
}

function letGo() {
  carried.card.classList.remove("lifted");
  carried.landing.remove();
  const was = carried;
  carried = null;
  return was;
}

/** Ask on the sheet of moving what is still to be said. */
async function drop() {
  const { card, column, from, top, was, ...rest } = letGo();
  if (column === from && top === was) {
    say("It stays where it was.");
    return;
  }
  const asked = new URLSearchParams({ starts_at: startOf({ card, column, from, top, was, ...rest }), on: column.dataset.day });
  const [kind, id] = column.dataset.keyOf.split(":");
  if (column !== from && (kind === "person" || kind === "room") && id) asked.set(kind, id);
  const answer = await part(`/appointments/${card.dataset.move}/move?${asked}`);
  if (!answer?.html) {
    tell(answer?.say ?? "The server cannot be reached. Try again when the connection is back.");
    return;
  }
  more.querySelector(".sheet-said").replaceChildren();
  more.querySelector(".sheet-body").innerHTML = answer.html; // our own server's, every value escaped there
  prepare();
  more.showModal();
  more.querySelector("#mv-reason")?.focus();
}

function limits(column) {
  const hours = Number(getComputedStyle(column).getPropertyValue("--hours")) || 8;
  return hours * 60 - carried.minutes;
}

// By keyboard: Space picks up, arrows move, Enter or Space puts down, Escape leaves it where it was ------------------------------

document.addEventListener(
  "keydown",
  (event) => {
    const card = event.target.closest?.(".appt[data-move]");
    if (carried && !carried.byPointer) {
      if (event.key === "Tab") return cancel();
      if (!steer(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
    } else if (card && event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      pick(card, false);
      say(`Picked up. ${clockOf(carried)}, ${carried.column.dataset.title}. Up and down change the time, left and right the column. Enter puts it down, Escape leaves it where it was.`);
    }
  },
  true,
);

function steer(key) {
  const every = columns();
  const at = every.indexOf(carried.column);
  if (key === "Enter" || key === " ") drop();
  else if (key === "Escape") cancel();
  else if (key === "ArrowUp" || key === "ArrowDown") {
    const step = Number(carried.card.dataset.every) || STEP;
    carried.top = Math.min(Math.max(0, carried.top + (key === "ArrowUp" ? -step : step)), limits(carried.column));
    shown();
  } else if ((key === "ArrowLeft" && at > 0) || (key === "ArrowRight" && at < every.length - 1)) {
    carried.column = every[at + (key === "ArrowLeft" ? -1 : 1)];
    shown();
  } else return key.startsWith("Arrow");
  return true;
}

function shown() {
  place();
  carried.landing.scrollIntoView({ block: "nearest", inline: "nearest" });
  say(`${clockOf(carried)}, ${carried.column.dataset.title}`);
}

function cancel() {
  const { card } = letGo();
  card.focus();
  say("It stays where it was.");
}

// With a pointer ------------------------------------------------------------------------------------------------------------------

let pressed = null;
let ghost = null;
let dragged = false;

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.(".appt[data-move]");
  if (!card || event.button !== 0 || event.pointerType === "touch") return; // a finger scrolls; it has the button Move
  dragged = false;
  const box = card.getBoundingClientRect();
  pressed = { card, x: event.clientX, y: event.clientY, inX: event.clientX - box.left, inY: event.clientY - box.top, box };
});

document.addEventListener("pointermove", (event) => {
  if (!pressed) return;
  if (!carried) {
    if (Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < DRAG_PIXELS) return;
    pick(pressed.card, true);
    ghost = pressed.card.cloneNode(true);
    ghost.removeAttribute("id");
    ghost.classList.add("carried");
    ghost.style.width = `${pressed.box.width}px`;
    document.body.append(ghost);
    dragged = true;
  }
  event.preventDefault();
  ghost.style.left = `${event.clientX - pressed.inX}px`;
  ghost.style.top = `${event.clientY - pressed.inY}px`;
  const over = columns().find((column) => {
    const box = column.getBoundingClientRect();
    return event.clientX >= box.left && event.clientX < box.right;
  });
  if (over) carried.column = over;
  const scale = pixelsOfMinute(carried.column);
  const top = (event.clientY - pressed.inY - bodyOf(carried.column).getBoundingClientRect().top) / scale;
  carried.top = Math.min(Math.max(0, Math.round(top / STEP) * STEP), limits(carried.column));
  place();
});

function release(put) {
  pressed = null;
  ghost?.remove();
  ghost = null;
  if (!carried?.byPointer) return;
  if (put) drop();
  else letGo();
}

document.addEventListener("pointerup", () => release(true));
document.addEventListener("pointercancel", () => release(false));
document.addEventListener("keydown", (event) => event.key === "Escape" && pressed && release(false));
document.addEventListener("dragstart", (event) => event.target.closest?.(".appt[data-move]") && event.preventDefault());
// The click that ends a drag opens nothing.
document.addEventListener(
  "click",
  (event) => {
    if (!dragged) return;
    dragged = false;
    if (event.target.closest(".appt")) {
      event.preventDefault();
      event.stopPropagation();
    }
  },
  true,
);

// A fresh look at the day makes the sheet anew: what was being carried is put back, and said.
on("swapped", () => {
  if (carried && !carried.card.isConnected) {
    carried.landing.remove();
    carried = null;
    say("This appointment has changed meanwhile. It was not moved.");
  }
});

// The rest ------------------------------------------------------------------------------------------------------------------------

/** Show the part of the day that matters: an hour before now, or the first appointment. */
function showNow() {
  const scroll = document.getElementById("sheet");
  const line = scroll?.querySelector(".now-line") ?? scroll?.querySelector(".place");
  if (!line) return;
  const from = scroll.getBoundingClientRect().top;
  scroll.scrollTop += line.getBoundingClientRect().top - from - scroll.clientHeight / 3;
}
showNow();
