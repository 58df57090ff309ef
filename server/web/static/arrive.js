// Arriving someone. The press is answered at once: the ids are made here, the form is put aside, and what became of it is told when it is
// known. Without a line the same entry is asked again, with the same ids, until the server has said yes or no; so however often it was
// sent, it is one visitor. Entries hold what a visitor told, so they are kept on this page only and a reload is asked about first.

import { ask, isSameTouch, look, morph, on, part, read, tell } from "./asking.js";
import { find } from "./search.js";
import { newId } from "/display/static/link.js";

const AGAIN_MS = 3000;

const form = document.getElementById("arrive-form");
const arrived = document.getElementById("arrived");
const pending = document.getElementById("pending");
const coming = document.getElementById("coming-room");
const need = document.getElementById("need");
const nothing = document.getElementById("nothing");
const offered = document.getElementById("offered");
const forWhat = document.getElementById("for-what");
const says = document.getElementById("more-says");
const further = document.getElementById("arrive-more");
const NOTHING_MORE = says?.textContent ?? "";

const offers = [...(offered?.querySelectorAll(".offer") ?? [])].map((label) => ({
  label,
  name: label.dataset.name,
  words: label.dataset.words,
}));
const entries = new Set();
let shown = null; // the entry, or the ticket, whose code stands on the screen

// Choosing --------------------------------------------------------------------------------------------------------

function search() {
  const found = find(offers, need.value);
  nothing.hidden = found.length > 0;
  const visible = new Set(found.length > 0 ? found : offers);
  for (const each of offers) each.label.hidden = !visible.has(each);
  offered.append(...(found.length > 0 ? found : offers).map((each) => each.label)); // the order on the screen is the order of the keys
  for (const each of offers) each.label.classList.toggle("first-found", need.value.trim() !== "" && each === found[0]);
}

function choose(offer) {
  offer.label.querySelector("input").checked = true;
  change();
}

function change() {
  const chosen = form.querySelector("input[name=service]:checked");
  forWhat.textContent = chosen ? chosen.closest("label").querySelector("b").textContent : "";
  const said = [...form.querySelectorAll("#arrive-more input:checked")]
    .filter((each) => !(each.name === "language" && each.value === "en"))
    .map((each) => each.closest("label").textContent.trim());
  for (const each of form.querySelectorAll("#arrive-more select")) {
    if (each.selectedIndex > 0) said.push(each.name === "people" ? `${each.value} people` : each.selectedOptions[0].textContent.trim());
  }
  for (const name of ["note", "apart", "code"]) if (form.elements[name].value.trim()) said.push({ note: "a note", apart: "keep apart", code: form.elements[name].value.toUpperCase() }[name]);
  says.textContent = said.join(", ") || NOTHING_MORE;
}

function clear() {
  form.reset();
  need.value = "";
  further.open = false;
  search();
  change();
}

// Giving a number -------------------------------------------------------------------------------------------------

async function give() {
  const body = read(new FormData(form));
  if (body.code) body.code = body.code.trim().toUpperCase();
  if (!body.service) {
    tell("Choose what they need.");
    need.focus();
    return;
  }
  if (!form.elements.code.checkValidity()) {
    tell("A paper ticket's number is a letter and two digits or more, as it is printed on it. Correct it, or leave it out.");
    form.elements.code.focus();
    return;
  }
  const name = form.querySelector("input[name=service]:checked").closest("label").querySelector("b").textContent;
  const entry = { id: newId(), body: { ...body, visit: newId(), ticket: newId() }, name, at: performance.now(), age: Number(body.age_ms ?? 0) };
  entries.add(entry);
  document.getElementById("said").replaceChildren();
  show(entry);
  waitFor(entry);
}

/** Ask until there is an answer. */
async function waitFor(entry) {
  for (;;) {
    const aged = { ...entry.body, age_ms: Math.round(entry.age + performance.now() - entry.at) };
    const answer = await ask(entry.id, aged);
    if (!answer.lost) {
      entries.delete(entry);
      if (answer.result) came(entry, answer.result);
      else refused(entry, answer.say);
      list();
      look();
      return;
    }
    entry.late = true;
    if (shown === entry) waiting(entry);
    list();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function came(entry, result) {
  if (shown === entry) {
    clear();
    shown = entry.body.ticket;
    arrived.querySelector(".given-code").textContent = result.code;
    refresh();
  } else {
    const line = document.createElement("li");
    const open = document.createElement("a");
    open.href = `/floor/ticket/${entry.body.ticket}?back=greeter`;
    open.dataset.more = "";
    open.className = "button";
    open.textContent = `${result.code}: ${entry.name} is entered`;
    line.append(open);
    pending.append(line);
  }
}

function refused(entry, say) {
  if (shown === entry) {
    back();
    document.getElementById("arrive-button").focus();
    tell(say);
  } else {
    tell(`${entry.name} could not be entered. ${say}`);
  }
}

/** What of earlier entries is still on its way. */
function list() {
  for (const old of pending.querySelectorAll("[data-late]")) old.remove();
  for (const entry of entries) {
    if (!entry.late || entry === shown) continue;
    const line = document.createElement("li");
    line.dataset.late = "";
    line.textContent = `${entry.name}: not entered yet. It is entered by itself when the connection is back.`;
    pending.prepend(line);
  }
}

// What stands on the screen ---------------------------------------------------------------------------------------

function show(entry) {
  shown = entry;
  form.hidden = true;
  if (coming !== null) coming.hidden = true;
  arrived.hidden = false;
  arrived.replaceChildren(made("div", "given", made("p", "given-lead", "Giving a number"), made("p", "given-code", "…"), made("p", "lead", entry.name)));
  arrived.scrollIntoView({ block: "nearest" });
  arrived.focus({ preventScroll: true });
}

function waiting() {
  const given = arrived.querySelector(".given");
  if (given.querySelector("[data-next]")) return;
  given.querySelector(".given-lead").textContent = "No connection";
  const next = made("button", "button primary large wide", "Next person");
  next.type = "button";
  next.dataset.next = "";
  given.append(made("p", "", "The number comes by itself when the connection is back. Ask them to wait near you."), next);
}

function made(tag, kind, ...content) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...content);
  return element;
}

/** Back to the form, with what was filled in. */
function back() {
  shown = null;
  arrived.hidden = true;
  arrived.replaceChildren();
  form.hidden = false;
  if (coming !== null) coming.hidden = false;
}

function next() {
  back();
  clear();
  list();
  document.getElementById("arrive-h").focus();
}

/** The whole of what can be done with the number, and what became of its paper. */
async function refresh() {
  const ticket = shown;
  const answer = await part(`/greeter/arrived/${ticket}`);
  if (answer === null || shown !== ticket) return;
  if (answer.html === undefined) next();
  else morph(arrived, `<div id="arrived" tabindex="-1" aria-live="polite">${answer.html}</div>`);
}

if (form !== null) {
  form.noValidate = true;
  need.closest("[hidden]").hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isSameTouch()) give();
  });
  need.addEventListener("input", search);
  need.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const [first] = find(offers, need.value);
    if (need.value.trim() === "" || first === undefined) return;
    choose(first);
    document.getElementById("arrive-button").focus();
  });
  form.addEventListener("change", change);
  form.addEventListener("input", change);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-next]")) return;
    event.preventDefault();
    if (!isSameTouch()) next(); // it stands where “Give a number” stood: a finger that comes down twice must not wipe a number nobody has read
  });
  on("acted", (asked, result) => {
    if (asked.elements.do?.value === "arrive_booking" && asked.elements.back?.value === "greeter") {
      show({ name: "" });
      arrived.querySelector(".given-code").textContent = result.code;
      shown = result.ticket;
      refresh();
      return;
    }
    if (!arrived.contains(asked) && typeof shown !== "string") return;
    if (asked.id.startsWith("withdraw-") && asked.elements.ticket.value === shown) {
      next();
      tell("Taken back. Nobody was counted.", "news");
    } else if (typeof shown === "string") refresh();
  });
  on("swapped", () => {
    for (const figure of document.querySelectorAll("#figures [data-figure]")) {
      const place = offered.querySelector(`[data-of="${CSS.escape(figure.dataset.figure)}"]`);
      if (place && place.textContent !== figure.textContent) place.textContent = figure.textContent;
    }
    if (typeof shown === "string") refresh();
  });
  further.addEventListener("toggle", () => further.open && further.scrollIntoView({ block: "start" }));
  addEventListener("beforeunload", (event) => entries.size > 0 && event.preventDefault());
  change();
}
