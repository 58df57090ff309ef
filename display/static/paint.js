// Draws the board from its rows. Reads only; keeps nothing but what turn it is and which call is being heard.

import { Band } from "./band.js";
import { awaited, gridFor, pageHolding, pageOf, recent } from "./calls.js";
import { dayName, daysBetween, timeOfDay } from "./clock.js";
import { make, show, spoken } from "./dom.js";
import { layoutOf } from "./layout.js";
import { widthOf, widthOfTwo } from "./measure.js";
import { inLanguage, isolate } from "./words.js";

const SANS = '"Foyer Sans", "Noto Sans", sans-serif';
const MOST_WAITS = 8;
const MOST_RECENTS = 8;
const MESSAGE_TURNS = 2;
const SOON_MS = 30 * 60_000;

export class Paint {
  turn = 0;
  #words;
  #setup;
  #band;
  #pointed = null;
  #languages = ["en"];

  constructor(words, setup) {
    this.#words = words;
    this.#setup = setup;
    this.#band = new Band(words);
    document.body.dataset.size = setup.size;
  }

  /** `rows` are those this board shows, `layout` says which of its parts gets the most room (layout.js). */
  all(rows, now, standing, layout = layoutOf(rows, "")) {
    const centre = rows.get("centre");
    if (centre === undefined) return;
    this.#languages = centre.languages.filter((language) => language === "en" || this.#words.knows(language));
    document.body.dataset.standing = standing;
    document.body.dataset.first = layout.shows[0];
    this.#titles(centre, now);
    this.#stale(standing);
    this.#band.paint(rows, this.turn, this.#other);
    document.getElementById("now-part").hidden = !layout.shows.includes("calls");
    this.#now(awaited(rows), centre, now);
    this.#recent(recent(rows));
    this.#waits([...rows.values()].filter((row) => row.kind === "line"));
    const messages = layout.shows.includes("messages") ? this.#messages(rows, centre) : [];
    this.#message(messages);
  }

  clock(time) {
    const clock = document.getElementById("clock");
    if (clock.textContent !== time) clock.textContent = time;
  }

  /** Mark the call or announcement being heard, and bring its page up when not all fit. Null: none is being heard. */
  point(item) {
    this.#pointed = item?.kind === "call" ? item : null;
    this.#band.point(item?.kind === "announcement" ? item : null);
  }

  /**
   * The other language whose turn it is; null at a centre that speaks English only. Each round begins one language later, or two
   * languages and two pages of waits would turn in step and half of the lines never be said in either.
   */
  get #other() {
    const others = this.#languages.filter((language) => language !== "en");
    if (others.length === 0) return null;
    return others[(this.turn + Math.floor(this.turn / others.length)) % others.length];
  }

  #titles(centre, now) {
    document.getElementById("centre").textContent = centre.name;
    for (const [id, key] of [["now-title", "display.now_calling"], ["recent-title", "display.recent"], ["waits-title", "display.waits"]]) {
      const other = this.#other;
      const texts = [this.#words.say("en", key), other && this.#words.say(other, key)];
      show(document.getElementById(id), [other, ...texts], () => this.#both("span", key));
    }
    const closing = document.getElementById("closing");
    const key = centre.open ? "display.closing_at" : "display.closed";
    const values = { time: isolate(centre.closes ?? "") };
    closing.classList.toggle("soon", centre.open && centre.closes_at !== null && centre.closes_at - now <= SOON_MS);
    const isSaid = !centre.open || centre.closes !== null;
    show(closing, [key, centre.closes, this.#other], () => (isSaid ? this.#both("span", key, values) : []));
  }

  /** A sentence in English and in the other language whose turn it is. */
  #both(tag, key, values = {}) {
    const other = this.#other;
    const parts = [spoken(tag, "en", "ltr", {}, this.#words.say("en", key, values))];
    if (other !== null) parts.push(this.#in(other, tag, this.#words.say(other, key, values)));
    return parts;
  }

  #in(language, tag, text, properties = {}) {
    return spoken(tag, language, this.#words.direction(language), { class: "other", ...properties }, text);
  }

  #stale(standing) {
    const banner = document.getElementById("stale");
    banner.hidden = standing !== "stale";
    if (standing === "stale") show(banner, ["stale", this.#other], () => this.#both("span", "display.catching_up"));
  }

  #now(calls, centre, now) {
    const area = document.getElementById("now");
    const pointed = calls.find((call) => call.ticket === this.#pointed?.ticket);
    const turn = pointed === undefined ? this.turn : pageHolding(pointed, calls, this.#setup.most);
    const shown = pageOf(calls, this.#setup.most, turn);
    document.body.dataset.calls = String(shown.items.length);
    const isWide = innerWidth >= innerHeight;
    const { columns, rows } = gridFor(shown.items.length, isWide);
    document.getElementById("now-title").hidden = calls.length === 0;
    area.style.setProperty("--columns", columns);
    area.style.setProperty("--rows", rows);
    const mark = [shown, this.#other === null, calls.length === 0 && [centre, this.turn, daysBetween(now, centre.opens_at ?? now, centre.timezone)]];
    show(area, mark, () => (calls.length === 0 ? [this.#quiet(centre, now)] : [...shown.items.map((call) => this.#card(call)), dots(shown)]));
    for (const card of area.querySelectorAll(".card")) {
      card.classList.toggle("heard", card.dataset.ticket === this.#pointed?.ticket);
    }
  }

  #card(call) {
    const own = call.language !== "en" && this.#words.knows(call.language) ? call.language : null;
    const card = make(
      "article",
      { class: "card", "data-ticket": call.ticket, "data-times": call.times },
      make(
        "div",
        { class: "inner" },
        make("p", { class: "code" }, call.code),
        make(
          "div",
          { class: "to" },
          make("p", { class: isShort(call.where) ? "where" : "where long" }, call.where),
          own && this.#in(own, "p", this.#words.say(own, "display.go_to", { where: inSentence(call.where) }), { class: "own" }),
        ),
      ),
    );
    card.style.setProperty("--code", widthOf(call.code, SANS));
    card.style.setProperty("--where", isShort(call.where) ? widthOf(call.where, SANS) : widthOfTwo(call.where, SANS));
    return card;
  }

  /** Nobody is being called: what a visitor who has just come in needs to know. */
  #quiet(centre, now) {
    const [title, lead] = centre.open ? ["display.welcome", "display.nobody_called"] : ["closed.title", null];
    const said = (language) => (lead ? this.#words.say(language, lead) : this.#opens(centre, now, language));
    const part = (language) =>
      make(
        "div",
        { class: language === "en" ? "quiet-en" : "quiet-other", lang: language, dir: this.#words.direction(language) },
        make("p", { class: "quiet-title" }, this.#words.say(language, title)),
        make("p", { class: "quiet-lead" }, said(language)),
      );
    return make("div", { class: "quiet" }, part("en"), this.#other && part(this.#other));
  }

  #opens(centre, now, language) {
    const reason = centre.closed_reason?.[language] ?? "";
    if (centre.opens_at === null) return reason || this.#words.say(language, "closed.unknown");
    const days = daysBetween(now, centre.opens_at, centre.timezone);
    const key = { 0: "closed.opens_today", 1: "closed.opens_tomorrow" }[days] ?? "closed.opens_on";
    const time = isolate(timeOfDay(centre.opens_at, centre.timezone));
    const when = this.#words.say(language, key, { time, day: dayName(centre.opens_at, centre.timezone, language) });
    return reason ? `${reason} ${when}` : when;
  }

  #recent(calls) {
    const part = document.getElementById("recent-part");
    part.hidden = calls.length === 0;
    const shown = pageOf(calls, MOST_RECENTS, this.turn);
    show(document.getElementById("recent"), shown, () => [
      ...shown.items.map((call) =>
        make("li", {}, make("span", { class: "recent-code" }, call.code), make("span", { class: isShort(call.where) ? "recent-where" : "recent-where long" }, call.where)),
      ),
      dots(shown, "li"),
    ]);
  }

  #waits(lines) {
    const open = lines.filter((line) => line.open || line.waiting > 0).sort((one, other) => one.order - other.order);
    const part = document.getElementById("waits-part");
    part.hidden = open.length === 0;
    const list = document.getElementById("waits");
    const mark = [open, this.#other, this.turn, innerWidth, part.parentElement.clientHeight, document.getElementById("recent").childElementCount];
    show(list, mark, () => []);
    if (list.childElementCount > 0) return;
    for (let most = MOST_WAITS; most > 0; most -= 1) {
      list.replaceChildren(...this.#linesOf(pageOf(open, most, this.turn)));
      if (part.scrollHeight <= part.clientHeight + 1) return;
    }
  }

  #linesOf(shown) {
    const other = this.#other;
    return [
      ...shown.items.map((line) => make("li", {}, this.#line(line, "en"), other && this.#line(line, other))),
      dots(shown, "li"),
    ];
  }

  #line(line, language) {
    return make(
      "p",
      { class: language === "en" ? "line-en" : "line-other other", lang: language, dir: this.#words.direction(language) },
      make("span", { class: "name" }, inLanguage(line.names, language)),
      make("span", { class: "wait" }, this.#words.wait(language, line.waits)),
    );
  }

  #messages(rows, centre) {
    const standing = [...rows.values()].filter((row) => row.kind === "message").sort((one, other) => one.order - other.order);
    const texts = standing.map((message) => message.text);
    if (centre.open) texts.push(Object.fromEntries(this.#languages.map((language) => [language, this.#words.say(language, "display.take_ticket")])));
    return texts;
  }

  #message(texts) {
    const strip = document.getElementById("message");
    strip.hidden = texts.length === 0;
    const text = texts[Math.floor(this.turn / MESSAGE_TURNS) % Math.max(1, texts.length)];
    const other = this.#other !== null && text?.[this.#other] ? this.#other : null;
    show(strip, [text, other], () => [
      spoken("p", "en", "ltr", {}, inLanguage(text, "en")),
      other && this.#in(other, "p", text[other]),
    ].filter(Boolean));
  }
}

/** A counter's name that goes on one line; longer ones take two. */
const isShort = (where) => where.length <= 10;

/** A counter's name inside a sentence: left to right, and "Desk 6" never torn apart by a line's end. */
const inSentence = (where) => isolate(isShort(where) ? where.replaceAll(" ", "\u00a0") : where);

/** Which page of how many, as dots: only when there are several. */
function dots({ page, pages }, tag = "div") {
  if (pages < 2) return "";
  const all = Array.from({ length: pages }, (_, index) => make("span", { class: index === page ? "dot here" : "dot" }));
  return make(tag, { class: "dots", "aria-hidden": "true" }, ...all);
}
