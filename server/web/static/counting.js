// The counting panel: each touch is one tap, kept on this tablet before it is acknowledged (outbox.js), and shown at once.
//
// The number on a button is the server's count of today and what this tablet has not handed over yet. Help at the door is three touches: what
// about, solved or not, could it have been avoided. The last tap can be taken back, then the one before it. What could not be counted is
// shown with its reason until a person has seen to it.

import { newId, Outbox, RUN } from "./outbox.js";

const LOOK_EVERY_MS = 15_000;
const SERVICES_MS = 1500;
const FLASH_MS = 320;
const SERVICES_SHOWN = 6;
const EARLIER_SHOWN = 8;

const panel = document.querySelector("[data-counting]");
const part = (name) => panel.querySelector(`[data-${name}]`);
const outbox = await Outbox.open();
const here = () => ({
  centre: Number(panel.dataset.centre) || outbox.base?.centre || 0,
  centreName: panel.dataset.centreName || outbox.base?.centre_name || "",
});

// Taps ----------------------------------------------------------------------------------------------------------------

const buttons = [...panel.querySelectorAll("[data-activity]")];
for (const button of buttons) {
  button.addEventListener("click", () => tap(button));
  button.addEventListener("keydown", (event) => event.repeat && event.preventDefault()); // a key held down is one tap
}

async function tap(button) {
  const { activity, name } = button.dataset;
  if (await keep({ do: "count", tally: newId(), activity }, name)) {
    flash(button);
    hear(`${name} counted, ${outbox.number(activity) ?? 1} today.`);
  }
}

/** True when it is on this tablet's disk. */
async function keep(body, name) {
  if (!here().centre) {
    tell("Nothing is counted yet: this tablet has not reached the server since it was started. Use a tally sheet until it has.");
    return false;
  }
  try {
    await outbox.add(body, name, here());
    return true;
  } catch {
    tell(`${name} is not counted: this tablet could not keep it. Tap again; if that does not help, use a tally sheet and tell your administrator.`);
    return false;
  }
}

function flash(button) {
  navigator.vibrate?.(12);
  button.classList.remove("did");
  void button.offsetWidth; // a second tap flashes anew
  button.classList.add("did");
  setTimeout(() => button.classList.remove("did"), FLASH_MS);
}

const hear = (sentence) => (part("heard").textContent = sentence);

function tell(sentence) {
  const line = document.createElement("p");
  line.className = "said";
  line.textContent = sentence;
  document.getElementById("said").replaceChildren(line);
}

// Help at the door ----------------------------------------------------------------------------------------------------

let help = {};
let unfolded = false;
let offered = []; // as of the first look: buttons must not change places under a finger
let late = false; // the server does not answer: those of the last time, then

function offerServices() {
  help = {};
  part("door-ask").textContent = "What was it about?";
  const shown = unfolded ? offered : offered.slice(0, SERVICES_SHOWN);
  const picks = shown.map((service) => pick(service.name, () => askSolved(service)));
  picks.push(pick("Something else", () => askSolved({ name: "Something else" })));
  if (offered.length > shown.length) picks.push(pick(`${offered.length - shown.length} more`, showMore, "more"));
  part("door-picks").replaceChildren(...picks);
}

function showMore() {
  unfolded = true;
  offerServices();
  part("door-picks").children[SERVICES_SHOWN].focus();
}

function askSolved(service) {
  help = { service: service.slug, name: service.name };
  step(`${service.name}: was it solved?`, [pick("Yes, solved", () => askAvoidable(true)), pick("No", () => askAvoidable(false))]);
}

function askAvoidable(solved) {
  help.solved = solved;
  const reasons = [...part("avoidable").content.cloneNode(true).children];
  for (const reason of reasons) reason.addEventListener("click", () => helped(reason.value));
  step("Could it have been avoided?", [pick("No", () => helped(null)), ...reasons]);
}

function step(question, picks) {
  part("door-ask").textContent = question;
  part("door-picks").replaceChildren(...picks, pick("Back", leaveHelp, "back"));
  part("door-picks").firstElementChild.focus({ preventScroll: true });
  hear(question);
}

function leaveHelp() {
  offerServices();
  part("door-head").focus({ preventScroll: true });
}

async function helped(avoidable) {
  const body = { do: "door_help", tally: newId(), solved: help.solved };
  if (help.service) body.service = help.service;
  if (avoidable) body.avoidable = avoidable;
  if (await keep(body, `Helped at the door, ${help.name}`)) {
    unfolded = false;
    leaveHelp();
    flash(part("door"));
    hear(`Helped at the door counted, ${outbox.number("door_help") ?? 1} today.`);
  }
}

function pick(name, act, kind = "") {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `button door-pick ${kind}`;
  button.textContent = name;
  button.addEventListener("click", act);
  button.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
  return button;
}

// Taking back ---------------------------------------------------------------------------------------------------------

const own = () => outbox.entries.filter((entry) => entry.body.do !== "uncount" && !entry.takenBack && entry.state !== "refused" && outbox.ofToday(entry)).reverse();

async function takeBack(entry) {
  try {
    await outbox.takeBack(entry);
    hear(`Taken back: ${entry.name}, ${at(entry)}.`);
  } catch {
    tell("This could not be taken back: the tablet could not keep it. Try again.");
  }
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const at = (entry) => clock.format(entry.wall);

part("take-back").addEventListener("click", () => own()[0] && takeBack(own()[0]));

function showUndo() {
  const taps = own();
  part("undo").hidden = taps.length === 0;
  if (!taps.length) return;
  set(part("last"), `${taps[0].name}, ${at(taps[0])}`);
  part("earlier").hidden = taps.length < 2;
  const rows = taps.slice(1, 1 + EARLIER_SHOWN).map((entry) => {
    const row = document.createElement("li");
    row.append(`${entry.name}, ${at(entry)} `, smallButton("Take back", `${entry.name}, ${at(entry)}`, () => takeBack(entry)));
    return row;
  });
  if (part("list").dataset.shows !== taps.map((entry) => entry.seq).join()) {
    part("list").dataset.shows = taps.map((entry) => entry.seq).join();
    part("list").replaceChildren(...rows);
  }
}

function smallButton(name, about, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.append(name);
  const unseen = document.createElement("span");
  unseen.className = "unseen";
  unseen.textContent = ` ${about}`;
  button.append(unseen);
  button.addEventListener("click", act);
  return button;
}

// How it stands -------------------------------------------------------------------------------------------------------

const taps = (number) => (number === 1 ? "1 tap" : `${number} taps`);
const waits = (number) => (number === 1 ? "1 tap waits" : `${number} taps wait`);

function stands() {
  const mine = outbox.waiting.filter((entry) => entry.centre === here().centre);
  const elsewhere = outbox.waiting.filter((entry) => entry.centre !== here().centre);
  const lines = [];
  if (outbox.standing === "lost") {
    lines.push(mine.length ? `${waits(mine.length)} for the connection. They are kept on this tablet.` : "No connection. Go on counting: taps are kept on this tablet.");
  } else if (outbox.standing === "signed_out") {
    lines.push(mine.length ? `You are signed out. Sign in to hand over ${taps(mine.length)}.` : "You are signed out. Taps are kept until somebody signs in.");
  } else if (outbox.standing === "held") {
    lines.push(`${outbox.holdSay} ${mine.length ? `${taps(mine.length)} are kept.` : ""}`);
  } else if (mine.length > 0) {
    lines.push(`Handing over ${taps(mine.length)}`);
  }
  if (elsewhere.length) lines.push(`${taps(elsewhere.length)} of ${elsewhere[0].centreName || "another centre"} ${elsewhere.length === 1 ? "is" : "are"} kept until somebody signs in there.`);
  if (!outbox.keeps) lines.push("This browser keeps nothing: leave the page open while taps wait.");
  return lines.join(" ") || "All taps are counted.";
}

function showKept() {
  const refused = outbox.refused;
  part("kept").hidden = refused.length === 0;
  const shows = refused.map((entry) => `${entry.seq} ${entry.say}`).join();
  if (part("kept-list").dataset.shows === shows) return;
  part("kept-list").dataset.shows = shows;
  const rows = refused.map((entry) => {
    const row = document.createElement("li");
    row.className = "request";
    const words = document.createElement("div");
    const what = document.createElement("strong");
    what.textContent = `${entry.body.do === "uncount" ? "Taking back " : ""}${entry.name}, ${at(entry)}`;
    const why = document.createElement("span");
    why.className = "quiet";
    why.textContent = entry.say;
    words.append(what, why);
    const actions = document.createElement("div");
    actions.className = "actions tight";
    actions.append(smallButton("Try again", what.textContent, () => outbox.again(entry)), smallButton("Leave out", what.textContent, () => outbox.drop(entry)));
    row.append(words, actions);
    return row;
  });
  part("kept-list").replaceChildren(...rows);
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show() {
  for (const button of buttons) {
    // Those of this centre; on a tablet that has not heard which, all. One that was tapped today stays, to be taken back.
    const tapped = outbox.base?.taps;
    button.hidden = !!tapped && !tapped.includes(button.dataset.activity) && !outbox.number(button.dataset.activity);
    set(button.querySelector("[data-number]"), String(outbox.number(button.dataset.activity) ?? "–"));
  }
  set(part("number-door"), String(outbox.number("door_help") ?? "–"));
  set(part("state"), stands());
  panel.dataset.standing = outbox.standing || (outbox.waiting.length ? "sending" : "live");
  panel.dataset.waiting = String(outbox.waiting.length);
  if (!offered.length && outbox.base?.services?.length && (outbox.base.run === RUN || late)) {
    offered = outbox.base.services;
    if (!help.name) offerServices();
  }
  showUndo();
  showKept();
}

outbox.addEventListener("change", show);
for (const what of ["pointerdown", "keydown"]) panel.addEventListener(what, () => (outbox.used = true), true);
addEventListener("online", () => outbox.send());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && outbox.send());
setTimeout(() => {
  late = true;
  show();
}, SERVICES_MS);
setInterval(() => document.visibilityState === "visible" && outbox.send(), LOOK_EVERY_MS);
offerServices();
show();
outbox.send();
panel.dataset.ready = "yes";

// Where the browser allows it (over TLS, or on this very machine), the page can be loaded again without the server.
navigator.serviceWorker?.register("/greeter/worker.js", { scope: "/greeter" }).catch(() => {});
