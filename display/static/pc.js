// The page a self-service PC rests on: what can be done online, by need, and what somebody chose for this PC at a kiosk.
//
// Whoever chooses a page leaves this one, in the same tab, so the line to the server ends and the PC counts as in use until its browser comes
// back here (a managed browser does so by itself after some quiet). Nothing of the visitor is kept but the language, and that only until the
// next one begins: coming back here it is English again.

import { loadAgain } from "./again.js";
import { make, show, spoken } from "./dom.js";
import { Evacuation, LEAVE_TURN_MS } from "./evacuation.js";
import { Link } from "./link.js";
import { Pairing } from "./pair.js";
import { Words } from "./words.js";

const APP = "pc 1";
const REST_EVERY_MS = 30_000;
const FORGET_LANGUAGE_MS = 120_000;
const TELL_MS = 1_500;

const page = (id) => document.getElementById(id);

async function start() {
  const words = await Words.load("/display/words.json");
  const link = new Link("/ws/device", APP);
  const evacuation = new Evacuation(words, page("evacuation"), page("stage"));
  const seen = { language: "en", touched: performance.now() };
  const paint = () => {
    evacuation.show(link.follower.rows);
    draw(link, words, seen, choose, speak);
  };
  const rest = () => link.standing === "live" && link.ask({ do: "pc_is", rests: true });
  const speak = (language) => {
    seen.language = language;
    seen.touched = performance.now();
    paint();
    page("title").focus();
  };
  /** Tell that somebody begins, for a moment at most, and go. */
  const choose = async (url, use) => {
    const told = [link.ask({ do: "pc_is", rests: false })];
    if (use) told.push(link.ask({ do: "use", use: newId(), kind: "online", slug: use, language: seen.language, ended: "pc", step: "pc" }));
    await Promise.race([Promise.all(told), new Promise((resolve) => setTimeout(resolve, TELL_MS))]);
    location.assign(url);
  };
  link.addEventListener("change", paint);
  link.addEventListener("standing", () => {
    paint();
    rest();
  });
  new Pairing(link, "pc", words, page("pairing"), page("stage")).watch();
  setInterval(rest, REST_EVERY_MS);
  setInterval(() => evacuation.turn(), LEAVE_TURN_MS);
  setInterval(() => {
    if (seen.language !== "en" && performance.now() - seen.touched > FORGET_LANGUAGE_MS) speak("en");
  }, 5_000);
  addEventListener("pointerdown", () => (seen.touched = performance.now()));
  addEventListener("keydown", () => (seen.touched = performance.now()));
  addEventListener("resize", () => evacuation.redraw());
  addEventListener("pageshow", (event) => event.persisted && location.reload()); // come back to by "back": nothing of before
  link.start();
}

function draw(link, words, seen, choose, speak) {
  const rows = link.follower.rows;
  const centre = rows.get("centre");
  if (centre === undefined) return;
  const { language } = seen;
  const say = (key, values) => words.say(language, key, values);
  const direction = words.direction(language);
  document.documentElement.lang = language === "en" ? "en-GB" : language;
  document.documentElement.dir = direction;
  page("centre").textContent = centre.name;
  page("centre").lang = "en-GB";
  page("title").textContent = say("pc.title");
  page("title").tabIndex = -1;
  page("lead").textContent = say("pc.lead");
  page("privacy").textContent = say("pc.privacy");
  page("stale").hidden = link.standing === "live";
  page("stale").textContent = say("pc.catching_up");
  page("languages").setAttribute("aria-label", say("pc.language"));
  show(page("languages"), [centre.languages, language], () => centre.languages.filter((each) => words.knows(each)).map((each) => tongue(words, each, language, speak)));
  const portals = [...rows.values()].filter((row) => row.kind === "portal").sort((one, other) => one.order - other.order);
  const opens = portals.find((portal) => portal.id === rows.get("opens")?.portal);
  show(page("chosen"), [language, opens ?? null], () => (opens ? [wanted(opens, language, say, choose)] : []));
  show(page("pages"), [language, portals], () => [
    ...portals.map((portal) => card(named(portal.names, language), ready(portal, language, say), () => choose(portal.url, portal.id))),
    card(say("pc.forms"), "", () => choose(`/forms?lang=${language}`, "")),
    card(say("pc.book"), "", () => choose(`/book?lang=${language}`, "")),
  ]);
}

const named = (names, language) => names[language] ?? names.en ?? "";

function ready(portal, language, say) {
  const what = named(portal.ready, language);
  return what ? say("pc.ready", { what }) : "";
}

function card(title, text, go) {
  const button = make("button", { type: "button", class: "page" }, make("span", { class: "name" }, title), text ? make("span", { class: "more" }, text) : null);
  button.addEventListener("click", go);
  return make("li", {}, button);
}

function wanted(portal, language, say, choose) {
  const button = make("button", { type: "button", class: "start" }, say("pc.start"));
  button.addEventListener("click", () => choose(portal.url, portal.id));
  return make("div", { class: "wanted" }, make("p", { class: "said" }, say("pc.chosen")), make("h2", {}, named(portal.names, language)), make("p", { class: "more" }, ready(portal, language, say)), button);
}

function tongue(words, each, language, speak) {
  const button = spoken("button", each, words.direction(each), { type: "button", "aria-pressed": String(each === language) }, words.name(each));
  button.addEventListener("click", () => speak(each));
  return button;
}

const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

start().catch((error) => {
  console.error(error);
  loadAgain(5_000);
});
