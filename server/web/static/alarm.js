// The staff alarm: held for a second and a half, so that no stray touch raises it, or opened by a short press and confirmed. It makes no
// sound, here or anywhere, and the page of who raised it says so in one small word only: whoever stands before it must not read it.

const HOLD_MS = 1500;
const SENT_MS = 6000;
const AGAIN_MS = 2000;
const LOOK_MS = 5000;
const SURELY_OVER_MS = 60_000;

const menu = document.getElementById("alarm");
const summary = menu?.querySelector(":scope > summary");
const form = menu?.querySelector("form");
const word = summary?.querySelector(".alarm-word");
const where = form?.elements.where;

let holding = null;
let held = false; // the press that ends now was a long one: it opens nothing

function begin(event) {
  if (event.type === "keydown" ? ![" ", "Enter"].includes(event.key) : event.button !== 0) return;
  if (event.type === "keydown") event.preventDefault(); // Enter would open the menu at once
  if (event.repeat || holding !== null) return;
  held = false;
  summary.classList.add("holding");
  holding = setTimeout(() => {
    held = true;
    end();
    raise();
  }, HOLD_MS);
}

function end() {
  clearTimeout(holding);
  holding = null;
  summary.classList.remove("holding");
}

function released(event) {
  if (![" ", "Enter"].includes(event.key)) return;
  event.preventDefault();
  const short = holding !== null;
  end();
  if (short) menu.open = !menu.open;
}

/** Send it until the server has heard: an alarm is not given up for want of a line. */
async function raise() {
  menu.open = false;
  word.textContent = "Sending";
  const body = new URLSearchParams(new FormData(form));
  body.set("command", fresh());
  body.set("request", fresh());
  let renewed = false;
  for (;;) {
    try {
      const answer = await fetch("/counter/ask", { method: "POST", body, headers: { accept: "application/json" }, signal: AbortSignal.timeout(4000) });
      if (answer.status === 403 && !renewed) {
        renewed = true; // another window has chosen another centre since, and with it another token
        body.set("csrf", await token());
        continue;
      }
      if (answer.status < 500) {
        said(answer.ok ? "Sent" : "Not sent");
        return;
      }
    } catch {
      word.textContent = "Trying";
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** The session's token as it is now, from a page that everybody may open. */
async function token() {
  const answer = await fetch("/password", { cache: "no-store", signal: AbortSignal.timeout(4000) });
  const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
  return shown.querySelector("input[name=csrf]")?.value ?? "";
}

const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function said(what) {
  word.textContent = what;
  summary.classList.add("sent");
  setTimeout(() => {
    word.textContent = "Alarm";
    summary.classList.remove("sent");
  }, SENT_MS);
}

/** Pages that follow no floor look every few seconds whether everybody must leave, and leave themselves when nobody is signed in any more: what they show
 * shall not stay on the screen. Words half typed on them stay, so only this part is renewed, and typing is use. */
const leaving = document.getElementById("leaving");
let used = false;

async function look() {
  if (document.hidden) return;
  try {
    const headers = used ? { "x-foyer-used": "yes" } : {};
    used = false;
    const answer = await fetch("/leaving", { headers, cache: "no-store", signal: AbortSignal.timeout(4000) });
    if (answer.status === 204) location.replace(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    if (answer.status !== 200) return;
    const shown = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".everybody-out");
    const isNews = (shown === null) !== (leaving.querySelector(".everybody-out") === null);
    if (isNews && leaving.querySelector("details[open]") === null) leaving.replaceChildren(...(shown === null ? [] : [shown]));
  } catch {
    // no line: the next look may have one
  }
}

/** A page that the browser had kept, and shows again to who goes back, holds numbers that may have been used: that everybody must leave would be taken for said
 * already, before the last drill. */
function renew() {
  for (const what of document.querySelectorAll('.evacuate [name="command"], .everybody-out [name="command"]')) what.value = fresh();
}

addEventListener("pageshow", (event) => event.persisted && renew());
// So does one that is still there after its form was sent: somebody stopped it before the answer came. A second tap of that moment is the same one.
addEventListener("submit", () => setTimeout(renew, SURELY_OVER_MS));

if (leaving !== null) {
  setInterval(look, LOOK_MS);
  for (const what of ["keydown", "pointerdown"]) document.addEventListener(what, () => (used = true), { passive: true });
  document.addEventListener("visibilitychange", look);
}

if (menu !== null) {
  summary.addEventListener("pointerdown", begin);
  for (const what of ["pointerup", "pointerleave", "pointercancel"]) summary.addEventListener(what, end);
  summary.addEventListener("keydown", begin);
  summary.addEventListener("keyup", released);
  summary.addEventListener("blur", end);
  summary.addEventListener("contextmenu", (event) => event.preventDefault());
  summary.addEventListener("click", (event) => {
    if (held) event.preventDefault();
    held = false;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    raise();
  });
  try {
    where.value = localStorage.getItem("foyer-where") ?? "";
    where.addEventListener("change", () => localStorage.setItem("foyer-where", where.value));
  } catch {
    // where is said anew each time
  }
}
