// Booking for a visitor, and moving: services as one types, the times of what is chosen at once, what a service asks. Without it the same form goes
// to the server for each of these. Nothing that was typed is touched; a time that is no longer offered is told, not silently dropped.

import { find } from "./search.js";

const FETCH_MS = 8000;
const form = document.getElementById("book");
const need = document.getElementById("need");
const says = document.getElementById("book-says");
const offers = [...document.querySelectorAll("#offers .offer")].map((label) => ({ label, name: label.dataset.name, words: label.dataset.words }));
const ASKED = { required: "(ask for it)", optional: "(may stay empty)", no: "(not needed)" };

for (const each of document.querySelectorAll(".not-with-script")) each.hidden = true;

// What --------------------------------------------------------------------------------------------------------------

function search() {
  const found = find(offers, need.value);
  const shown = new Set(found.length > 0 ? found : offers);
  document.getElementById("nothing").hidden = found.length > 0;
  for (const each of offers) each.label.hidden = !shown.has(each);
  document.getElementById("offers").append(...(found.length > 0 ? found : offers).map((each) => each.label));
  for (const each of offers) each.label.classList.toggle("first-found", need.value.trim() !== "" && each === found[0]);
}

if (need) {
  need.closest(".search").hidden = false;
  need.addEventListener("input", search);
  need.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = find(offers, need.value)[0];
    if (!first || need.value.trim() === "") return;
    const radio = first.label.querySelector("input");
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    radio.focus();
  });
  if (!form.querySelector("[name=service]:checked")) need.focus();
  else if (form.querySelector("[aria-invalid]")) form.querySelector("[aria-invalid]").focus();
}

function asked() {
  const chosen = form.querySelector("[name=service]:checked");
  if (!chosen) return;
  const asks = new Map(chosen.dataset.asks.split(" ").map((each) => each.split(":")));
  for (const hint of form.querySelectorAll("[data-asked]")) hint.textContent = ASKED[asks.get(hint.dataset.asked) ?? "optional"];
  for (const set of form.querySelectorAll(".questions")) set.hidden = set.dataset.for !== chosen.value;
}

// When --------------------------------------------------------------------------------------------------------------

let latest = 0;

/** The times of what is chosen now, on `day` if one is named. */
async function times(day) {
  const fields = new FormData(form);
  const service = form.dataset.service ?? fields.get("service");
  if (!service) return;
  const query = new URLSearchParams({ service, on: day ?? fields.get("on") ?? "" });
  for (const name of ["person", "room", "interpreter", "starts_at"]) if (fields.get(name)) query.set(name, fields.get(name));
  if (form.dataset.besides) query.set("besides", form.dataset.besides);
  const turn = ++latest;
  let html;
  try {
    const answer = await fetch(`/appointments/times?${query}`, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(FETCH_MS) });
    if (answer.type === "opaqueredirect" || answer.status === 401) return location.reload();
    html = answer.ok ? await answer.text() : null;
  } catch {
    html = null;
  }
  if (turn !== latest) return; // another choice was made meanwhile
  if (html === null) {
    if (says) says.textContent = "The times cannot be had now: the server does not answer. Try again.";
    return;
  }
  const had = document.activeElement?.closest("#times") ? (document.activeElement.dataset.on ?? document.activeElement.name) : null;
  const chosen = form.querySelector("[name=starts_at]:checked")?.closest("label").textContent.trim();
  document.getElementById("times").outerHTML = html; // our own server's, every value escaped there
  if (had) (form.querySelector(`#times [data-on="${CSS.escape(had)}"]`) ?? form.querySelector("#times [aria-current]") ?? document.getElementById("times-on"))?.focus();
  const lost = chosen && !form.querySelector("[name=starts_at]:checked") ? `${chosen} is not free with this choice. ` : "";
  summary(lost);
}

function summary(before = "") {
  if (!says) return;
  const service = form.querySelector("[name=service]:checked")?.closest("label").querySelector("b").textContent;
  const slot = form.querySelector("[name=starts_at]:checked");
  const when = slot && new Date(`${slot.dataset.day}T12:00:00Z`).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
  const clock = slot?.closest("label").textContent.match(/\d\d:\d\d/)?.[0];
  says.textContent = before + [service, slot && `${when} at ${clock}`].filter(Boolean).join(", ");
}

form?.addEventListener("change", (event) => {
  if (event.target.name === "service") {
    asked();
    times("");
  } else if (event.target.matches("[data-times]")) times();
  else if (event.target.id === "times-on") times(event.target.value);
  summary();
});

form?.addEventListener("click", (event) => {
  const day = event.target.closest("button[name=show]");
  if (!day) return;
  event.preventDefault();
  times(day.dataset.on ?? document.getElementById("times-on").value);
});

if (form) {
  asked();
  summary();
}

// Done --------------------------------------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    document.getElementById("copied").textContent = "Copied.";
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
