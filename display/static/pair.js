// Pairs this screen with its centre: shows a short code until an administrator, standing before it, has typed it in.
//
// The server tells a screen it does not know (or knows no more) so, over the socket. The screen then asks for a code and shows it large. What
// proves its identity afterwards is a cookie that scripts cannot read; nothing secret is kept here.

import { loadAgain } from "./again.js";
import { make, spoken } from "./dom.js";

const ASK_EVERY_MS = 2_000;
const TRY_AGAIN_MS = 5_000;

export class Pairing {
  #link;
  #kind;
  #words;
  #screen;
  #stage;
  #running = false;

  constructor(link, kind, words, screen, stage) {
    this.#link = link;
    this.#kind = kind;
    this.#words = words;
    this.#screen = screen;
    this.#stage = stage;
  }

  watch() {
    this.#link.addEventListener("bye", (event) => {
      if (event.detail.code === "revoked") this.#pair();
      else if (event.detail.retry_seconds == null) loadAgain(30_000);
    });
  }

  async #pair() {
    if (this.#running) return;
    this.#running = true;
    this.#link.stop();
    this.#show(null);
    for (;;) {
      try {
        if (await this.#once()) break;
      } catch {
        this.#show(null);
        await pause(TRY_AGAIN_MS);
      }
    }
    location.reload();
  }

  /** One code, from shown to approved (true) or out of date (false). */
  async #once() {
    const begun = await post("/api/enrol", { kind: this.#kind });
    if (!begun.ok) throw new Error(`no code (${begun.status})`);
    const { enrolment, secret, code } = await begun.json();
    this.#show(code);
    for (;;) {
      await pause(ASK_EVERY_MS);
      const answer = await post("/api/enrol/claim", { enrolment, secret });
      if (answer.status === 200) return true;
      if (answer.status !== 202) return false;
    }
  }

  #show(code) {
    const say = (key) => this.#words.say("en", key);
    this.#stage.hidden = true;
    this.#screen.hidden = false;
    this.#screen.replaceChildren(
      spoken("h1", "en", "ltr", { class: "pairing-title" }, say("setup.title")),
      spoken("p", "en", "ltr", { class: "pairing-lead" }, say(code === null ? "setup.connecting" : "setup.lead")),
      ...(code === null ? [] : [make("p", { class: "pairing-code", id: "pairing-code" }, code)]),
    );
  }
}

const post = (url, body) =>
  fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(5_000) });

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
