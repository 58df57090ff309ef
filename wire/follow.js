// The follower: keeps one view in step with its feed, and says when it is not. No I/O, no clock of its own.
//
// The same as follow.py, rule by rule, for boards, signs and phones: give it each frame as it comes (`take`) with a
// steady time in seconds; ask it what to send on connecting (`hello`) and whether what it shows is still true
// (`standing`). It never mends a hole: on one it asks to be connected again without a cursor. Both replay
// transcripts/, so a difference between the two is a failing test, not an opinion.

export const PROTOCOL = 1;
export const BEAT_SECONDS = 5;
/** After this many beats without a word the view is called stale. */
export const MISSED_BEATS = 2;
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** A message that is not a frame. Its text names the place, never the content. */
export class Malformed extends Error {}

/** Parse what the server said; throws Malformed. Fields it does not know are passed over. */
export function readServerFrame(message) {
  let frame;
  try {
    frame = JSON.parse(message);
  } catch {
    throw new Malformed("message: not JSON");
  }
  if (!isObject(frame)) throw new Malformed("message: not an object");
  const wanted = Object.hasOwn(SHAPES, String(frame.type)) ? SHAPES[frame.type] : null;
  if (wanted === null) throw new Malformed("type: not one we know");
  for (const [name, isRight] of Object.entries(wanted)) {
    if (!isRight(frame[name])) throw new Malformed(`${frame.type}.${name}: not what it should be`);
  }
  return frame;
}

/** What a frame did: rows put and keys dropped; `whole` after a snapshot (then `drop` is what is gone since before). */
function change(put = {}, drop = [], whole = false) {
  return { put, drop, whole };
}

export class Follower {
  /** Rows by key. A Map, because a key is any text the server chose and must never meet Object.prototype. */
  rows = new Map();
  cursor = null;
  /** The Bye that ended the last conversation, until a new one begins. */
  ended = null;
  #app;
  #heard = null;
  #now = null;

  constructor(app = "") {
    this.#app = app;
  }

  hello() {
    const hello = { type: "hello", protocol: PROTOCOL, app: this.#app };
    if (this.cursor !== null) hello.cursor = this.cursor;
    return hello;
  }

  /**
   * Apply one frame heard at steady time `at` (seconds). Returns {put, drop, whole}, or {resync: why} when the stream
   * has a hole or belongs to another life of the feed: hang up and connect again; `hello()` then asks for all.
   * An old delta heard twice changes nothing.
   */
  take(frame, at) {
    this.#heard = at;
    if (frame.type === "bye") {
      this.ended = frame;
      return change();
    }
    this.ended = null;
    switch (frame.type) {
      case "snapshot":
        return this.#snapshot(frame, at);
      case "delta":
        return this.#delta(frame);
      case "beat":
        this.#now = [frame.now, at];
        return samePosition(this.cursor, frame.cursor) ? change() : this.#lost("the beat names another position");
      default:
        return change();
    }
  }

  #snapshot(frame, at) {
    const told = new Map(Object.entries(frame.rows));
    const gone = [...this.rows.keys()].filter((key) => !told.has(key)).sort(byCodePoint);
    const put = ownRows([...told].filter(([key, row]) => !same(this.rows.get(key), row)));
    this.rows = told;
    this.cursor = position(frame.cursor);
    this.#now = [frame.now, at];
    return change(put, gone, true);
  }

  #delta(frame) {
    if (this.cursor === null) return this.#lost("a change came before the whole");
    if (frame.seq <= this.cursor.seq) return change();
    if (frame.seq !== this.cursor.seq + 1) return this.#lost("a change is missing");
    const put = frame.put ?? {};
    const drop = frame.drop ?? [];
    for (const [key, row] of Object.entries(put)) this.rows.set(key, row);
    for (const key of drop) this.rows.delete(key);
    this.cursor = { epoch: this.cursor.epoch, seq: frame.seq };
    return change(put, [...drop]);
  }

  #lost(why) {
    this.cursor = null;
    return { resync: why };
  }

  /** Whether the rows can be shown as true at steady time `at`: `stale` after two missed beats, or a hang-up that stays. */
  standing(at) {
    if (this.#heard === null) return "empty";
    return at - this.#heard <= MISSED_BEATS * BEAT_SECONDS && this.ended === null ? "live" : "stale";
  }

  /** The server's clock at steady time `at` in milliseconds since 1970, from the last frame that told it; else null. */
  serverNow(at) {
    if (this.#now === null) return null;
    const [told, heard] = this.#now;
    return told + Math.round((at - heard) * 1000);
  }
}

/** Whether two rows say the same, whatever the order of their fields. */
export function same(one, other) {
  if (one === other) return true;
  if (Array.isArray(one) || Array.isArray(other)) {
    return Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((item, i) => same(item, other[i]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]));
}

const samePosition = (one, other) => one !== null && one.epoch === other.epoch && one.seq === other.seq;
const position = (cursor) => ({ epoch: cursor.epoch, seq: cursor.seq });
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isWhole = (value) => Number.isSafeInteger(value);
const isCursor = (value) => isObject(value) && isText(value.epoch) && value.epoch.length <= 32 && isCount(value.seq);
const isRows = (value) => isObject(value) && Object.values(value).every(isObject);
const orAbsent = (isRight) => (value) => value === undefined || isRight(value);
const orNothing = (isRight) => (value) => value === undefined || value === null || isRight(value);
const isRefusal = (value) => isObject(value) && isText(value.code) && isText(value.say);

const BYE_CODES = ["revoked", "protocol", "malformed", "slow", "restarting", "too_large", "signed_out", "ended", "fault"];

const SHAPES = {
  snapshot: { cursor: isCursor, now: isWhole, rows: isRows },
  delta: { seq: isWhole, put: orAbsent(isRows), drop: orAbsent((value) => Array.isArray(value) && value.every(isText)) },
  beat: { cursor: isCursor, now: isWhole },
  answer: { id: isText, result: orNothing(isObject), refusal: orNothing(isRefusal) },
  bye: { code: (value) => BYE_CODES.includes(value), say: isText, retry_seconds: orNothing(Number.isFinite) },
};

function ownRows(pairs) {
  const rows = Object.create(null);
  for (const [key, row] of pairs) rows[key] = row;
  return rows;
}

/** Python sorts text by code point, JavaScript by UTF-16 unit: they differ beyond the basic plane. */
function byCodePoint(one, other) {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const difference = a[i].codePointAt(0) - b[i].codePointAt(0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
