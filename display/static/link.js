// The line to the server: opens it, greets, feeds the follower, and opens it again whenever it breaks.
//
// It decides how long to stay away (soon, then less soon, never two screens at the same instant) and when a silent line
// is a dead one: after two missed beats it hangs up itself, since a pulled cable tells nobody. What the rows mean is
// the page's business. Time is `performance.now()`, which no one can set wrong.

import { BEAT_SECONDS, Follower, MAX_MESSAGE_BYTES, MISSED_BEATS, readServerFrame } from "../wire/follow.js";

const FIRST_WAIT_SECONDS = 0.5;
const LONGEST_WAIT_SECONDS = 5;
const LOOK_EVERY_MS = 500;

/** Steady seconds. */
export const steady = () => performance.now() / 1000;

export class Link extends EventTarget {
  /** Fires `change` ({put, drop, whole}), `standing` (the word) and `bye` (the frame). */
  follower;
  #path;
  #socket = null;
  #asks = new Map();
  #failures = 0;
  #timer = null;
  #heard = 0;
  #standing = "empty";
  #stopped = false;

  constructor(path, app) {
    super();
    this.#path = path;
    this.follower = new Follower(app);
  }

  start() {
    this.#open();
    setInterval(() => this.#look(), LOOK_EVERY_MS);
    addEventListener("online", () => this.#soon());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#soon());
    return this;
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#hangUp();
  }

  get standing() {
    return this.#standing;
  }

  /** The server's clock in milliseconds since 1970; the device's own until the server has told. */
  now() {
    return this.follower.serverNow(steady()) ?? Date.now();
  }

  /** Ask something; resolves to {result} or {refusal}. An ask made without a line is refused, never kept for later. */
  ask(body, id = newId()) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.resolve(NO_LINE);
    const answered = new Promise((resolve) => this.#asks.set(id, resolve));
    this.#socket.send(JSON.stringify({ type: "ask", id, body }));
    return answered;
  }

  #open() {
    if (this.#stopped) return;
    this.#heard = steady();
    const socket = new WebSocket(new URL(this.#path, location.href.replace(/^http/, "ws")));
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.follower.hello()));
    socket.onmessage = (event) => this.#socket === socket && this.#hear(event.data);
    socket.onclose = () => this.#socket === socket && this.#lost();
  }

  #hear(text) {
    this.#heard = steady();
    let frame;
    try {
      if (typeof text !== "string" || text.length > MAX_MESSAGE_BYTES * 16) throw new TypeError("not a frame");
      frame = readServerFrame(text);
    } catch {
      this.#again(LONGEST_WAIT_SECONDS);
      return;
    }
    if (frame.type === "answer") {
      this.#asks.get(frame.id)?.(frame);
      this.#asks.delete(frame.id);
      return;
    }
    const came = this.follower.take(frame, steady());
    if (frame.type === "bye") {
      this.#sentAway(frame);
    } else if ("resync" in came) {
      this.#again(0);
    } else {
      this.#failures = 0;
      if (came.whole || Object.keys(came.put).length > 0 || came.drop.length > 0) this.#tell("change", came);
    }
    this.#look();
  }

  #sentAway(bye) {
    this.#tell("bye", bye);
    const away = bye.retry_seconds;
    if (away === undefined || away === null) this.stop();
    else this.#again(away);
  }

  #lost() {
    const patience = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** this.#failures);
    this.#failures += 1;
    this.#again(patience);
    this.#tell("lost");
  }

  /** Hang up and come back in `seconds`, spread out so that a lobby's screens do not all knock at once. */
  #again(seconds) {
    this.#hangUp();
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.#open(), seconds * 1000 * (0.5 + Math.random()));
  }

  /** The machine says the network is back, or the page is looked at again: do not wait out a long pause. */
  #soon() {
    if (this.#socket === null && !this.#stopped) this.#again(0.1);
  }

  #hangUp() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    for (const answer of this.#asks.values()) answer(NO_LINE);
    this.#asks.clear();
  }

  #look() {
    const silence = steady() - this.#heard;
    if (this.#socket !== null && silence > MISSED_BEATS * BEAT_SECONDS) this.#lost();
    const standing = this.follower.standing(steady());
    if (standing !== this.#standing) {
      this.#standing = standing;
      this.#tell("standing", standing);
    }
  }

  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}

const NO_LINE = { refusal: { code: "try_later", say: "" } };

/** A command's id: 32 hex digits. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
