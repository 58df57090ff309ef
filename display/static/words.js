// Says a sentence of the catalogue in a visitor's language: the browser's half of `words/catalogue.py`.
//
// Sentences come whole from the server (`words.json`); nothing here is a translation. A sentence that depends on a number is
// chosen by the language's own plural rules. Codes and times stay left to right in a right-to-left sentence.

const PLACEHOLDER = /\{([a-z_][a-z0-9_]*)\}/g;

export class Words {
  #tables;
  #plurals = new Map();

  /** `tables`: language code to {name, direction, sentences}, as the catalogue exports it. */
  constructor(tables) {
    this.#tables = tables;
  }

  static async load(url) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`The sentences could not be fetched (${answer.status}).`);
    return new Words(await answer.json());
  }

  knows(language) {
    return Object.hasOwn(this.#tables, language);
  }

  /** A language by its own name. */
  name(language) {
    return this.knows(language) ? this.#tables[language].name : language;
  }

  direction(language) {
    return this.knows(language) ? this.#tables[language].direction : "ltr";
  }

  say(language, key, values = {}) {
    const spoken = this.knows(language) ? language : "en";
    const sentence = this.#tables[spoken]?.sentences[key] ?? "";
    const form = typeof sentence === "string" ? sentence : this.#form(spoken, sentence, values.count);
    return form.replace(PLACEHOLDER, (_, name) => values[name] ?? "");
  }

  #form(language, forms, count) {
    if (!this.#plurals.has(language)) this.#plurals.set(language, new Intl.PluralRules(language));
    return forms[this.#plurals.get(language).select(count)] ?? forms.other;
  }

  /** The wait of a line in words: "10 to 20 minutes", "No desk open now" ... */
  wait(language, waits) {
    const { low, high, why } = waits;
    if (low === null || high === null) {
      return this.say(language, { no_desk: "display.no_desk", closed: "wait.closed" }[why] ?? "display.not_known");
    }
    if (high === 0) return this.say(language, "display.no_wait");
    if (low === high) return this.say(language, "wait.about", { count: high });
    if (low === 0) return this.say(language, "wait.less", { count: high });
    return this.say(language, "wait.range", { low, high, count: high });
  }
}

/** `text` between isolates: it stays left to right and does not disturb the words around it (UAX #9). */
export const isolate = (text) => `\u2066${text}\u2069`;

/** A map of words by language: the one asked for, else English. */
export const inLanguage = (map, language) => map?.[language] || map?.en || "";
