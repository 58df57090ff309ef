// Announces calls one after another: chime, then speech in English, then in the ticket's language. None cuts another off.
//
// Eight counters may call in one second: all eight are on the board at once, and their turns to be heard follow. A call
// that is over when its turn comes (the visitor is at the desk) is passed over, as is one called again since: its newer self is in
// the queue. Sound that fails (no voice, no answer in time) never holds up the next.

export class Announcer extends EventTarget {
  #queue = [];
  #busy = false;
  #sound;
  #isWanted;

  /**
   * `sound.chime()` and `sound.speak(url)` resolve when heard; `isWanted(call)` tells whether it is still to be heard.
   * Fires `announcing` (the call) and `announced` (the call; null when the queue is empty).
   */
  constructor(sound, isWanted) {
    super();
    this.#sound = sound;
    this.#isWanted = isWanted;
  }

  get waiting() {
    return this.#queue.length;
  }

  announce(calls) {
    this.#queue.push(...calls);
    this.#run();
  }

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#queue.length > 0) {
      const call = this.#queue.shift();
      if (!this.#isWanted(call)) continue;
      this.#tell("announcing", call);
      await this.#say(call);
      this.#tell("announced", call);
    }
    this.#busy = false;
    this.#tell("announced", null);
  }

  async #say(call) {
    const languages = call.language === "en" ? ["en"] : ["en", call.language];
    const spoken = languages.map((language) => this.#sound.fetch(speechUrl(call, language)));
    await this.#sound.chime();
    for (const speech of spoken) await this.#sound.play(await speech);
  }

  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}

/** Where the server speaks this call. The times are in the address, so each may be kept by the browser for ever. */
export const speechUrl = (call, language) => `/speech/${call.ticket}/${call.times}/${language}`;
