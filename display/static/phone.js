// Keeps the visitor's page true while it is open: listens for its part to change, fetches it anew, rings and buzzes when it is their turn.
//
// The page is drawn on the server; nothing is decided here but when to fetch and when to make a noise. Phones are put in pockets: when the
// page is looked at again the line is opened at once, and what was missed is shown. A browser lets a page make sound only after a tap.

import { Link } from "./link.js";
import { Sound, seconds } from "./sound.js";

const BUZZ = [500, 200, 500, 200, 900];
const RINGS = 3;
const TRY_AGAIN_MS = 2_000;

const place = document.getElementById("place");
const { secret, language } = place.dataset;
const link = new Link(`/ws/t/${encodeURIComponent(secret)}`, "phone 1");
const title = document.title;
let rung = calledTimes();
let wasCalled = rung > 0;
let wasLeaving = isLeaving();
let isOver = false;
let fetching = null;

/** What the shown part says of itself. */
function shownState() {
  return place.querySelector("[data-state]")?.dataset ?? {};
}

/** How often this visitor has been called where they now are; 0 when they are not called. */
function calledTimes() {
  const { state, times } = shownState();
  return state === "called" ? Number(times) : 0;
}

/** Whether the page says that everyone must leave the building. */
function isLeaving() {
  return "leaving" in shownState();
}

/** Fetch the part that changes. Changes heard while fetching are one more fetch afterwards. */
async function refresh() {
  if (fetching !== null) {
    fetching.again = true;
    return;
  }
  const mine = (fetching = { again: false });
  try {
    const answer = await fetch(`/t/${encodeURIComponent(secret)}/now?lang=${language}`, { cache: "no-store", signal: AbortSignal.timeout(8_000) });
    if (answer.status === 404) end();
    else if (answer.ok) draw(await answer.text());
    else throw new Error(String(answer.status));
  } catch {
    setTimeout(refresh, TRY_AGAIN_MS);
  }
  fetching = null;
  if (mine.again && !isOver) refresh();
}

function draw(html) {
  const wasOnLeave = document.activeElement?.closest(".leave") != null;
  const before = [shownState().state, told()].join();
  place.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.children);
  if (wasOnLeave) place.querySelector(".leave a")?.focus({ preventScroll: true });
  const times = calledTimes();
  if (times > rung || [shownState().state, told()].join() !== before) readOut();
  const isQuiet = "quiet" in shownState(); // a person comes: no sound, no buzz, nothing others could notice
  const mustGo = isLeaving() && !wasLeaving && !("still" in shownState());
  if (mustGo || (times > rung && !isQuiet && !isLeaving())) ring();
  wasLeaving = isLeaving();
  rung = times;
  wasCalled = times > 0;
  const headline = place.querySelector(".leaving h1") ?? (wasCalled && !isQuiet ? place.querySelector(".go") : null);
  document.title = headline === null ? title : `\u25CF ${headline.textContent}`;
}

/** What everyone is told, as it stands on the page. */
function told() {
  return [...place.querySelectorAll(".leaving h1, .told p")].map((part) => part.textContent).join();
}

/** For who listens to the page: what has changed for them, once; not every minute that passes nor every place moved up. */
function readOut() {
  const parts = place.querySelectorAll(".leaving h1, .leaving .lead, .told p, .turn h1, .turn .code, .turn .go, .place > .main, .facts > .main");
  document.getElementById("told").textContent = [...parts].map((part) => part.textContent.trim()).join(". ");
}

/** The visit is over: ask how it was, where the server does; else say how it ended, as far as this page saw. */
async function end() {
  if (isOver) return;
  isOver = true;
  link.stop();
  if (!wasCalled && (await isAsked())) {
    location.reload();
    return;
  }
  document.getElementById("lost").hidden = true;
  document.querySelector(".tools").hidden = true;
  place.replaceChildren(document.getElementById(wasCalled ? "missed" : "ended").content.cloneNode(true));
  document.title = place.querySelector("h1").textContent;
  place.querySelector("h1").focus();
}

/** Whether the page of this ticket now asks how the visit was. */
async function isAsked() {
  try {
    const answer = await fetch(`${location.pathname}?lang=${language}`, { cache: "no-store", signal: AbortSignal.timeout(5_000) });
    return answer.ok;
  } catch {
    return false;
  }
}

// Sound ---------------------------------------------------------------------------------------------------------

let sound = null;
const button = document.getElementById("sound");

async function ring() {
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(BUZZ);
  for (let turn = 0; turn < RINGS && sound !== null; turn += 1) {
    await sound.chime();
    await seconds(0.4);
  }
}

async function switchSound() {
  if (sound === null) {
    sound = new Sound();
    if (await sound.switchOn()) await keepAwake();
    else sound = null;
    sound?.chime();
  } else {
    sound = null;
  }
  button.setAttribute("aria-pressed", String(sound !== null));
  place.classList.toggle("sounding", sound !== null);
  button.textContent = sound === null ? button.dataset.on : button.dataset.off;
}

/** The screen must not go dark while its owner waits for it; browsers that cannot simply do not. */
async function keepAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Battery low, or not allowed: the page works as before.
  }
}

// The line ------------------------------------------------------------------------------------------------------

link.addEventListener("change", (event) => {
  const { put, drop } = event.detail;
  const isOurs = (key) => key === "place" || key === "centre" || key.startsWith("announcement:");
  if ([...Object.keys(put), ...drop].some(isOurs)) refresh();
});
link.addEventListener("standing", (event) => {
  document.getElementById("lost").hidden = isOver || event.detail !== "stale";
});
link.addEventListener("bye", (event) => {
  if (event.detail.code === "ended") end();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && sound !== null) keepAwake();
});
button.hidden = false;
button.addEventListener("click", switchSound);
link.start();
