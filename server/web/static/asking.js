// What every page that follows the floor shares: it keeps itself in step and makes each touch one ask.
//
// There are no rules here. The server renders what may be done; this fetches the fragment anew when the doorbell rings, sends a
// form's ask over the socket with an id made at the touch, and falls back to posting the same form with the same id, so an ask that
// got lost on the way and is sent again still happens once. What somebody is typing, has ticked or unfolded is never swapped away.

import { Link, newId } from "/display/static/link.js";
import { wind } from "./clocks.js";
import { Idiomorph } from "./vendor/idiomorph.js";

const ANSWER_MS = 4000;
const SAME_TOUCH_MS = 400;
const SAME_TOUCH_PIXELS = 24;
const LOOK_ANYWAY_MS = 30_000;
const FETCH_MS = 8000;
const LISTS = new Set(["services", "needs"]);
const TRUTHS = new Set(["discreet", "quick", "confirmed", "solved", "again"]);
const NOT_BODY = new Set(["csrf", "command", "back", "told"]);
const NEWS_MS = 10_000;
const UNKNOWN = "The server did not answer, so nobody knows whether this was done. Look when the connection is back, and press again if it was not.";
const INCOMPLETE = "Something is missing, or is not what the form asks for. Look through it and press again.";

const said = document.getElementById("said");
const lost = document.getElementById("lost");
const step = document.getElementById("step");
const state = document.getElementById("link");
const stateWords = document.getElementById("link-words");
const ownTitle = document.title;
export const now = () => document.getElementById("now");
const token = () => document.querySelector("input[name=csrf]")?.value ?? "";

/** What a page adds: `swapped` after each look, `acted` after an ask of a form that was done (with the form and the result). */
const listeners = { swapped: [], acted: [] };
export const on = (what, listener) => listeners[what].push(listener);
const emit = (what, ...details) => listeners[what].forEach((each) => each(...details));

// In step ---------------------------------------------------------------------------------------------------------

let touched = false; // since the last look: a session ends when nobody uses it, however long the page looks by itself
for (const what of ["pointerdown", "keydown"]) addEventListener(what, () => (touched = true), true);

let fetching = null;
let again = false;

/** Fetch the fragment and put it in place. Calls while one is on its way are one more fetch afterwards. */
export function look() {
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
  let html;
  try {
    answer = await fetch(now().dataset.url, {
      redirect: "manual",
      cache: "no-store",
      headers: touched ? { "x-foyer-used": "yes" } : {},
      signal: AbortSignal.timeout(FETCH_MS),
    });
    touched = false;
    html = answer.ok && answer.type !== "opaqueredirect" ? await answer.text() : null; // the body, too, may never come
  } catch {
    return; // the link's own state says that the server is out of reach
  }
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    location.reload();
    return;
  }
  if (html !== null) swap(html);
}

const KEEP = {
  morphStyle: "outerHTML",
  restoreFocus: true,
  callbacks: {
    beforeNodeMorphed: (old, fresh) => !(old instanceof HTMLFormElement && old.dataset.dirty && fresh.id === old.id),
    beforeAttributeUpdated: (name, node) => !(name === "open" && node instanceof HTMLDetailsElement),
  },
};

/** Make `old` what `html` says, keeping what somebody is doing in it. */
export const morph = (old, html) => Idiomorph.morph(old, html, KEEP);

/** Each part of the fragment takes the place of the one with its id. */
function swap(html) {
  unsure.clear(); // what is shown from here on tells what was done
  const before = { ...now().dataset };
  const focused = document.activeElement;
  const hadFocus = focused !== document.body && focused?.closest("[data-part]") != null;
  const part = hadFocus && focused.closest("section[aria-labelledby]")?.getAttribute("aria-labelledby");
  for (const fresh of new DOMParser().parseFromString(html, "text/html").body.children) {
    const old = fresh.id && document.getElementById(fresh.id);
    if (old) morph(old, fresh.outerHTML);
  }
  keepPlace(now().dataset.says !== before.says, hadFocus, part);
  prepare();
  emit("swapped", before);
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
export function prepare() {
  for (const only of document.querySelectorAll("[data-toggle-all][hidden]")) only.hidden = false;
  const { title, forMe } = now().dataset;
  const alarm = document.getElementById("emergency")?.dataset.alarm;
  if (alarm) document.title = `ALARM: ${alarm}`;
  else document.title = title ? `${Number(forMe) > 0 ? `(${forMe}) ` : ""}${title} – Foyer` : ownTitle;
  wind();
}

// The link --------------------------------------------------------------------------------------------------------

export const link = new Link("/ws/staff", "console");

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
const unsure = new Map(); // by form: the ask nobody knows the end of. Pressed again before the page has looked, it is the same ask
let acted = false; // this page did something, and the stage has not shown it yet
let touch = { at: -Infinity };
let sent = touch;

// A second press of the same finger must not land on the button that took the first one's place: within a moment, the same shortcut,
// or the same spot, is the same touch. A deliberate press elsewhere is never swallowed, nor one by a voice or a screen reader.
addEventListener("pointerdown", (event) => (touch = { at: performance.now(), x: event.clientX, y: event.clientY }), true);
addEventListener("keydown", (event) => (touch = { at: performance.now(), key: event.key }), true);

/** Whether what is pressed now is still the touch that sent the last ask; if not, it is the one from now on. */
export function isSameTouch() {
  const same = performance.now() - sent.at <= SAME_TOUCH_MS && touch.key === sent.key && isSamePlace();
  if (!same) sent = touch;
  return same;
}

function isSamePlace() {
  if (touch.key !== undefined) return touch.key !== "Enter" && touch.key !== " ";
  return Math.hypot(touch.x - sent.x, touch.y - sent.y) < SAME_TOUCH_PIXELS;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-ask], form[data-show]");
  if (!form) return;
  event.preventDefault();
  if (busy.has(form) || isSameTouch()) return;
  if (form.dataset.show !== undefined) showAnswer(form);
  else send(form, event.submitter);
});

// The second click of a double click, and a key held down, are the same touch.
document.addEventListener("click", (event) => event.detail > 1 && event.target.closest("form[data-ask] button, form[data-show] button") && event.preventDefault(), true);

async function send(form, submitter) {
  const body = read(new FormData(form, submitter));
  if (form.dataset.needs && !body[form.dataset.needs]) {
    tell("Choose at least one service.");
    return;
  }
  const fresh = form.dataset.fresh; // an id in the body that names something new: made at the touch, like the ask's own
  if (fresh) delete body[fresh];
  const words = JSON.stringify(body);
  const pressed = unsure.get(form.id)?.words === words ? unsure.get(form.id) : { words, id: newId(), named: newId() };
  if (fresh) body[fresh] = pressed.named;
  busy.add(form);
  form.setAttribute("aria-busy", "true");
  said.replaceChildren();
  const answer = await ask(pressed.id, body);
  if (answer.lost) unsure.set(form.id, pressed);
  busy.delete(form);
  form.removeAttribute("aria-busy");
  if (answer.say) {
    tell(answer.say);
  } else {
    delete form.dataset.dirty;
    if (form.dataset.once !== undefined) form.reset();
    acted = true;
    fold(form.closest("details"));
    if (more.contains(form)) more.close();
    if (form.dataset.done) tell(form.dataset.done + rooms(answer.result), "news");
    emit("acted", form, answer.result);
  }
  await look();
}

/** Where somebody who must not be seen can be taken, if the answer says so. */
function rooms(result) {
  if (!Array.isArray(result?.free)) return "";
  return result.free.length > 0 ? ` Free now: ${result.free.map((each) => each.name).join(", ")}.` : " No room is free now.";
}

/** Close it; a focus inside it goes to what opened it, not to the top of the page. */
function fold(details) {
  if (details?.contains(document.activeElement)) details.querySelector("summary").focus();
  details?.removeAttribute("open");
}

/** What the form asks, as the wire has it: empty fields are not filled in; a list named by `told` is told even when it is empty. */
export function read(data) {
  const body = {};
  for (const [name, value] of data) {
    if (name === "told") body[value] ??= [];
    if (NOT_BODY.has(name) || value === "") continue;
    if (LISTS.has(name)) (body[name] ??= []).push(value);
    else body[name] = TRUTHS.has(name) ? value === "true" : value;
  }
  return body;
}

/**
 * {result} when it is done, {say} why it was refused, {say, lost: true} when nobody knows. First over the socket; without an answer, by post
 * with the same id.
 */
export async function ask(id, body) {
  if (link.standing === "live") {
    const answer = await Promise.race([link.ask(body, id), after(ANSWER_MS)]);
    if (answer?.result) return { result: answer.result };
    if (answer?.refusal?.code === "malformed" && answer.refusal.say.startsWith("Not understood")) return { say: INCOMPLETE };
    if (answer?.refusal?.say) return { say: answer.refusal.say };
  }
  const form = new URLSearchParams({ csrf: token(), command: id });
  for (const [name, value] of Object.entries(body)) {
    if (Array.isArray(value)) form.append("told", name);
    for (const each of [value].flat()) form.append(name, each);
  }
  try {
    const answer = await fetch("/counter/ask", {
      method: "POST",
      body: form,
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(FETCH_MS),
    });
    const told = await answer.json();
    if (told.refusal) return { say: told.refusal.say };
    if (told.result) return { result: told.result };
  } catch {
    // nobody knows
  }
  return { say: UNKNOWN, lost: true };
}

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function tell(sentence, kind = "") {
  const line = document.createElement("p");
  line.className = `said ${kind}`;
  line.textContent = sentence;
  (more.open ? more.querySelector(".sheet-said") : said).replaceChildren(line);
  if (kind === "news") setTimeout(() => line.remove(), NEWS_MS);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-part] form");
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

// More about one ticket, in a dialogue; without script the same link is a page of its own ---------------------------

export const more = document.getElementById("more");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("a[data-more]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showSheet(opener.href);
});

/** What a form posts answers with a sheet of its own: a QR, what a private visit is about. */
async function showAnswer(form) {
  busy.add(form);
  await showSheet(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  busy.delete(form);
}

async function showSheet(url, options = {}) {
  const answer = await part(url, options);
  if (answer === null) tell("The server cannot be reached. Try again when the connection is back.");
  else if (answer.say) tell(answer.say);
  else if (answer.html === undefined) look();
  else {
    more.querySelector(".sheet-said").replaceChildren();
    more.querySelector(".sheet-body").innerHTML = answer.html; // our own server's, every value escaped there
    prepare();
    if (!more.open) more.showModal();
    more.scrollTop = 0;
    const heading = more.querySelector("#more-h"); // not the first button: the key that opened it, pressed twice, would press that
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }
}

/** A part of a page: {html}, {say} why not, {} when it is gone, null when the server cannot be reached. */
export async function part(url, options = {}) {
  let answer;
  try {
    answer = await fetch(url, { ...options, headers: { "x-foyer-part": "yes", accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(FETCH_MS) });
    if (answer.ok && !answer.redirected) return { html: await answer.text() };
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const why = page.querySelector("#said .said, .refusal, main p")?.textContent.trim();
    return options.method === "POST" && why ? { say: why } : {};
  } catch {
    return null;
  }
}

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

/** Begin to follow. A page calls it once it listens. */
export function start() {
  state.dataset.standing = "empty";
  stateWords.textContent = "Connecting";
  prepare();
  setInterval(look, LOOK_ANYWAY_MS);
  link.start();
  // Opened while the server is away there is no frame to grow old: say so as soon as an old one would.
  setTimeout(() => link.standing === "empty" && showStanding("stale"), 10_000);
}
