// Says one thing after another: that everyone must leave before all else, then calls, then announcements. None cuts another off.
//
// Eight counters may call in one second: all eight are on the board at once, and their turns to be heard follow. A call
// that is over when its turn comes (the visitor is at the desk) is passed over, as is one called again since: its newer self is in
// the queue. An announcement is said language by language, and a call that comes in between goes first: six languages last most of a minute.
// Sound that fails (no voice, no answer in time) never holds up the next.
//
// While everyone must leave nothing else is said. What is being said at that moment is broken off, the only time that anything is; then it
// is said that one must leave, in English and one more language in turn, again and again with a rest between.

import { seconds } from "./sound.js";

export const LEAVE_EVERY_SECONDS = 20;
const FIRST_ROUNDS = 3;
/** Of these, one that could not be heard (sound not yet on, the voice not yet made) is made again at once. */

export class Announcer extends EventTarget {
  #calls = [];
  #told = [];
  #leaving = null;
  #round = 0;
  #busy = false;
  #wake = () => {};
  #kept = new Map();
  #sound;
  #isWanted;
  #every;

  /**
   * `sound.chime()` and `sound.speak(url)` resolve when heard; `isWanted(item)` tells whether a call or announcement is still to be heard.
   * Fires `announcing` (the item) and `announced` (the item; null when nothing is left). Items are rows of calls, pieces of announcements
   * ({kind: "announcement", id, language}) and rounds of leaving ({kind: "leaving", language}).
   */
  constructor(sound, isWanted, every = LEAVE_EVERY_SECONDS) {
    super();
    this.#every = every;
    this.#sound = sound;
    this.#isWanted = isWanted;
  }

  get waiting() {
    return this.#calls.length + this.#told.length;
  }

  announce(calls) {
    this.#calls.push(...calls);
    this.#run();
  }

  /** `announcements`: rows, each with `languages`, those it is to be said in, in order. */
  tell(announcements) {
    for (const { id, languages } of announcements) {
      languages.forEach((language, place) => this.#told.push({ kind: "announcement", id, language, first: place === 0 }));
    }
    this.#run();
  }

  /** Everyone must leave: `languages` are said in turn after English. Null: that is over. Told again and again it is one and the same. */
  leave(languages) {
    const wasLeaving = this.#leaving !== null;
    this.#leaving = languages;
    if (wasLeaving === (languages !== null)) return;
    this.#sound.hush();
    this.#wake();
    this.#round = 0;
    this.#calls = [];
    this.#told = [];
    if (languages !== null) this.#run();
  }

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    for (let item = this.#next(); item !== null; item = this.#next()) {
      this.#fire("announcing", item);
      const began = performance.now();
      const isHeard = await this.#say(item);
      this.#fire("announced", item);
      if (item.kind === "leaving" && this.#leaving !== null) {
        const isSoon = !isHeard && this.#round <= FIRST_ROUNDS;
        await this.#rest(isSoon ? 1 : this.#every - (performance.now() - began) / 1000);
      }
    }
    this.#busy = false;
    this.#fire("announced", null);
  }

  /** What is to be said now; null when there is nothing. */
  #next() {
    if (this.#leaving !== null) {
      const language = this.#leaving[this.#round % Math.max(1, this.#leaving.length)] ?? null;
      this.#round += 1;
      return { kind: "leaving", language };
    }
    for (const queue of [this.#calls, this.#told]) {
      while (queue.length > 0) {
        const item = queue.shift();
        if (this.#isWanted(item)) return item;
      }
    }
    return null;
  }

  /** Whether any of it was spoken. */
  async #say(item) {
    const isLeaving = item.kind === "leaving";
    const spoken = speechOf(item).map((url) => (isLeaving ? this.#keep(url) : this.#sound.fetch(url)));
    if (isLeaving) await this.#sound.chime();
    if (item.first !== false) await this.#sound.chime();
    let isHeard = false;
    for (const speech of spoken) {
      const ready = await speech;
      if ((this.#leaving !== null) !== isLeaving) break;
      isHeard ||= ready !== null;
      await this.#sound.play(ready);
    }
    return isHeard;
  }

  /** Fetched once: what must be said while the building empties is said even when the server goes down with it. */
  async #keep(url) {
    const speech = this.#kept.get(url) ?? (await this.#sound.fetch(url));
    if (speech !== null) this.#kept.set(url, speech);
    return speech;
  }

  /** Until the time is over, or it is over that everyone must leave. */
  async #rest(time) {
    const woken = new Promise((resolve) => (this.#wake = resolve));
    await Promise.race([seconds(Math.max(0, time)), woken]);
  }

  #fire(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}

/** Where the server speaks this, English first. What changes is in the address, so each may be kept by the browser for ever. */
export function speechOf(item) {
  const languages = item.language === "en" || item.language === null ? ["en"] : ["en", item.language];
  if (item.kind === "announcement") return [`/speech/told/${item.id}/${item.language}`];
  if (item.kind === "leaving") return languages.map((language) => `/speech/leaving/${language}`);
  return languages.map((language) => `/speech/${item.ticket}/${item.times}/${language}`);
}
