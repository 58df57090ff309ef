// Everyone must leave the building: said over the whole screen, whatever it is the screen of.
//
// English stands all the time; beside it every other language of the centre in turn, three seconds each, so that a reader of any of them has read
// it within a quarter of a minute; those who read none have the picture. The text is made as large as its place allows by trying it out in
// the very font it is shown in. A screen that loses its line goes on saying it: nobody is called back in by a cable.

import { make } from "./dom.js";

export const LEAVE_TURN_MS = 3_000;
const TRY_PIXELS = 100;

/** When everyone must leave: since when (milliseconds); null when all is well. */
export const leavingSince = (rows) => rows.get("centre")?.evacuated_at ?? null;

export class Evacuation {
  #section;
  #stage;
  #words;
  #turn = 0;
  #languages = [];

  /** `section` is where it is said, `stage` what it stands over. */
  constructor(words, section, stage) {
    this.#words = words;
    this.#section = section;
    this.#stage = stage;
  }

  /** Show or hide it, as `rows` have it. */
  show(rows) {
    const isLeaving = leavingSince(rows) !== null;
    const languages = (rows.get("centre")?.languages ?? []).filter((each) => each !== "en" && this.#words.knows(each));
    if (languages.join() !== this.#languages.join()) this.#prepare(languages);
    if (this.#section.hidden !== isLeaving) return;
    this.#section.hidden = !isLeaving;
    this.#stage.inert = isLeaving;
    this.#turn = 0;
    this.#draw();
  }

  /** Fetch the letters of every language while all is well: when it is not, the server may be gone. */
  #prepare(languages) {
    this.#languages = languages;
    for (const language of languages) {
      const trial = make("span", { lang: language });
      this.#section.append(trial);
      const family = getComputedStyle(trial).fontFamily;
      trial.remove();
      const text = this.#words.say(language, "evacuation.title");
      for (const weight of [400, 700]) document.fonts.load(`${weight} 20px ${family}`, text).catch(() => {});
    }
  }

  /** The next language's turn. */
  turn() {
    this.#turn += 1;
    this.#draw();
  }

  /** Draw it anew: the screen or its fonts have changed. */
  redraw() {
    this.#draw();
  }

  /** The languages that are said after English, in turn. */
  get languages() {
    return this.#languages;
  }

  #draw() {
    if (this.#section.hidden) return;
    const lines = innerHeight > innerWidth ? 3 : 2;
    const isStrip = innerWidth >= 2 * innerHeight;
    const other = this.#languages[this.#turn % Math.max(1, this.#languages.length)] ?? null;
    this.#put("leave-en", "en", lines, lines === 2 && !isStrip ? 1 : 2);
    this.#put("leave-other", other, lines, 2);
  }

  #put(id, language, titleLines, leadLines) {
    const part = document.getElementById(id);
    part.hidden = language === null;
    if (language === null) return;
    part.lang = language;
    part.dir = this.#words.direction(language);
    const title = make("p", { class: "leave-title" }, ...inLines(this.#words.say(language, "evacuation.title"), titleLines));
    const lead = make("p", { class: "leave-lead" }, ...inLines(this.#words.say(language, "evacuation.lead"), leadLines));
    part.replaceChildren(title, lead);
    for (const each of [title, lead]) if (each.checkVisibility()) fit(each);
  }
}

/** `text` broken into at most `most` lines: where sentences end if there are so many, else as even as their letters are. */
export function inLines(text, most) {
  const sentences = text.split(/(?<=[.\u06D4\u0964]) /u);
  const words = sentences.length === most ? sentences : text.split(" ");
  const best = (from, left) => {
    if (left === 1) return [words.slice(from).join(" ")];
    let found = null;
    for (let to = from + 1; to <= words.length - left + 1; to += 1) {
      const tried = [words.slice(from, to).join(" "), ...best(to, left - 1)];
      if (found === null || longest(tried) < longest(found)) found = tried;
    }
    return found;
  };
  const lines = best(0, Math.min(most, words.length));
  return lines.map((line) => make("span", { class: "line" }, line));
}

const longest = (lines) => Math.max(...lines.map((line) => line.length));

/** As large as `element`'s own box allows, and no larger. */
function fit(element) {
  const [width, height] = [element.clientWidth, element.clientHeight];
  element.style.fontSize = `${TRY_PIXELS}px`;
  const lines = [...element.querySelectorAll(".line")].map((line) => line.getBoundingClientRect());
  const tall = lines.reduce((sum, line) => sum + line.height, 0);
  const wide = Math.max(...lines.map((line) => line.width));
  element.style.fontSize = `${Math.floor(TRY_PIXELS * Math.min(width / wide, height / tall))}px`;
}
