// The counter console and the floor overview: what they have beyond following the floor (`asking.js`) is a sound when somebody joins an
// empty queue, and a key for each button.

import { more, now, on, start, tell } from "./asking.js";
import { chime, mute } from "./sound.js";

const said = document.getElementById("said");

on("swapped", (before) => {
  const { free, forMe } = now().dataset;
  const wasIdle = before.free === "yes" && Number(before.forMe) === 0;
  if (wasIdle && Number(forMe) > 0 && free === "yes") {
    chime();
    tell("Somebody is waiting for you.", "news somebody-waits");
  }
  if (Number(forMe) === 0 || free !== "yes") said.querySelector(".somebody-waits")?.remove();
});

// Got up, or seated, by somebody else: who looks up from a conversation must read why the page is another one.
let own = false;
on("acted", () => (own = true));
on("swapped", (before) => {
  const was = before.counter ?? "";
  const is = now().dataset.counter ?? "";
  if (!own && was !== is) {
    if (is === "") tell(`${was} was closed by a colleague, or in another window. Choose a counter to go on.`);
    else tell(`You are at ${is} now: a colleague handed it over, or it was chosen in another window.`);
  }
  own = false;
});

// Keys ------------------------------------------------------------------------------------------------------------

const keys = remembered("keys", document.getElementById("keys"), () => document.body.classList.toggle("no-keys", !keys.on));
const sound = remembered("sound", document.getElementById("sound"), () => mute(!sound.on));

document.addEventListener("keydown", (event) => {
  if (!keys.on || more.open || event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  const wanted = now().querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("[type=radio]")) (wanted.closest("fieldset").querySelector(":checked") ?? wanted).focus();
  else if (wanted.matches("[type=checkbox]")) (wanted.focus(), wanted.click());
  else if (wanted.matches("input")) wanted.focus();
  else wanted.click();
  const details = wanted.closest("details");
  if (wanted.matches("summary") && details.open) details.querySelector("select, input:not([type=hidden]), textarea, button")?.focus();
});

function isTyping(target) {
  return target.matches?.("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=hidden])") ?? false;
}

/** A switch whose state this browser keeps; a browser that keeps nothing has it on. */
function remembered(name, button, changed) {
  const setting = { on: stored(name) !== "off" };
  const show = () => {
    button.setAttribute("aria-pressed", String(setting.on));
    button.querySelector(".switch-word").textContent = setting.on ? "on" : "off";
  };
  button.addEventListener("click", () => {
    setting.on = !setting.on;
    try {
      localStorage.setItem(`foyer-${name}`, setting.on ? "on" : "off");
    } catch {
      // kept for this page only
    }
    show();
    changed();
  });
  queueMicrotask(() => {
    show();
    changed();
  });
  return setting;
}

function stored(name) {
  try {
    return localStorage.getItem(`foyer-${name}`);
  } catch {
    return null;
  }
}

document.getElementById("switches").hidden = false;
start();
