// The set-up with script: the sketch of the kiosk follows the form, buttons that only reshape the form keep one's place on the page, a date
// typed chooses "on a date", and a form that was changed is not left by mistake. Without script the same forms work page by page.

const form = document.querySelector("form[data-shape]");
const preview = document.querySelector("[data-look]");
let changed = false;

function fields(button) {
  const data = new FormData(form, button ?? undefined);
  for (const each of preview?.querySelectorAll("select") ?? []) data.set(each.name, each.value);
  return new URLSearchParams(data);
}

// The sketch ------------------------------------------------------------------------------------------------

let waiting = 0;
let asked = 0;

async function look() {
  const number = ++asked;
  preview.classList.add("is-looking");
  try {
    const answer = await fetch(preview.dataset.look, { method: "POST", body: fields() });
    if (!answer.ok || number !== asked) return;
    const seen = new DOMParser().parseFromString(await answer.text(), "text/html");
    preview.querySelector("[data-look-here]").replaceChildren(...seen.body.childNodes);
  } catch {
    // The sketch stays as it was; the form itself says when the server cannot be reached.
  } finally {
    if (number === asked) preview.classList.remove("is-looking");
  }
}

function lookSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(look, 200);
}

if (form && preview) {
  preview.querySelector(".k-switches").hidden = false;
  form.addEventListener("input", lookSoon);
  preview.addEventListener("change", look);
}

// Buttons that reshape the form -----------------------------------------------------------------------------

const pressed = ({ name, value }) => [...form.querySelectorAll(`button[name="${name}"]`)].find((each) => each.value === value);

async function reshape(press) {
  const button = pressed(press);
  if (!button || button.disabled) return; // it has come to the end
  const answer = await fetch(form.action, { method: "POST", body: fields(button) });
  if (!answer.ok) {
    asItIs = true;
    form.requestSubmit(button);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("form[data-shape]");
  form.replaceChildren(...fresh.childNodes);
  const { name } = press;
  const same = pressed(press);
  const beside = same?.parentElement.querySelector("button:enabled");
  if (name === "more") [...form.querySelectorAll(".row-of-hours")].at(-1)?.querySelector("input:not([type=hidden])")?.focus();
  else (same?.disabled ? beside : same)?.focus();
  if (preview) look();
}

const presses = []; // one after the other: a press must not overtake the answer to the one before
let reshaping = false;
let asItIs = false;

async function reshapeAll() {
  reshaping = true;
  try {
    while (presses.length) await reshape(presses.shift());
  } catch {
    form.submit();
  } finally {
    reshaping = false;
  }
}

form?.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && (button.name === "move" || button.name === "more") && !asItIs) {
    event.preventDefault();
    changed = true;
    presses.push({ name: button.name, value: button.value });
    if (!reshaping) reshapeAll();
    return;
  }
  changed = false;
});
form?.addEventListener("input", () => { changed = true; });
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});

// Small things ----------------------------------------------------------------------------------------------

document.querySelector("[data-dated]")?.addEventListener("input", (event) => {
  event.target.closest(".dated").querySelector("input[type=radio]").checked = true;
});
document.querySelector("#wrongs")?.focus();
document.querySelector(".rooms [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
