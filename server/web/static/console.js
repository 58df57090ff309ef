// The counter console and the floor overview: keeps the page in step and makes each touch one ask.
//
// There are no rules here. The server renders what may be done; this fetches the fragment anew when the doorbell rings, sends a
// form's ask over the socket with an id made at the touch, and falls back to posting the same form with the same id, so an ask that
// got lost on the way and is sent again still happens once. What somebody is typing, has ticked or unfolded is never swapped away.

import { Link, newId } from "/display/static/link.js";
import { chime, mute } from "./sound.js";
import { Idiomorph } from "./vendor/idiomorph.js";

const ANSWER_MS = 4000;
const SAME_TOUCH_MS = 400;
const SAME_TOUCH_PIXELS = 24;
const LOOK_ANYWAY_MS = 30_000;
const FETCH_MS = 8000;

const said = document.getElementById("said");
const lost = document.getElementById("lost");
const step = document.getElementById("step");
const now = () => document.getElementById("now");
const token = () => document.querySelector("input[name=csrf]")?.value ?? "";

// In step ---------------------------------------------------------------------------------------------------------

let touched = false; // since the last look: a session ends when nobody uses it, however long the page looks by itself
for (const what of ["pointerdown", "keydown"]) addEventListener(what, () => (touched = true), true);

let fetching = null;
let again = false;

/** Fetch the fragment and put it in place. Calls while one is on its way are one more fetch afterwards. */
function look() {
  if (fetching) {
    again = true;
    return fetching;
  }
  fetching = fetchOnce().finally(() => {
    fetching = null;
    if (again) {
      again = false;
      look();
    }
  });
  return fetching;
}

async function fetchOnce() {
  let answer;
  try {
    answer = await fetch(now().dataset.url, {
      redirect: "manual",
      cache: "no-store",
      headers: touched ? { "x-foyer-used": "yes" } : {},
      signal: AbortSignal.timeout(FETCH_MS),
    });
    touched = false;
  } catch {
    return; // the link's own state says that the server is out of reach
  }
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    location.reload();
    return;
  }
  if (answer.ok) swap(await answer.text());
}

function swap(html) {
  const before = now();
  const wasIdle = before.dataset.free === "yes" && Number(before.dataset.forMe) === 0;
  const saidBefore = before.dataset.says;
  const hadFocus = before.contains(document.activeElement);
  const part = hadFocus && document.activeElement.closest("section[aria-labelledby]")?.getAttribute("aria-labelledby");
  Idiomorph.morph(before, html, {
    morphStyle: "outerHTML",
    restoreFocus: true,
    callbacks: {
      beforeNodeMorphed: (old, fresh) => !(old instanceof HTMLFormElement && old.dataset.dirty && fresh.id === old.id),
      beforeAttributeUpdated: (name, node) => !(name === "open" && node instanceof HTMLDetailsElement),
    },
  });
  const after = now();
  keepPlace(after.dataset.says !== saidBefore, hadFocus, part);
  prepare();
  const forMe = Number(after.dataset.forMe);
  if (wasIdle && forMe > 0 && after.dataset.free === "yes") {
    chime();
    tell("Somebody is waiting for you.", "news");
  }
  if (forMe === 0 || after.dataset.free !== "yes") said.querySelector(".news")?.remove();
}

/**
 * Nobody may lose their place when what they pressed is gone. Who took a step is led to the stage, which is then read out and in view; who
 * did something in another part stays in it. A step somebody else took (another tab, the system) is read out where it disturbs nothing.
 */
function keepPlace(isNews, hadFocus, part) {
  const isNowhere = document.activeElement === document.body || document.activeElement === null;
  if (isNowhere && (hadFocus || (acted && isNews))) {
    const heading = (!isNews && part && document.getElementById(part)) || document.getElementById("stage-h");
    heading?.focus();
    step.textContent = ""; // the heading says it; what was read out before is not true any more
  } else if (isNews) {
    step.textContent = now().dataset.says ?? "";
  }
  if (isNews) acted = false;
}

/** Things a fresh fragment needs: running clocks, switches that work only with script, the window's title. */
function prepare() {
  const at = performance.now();
  for (const clock of document.querySelectorAll("[data-elapsed]")) {
    if (clock.dataset.elapsed !== clock.fresh) {
      clock.fresh = clock.dataset.elapsed;
      clock.begun = at - (Number(clock.dataset.elapsed) * 1000) / speed();
    }
  }
  for (const only of document.querySelectorAll("[data-toggle-all][hidden]")) only.hidden = false;
  const { title, forMe } = now().dataset;
  if (title) document.title = `${Number(forMe) > 0 ? `(${forMe}) ` : ""}${title} – Foyer`;
  tick();
}

const speed = () => Number(now().dataset.speed) || 1;
const two = (number) => String(number).padStart(2, "0");

function tick() {
  const at = performance.now();
  for (const clock of document.querySelectorAll("[data-elapsed]")) {
    if (clock.begun === undefined) continue;
    const seconds = Math.max(0, Math.floor(((at - clock.begun) / 1000) * speed()));
    const text = clock.dataset.as === "clock" ? ticking(seconds) : inMinutes(Math.floor(seconds / 60));
    if (clock.textContent !== text) clock.textContent = text;
  }
}

const ticking = (s) => (s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`);
const inMinutes = (m) => (m < 60 ? `${m} min` : `${Math.floor(m / 60)} h ${two(m % 60)}`);

// The link --------------------------------------------------------------------------------------------------------

const link = new Link("/ws/staff", "console");
const state = document.getElementById("link");
const stateWords = document.getElementById("link-words");

function showStanding(standing) {
  const live = standing === "live";
  if (state.dataset.standing === standing) return;
  const was = state.dataset.standing;
  state.dataset.standing = standing;
  stateWords.textContent = { live: "In step", stale: "Connection lost", empty: "Connecting" }[standing] ?? standing;
  document.body.classList.toggle("is-stale", standing === "stale");
  lost.textContent = standing === "stale" ? "The connection is lost. What you see may be old. This page keeps trying by itself." : "";
  if (live && was === "stale") look();
}

link.addEventListener("change", () => look());
link.addEventListener("standing", (event) => showStanding(event.detail));
link.addEventListener("bye", (event) => {
  if (event.detail.code === "signed_out" || event.detail.code === "revoked") location.reload();
});

// Asks ------------------------------------------------------------------------------------------------------------

const busy = new WeakSet();
let acted = false; // this page did something, and the stage has not shown it yet
let touch = { at: -Infinity };
let sent = touch;

// A second press of the same finger must not land on the button that took the first one's place: within a moment, the same shortcut,
// or the same spot, is the same touch. A deliberate press elsewhere is never swallowed, nor one by a voice or a screen reader.
addEventListener("pointerdown", (event) => (touch = { at: performance.now(), x: event.clientX, y: event.clientY }), true);
addEventListener("keydown", (event) => (touch = { at: performance.now(), key: event.key }), true);

function isSameTouch() {
  if (performance.now() - sent.at > SAME_TOUCH_MS || touch.key !== sent.key) return false;
  if (touch.key !== undefined) return touch.key !== "Enter" && touch.key !== " ";
  return Math.hypot(touch.x - sent.x, touch.y - sent.y) < SAME_TOUCH_PIXELS;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-ask]");
  if (!form) return;
  event.preventDefault();
  if (busy.has(form) || isSameTouch()) return;
  sent = touch;
  send(form, event.submitter);
});

// The second click of a double click, and a key held down, are the same touch.
document.addEventListener("click", (event) => event.detail > 1 && event.target.closest("form[data-ask] button") && event.preventDefault(), true);

async function send(form, submitter) {
  const body = read(new FormData(form, submitter));
  if (form.dataset.needs && !body[form.dataset.needs]) {
    tell("Choose at least one service.");
    return;
  }
  const id = newId();
  busy.add(form);
  form.setAttribute("aria-busy", "true");
  said.replaceChildren();
  const refusal = await ask(id, body);
  busy.delete(form);
  form.removeAttribute("aria-busy");
  if (refusal) {
    tell(refusal);
  } else {
    delete form.dataset.dirty;
    if (form.dataset.once !== undefined) form.reset();
    acted = true;
    fold(form.closest("details"));
    if (more.contains(form)) more.close();
  }
  await look();
}

/** Close it; a focus inside it goes to what opened it, not to the top of the page. */
function fold(details) {
  if (details?.contains(document.activeElement)) details.querySelector("summary").focus();
  details?.removeAttribute("open");
}

/** What the form asks, as the wire has it: empty fields are not filled in, `services` is a list. */
function read(data) {
  const body = {};
  for (const [name, value] of data) {
    if (name === "csrf" || name === "command" || name === "back" || value === "") continue;
    if (name === "services") (body.services ??= []).push(value);
    else body[name] = value;
  }
  return body;
}

/** Why it was refused, or nothing when it is done. First over the socket; without an answer, by post with the same id. */
async function ask(id, body) {
  if (link.standing === "live") {
    const answer = await Promise.race([link.ask(body, id), after(ANSWER_MS)]);
    if (answer?.result) return "";
    if (answer?.refusal?.say) return answer.refusal.say;
  }
  const form = new URLSearchParams({ csrf: token(), command: id });
  for (const [name, value] of Object.entries(body)) for (const each of [value].flat()) form.append(name, each);
  try {
    const answer = await fetch("/counter/ask", {
      method: "POST",
      body: form,
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(FETCH_MS),
    });
    const told = await answer.json();
    return told.refusal?.say ?? "";
  } catch {
    return "This is not done: the server cannot be reached. Press again when the connection is back.";
  }
}

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function tell(sentence, kind = "") {
  const line = document.createElement("p");
  line.className = `said ${kind}`;
  line.textContent = sentence;
  (more.open ? more.querySelector(".sheet-said") : said).replaceChildren(line);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("#now form");
  if (form) form.dataset.dirty = "yes";
});

document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-toggle-all]");
  if (!toggle) return;
  const boxes = [...toggle.closest("form").querySelectorAll(`input[name=${toggle.dataset.toggleAll}]`)];
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
  toggle.closest("form").dataset.dirty = "yes";
});

// More about one ticket, in a dialogue; without script the same link is a page of its own.
const more = document.getElementById("more");

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  let answer;
  try {
    answer = await fetch(link.href, { headers: { "x-foyer-part": "yes", accept: "text/html" }, signal: AbortSignal.timeout(FETCH_MS) });
  } catch {
    tell("The server cannot be reached. Try again when the connection is back.");
    return;
  }
  if (!answer.ok || answer.redirected) {
    look();
    return;
  }
  more.querySelector(".sheet-said").replaceChildren();
  more.querySelector(".sheet-body").innerHTML = await answer.text(); // our own server's, every value escaped there
  prepare();
  more.showModal();
});
more.addEventListener("click", (event) => (event.target === more || event.target.closest("[data-close]")) && more.close());

// One menu open at a time; Escape and a click elsewhere close it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (more.open) return;
  const open = event.target.closest?.("details[open]") ?? document.querySelector("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary")?.focus();
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
state.dataset.standing = "empty";
stateWords.textContent = "Connecting";
prepare();
setInterval(tick, 500);
setInterval(look, LOOK_ANYWAY_MS);
link.start();
// Opened while the server is away there is no frame to grow old: say so as soon as an old one would.
setTimeout(() => link.standing === "empty" && showStanding("stale"), 10_000);
