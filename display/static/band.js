// What everyone is told, in a band across the board: above the calls and never over them.
//
// English and one other language of the centre; while an announcement is being said aloud, it and the language it is being said in. Several
// take turns. Words that staff typed are English only, and then have the band to themselves.

import { announced } from "./calls.js";
import { show, spoken } from "./dom.js";

export class Band {
  #words;
  #pointed = null;

  constructor(words) {
    this.#words = words;
  }

  /** The piece of an announcement that is being said ({id, language}); null when none is. */
  point(piece) {
    this.#pointed = piece;
  }

  /** `other` is the language whose turn it is, or null; `turn` says which announcement when there are several. */
  paint(rows, turn, other) {
    const band = document.getElementById("told");
    const told = announced(rows);
    const heard = told.find((each) => each.id === this.#pointed?.id);
    const row = heard ?? told[turn % Math.max(1, told.length)];
    band.hidden = row === undefined;
    band.classList.toggle("heard", heard !== undefined);
    if (row === undefined) return;
    const turned = heard && this.#pointed.language !== "en" ? this.#pointed.language : other;
    const beside = turned !== null && row.text[turned] ? turned : null;
    band.dataset.length = row.text.en.length > 110 ? "long" : "short";
    show(document.getElementById("told-title"), [beside], () => this.#both("span", beside, (language) => this.#words.say(language, "announce.title")));
    show(document.getElementById("told-text"), [row.text, beside], () => this.#both("p", beside, (language) => row.text[language]));
  }

  #both(tag, beside, textIn) {
    const languages = beside === null ? ["en"] : ["en", beside];
    return languages.map((language) => spoken(tag, language, this.#words.direction(language), { class: language === "en" ? null : "other" }, textIn(language)));
  }
}
