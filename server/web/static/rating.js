// A tablet at the exit starts again by itself: when nobody touches it for a while, it asks whether somebody is still there, and then clears.
//
// What was chosen before has been sent with its touch; only what is being typed would be lost, so every touch and key begins the time anew. Without
// this script the pages load themselves again (base.html), later and without asking. The sentence that counts down is the server's, so it is in the visitor's language.

const CLEARS_MS = 20_000;
const { start, idle, ends } = document.body.dataset;
const dialog = document.querySelector(".rating-idle");
const background = [...document.body.children].filter((part) => part !== dialog && part.tagName !== "SCRIPT");
let timer = null;
let before = null;

function over() {
  location.replace(start);
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(ask, Number(idle) * 1000);
}

function ask() {
  before = document.activeElement;
  dialog.hidden = false;
  for (const part of background) part.inert = true;
  dialog.querySelector("[data-more]").focus();
  timer = setTimeout(over, CLEARS_MS);
}

function goOn() {
  dialog.hidden = true;
  for (const part of background) part.inert = false;
  before?.focus?.();
  wait();
}

if (Number(ends) > 0) setTimeout(over, Number(ends) * 1000);
else if (Number(idle) > 0) {
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) {
    addEventListener(kind, () => dialog.hidden && wait(), { passive: true, capture: true });
  }
  dialog.querySelector("[data-more]").addEventListener("click", goOn);
  dialog.querySelector("[data-over]").addEventListener("click", over);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") goOn();
  });
  wait();
}

// A page that comes back from the browser's memory belongs to whoever stood here before.
addEventListener("pageshow", (event) => {
  if (event.persisted) over();
});

// Two quick touches are one answer: the first is on its way. (The server knows the second again as well.)
document.getElementById("answer")?.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
