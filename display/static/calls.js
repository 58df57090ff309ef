// Which calls and announcements are shown, in what order, how large, and which are to be heard. Pure: rows and an instant in, lists out.
//
// A call still awaited is shown large until someone comes; the newest first, so the eye finds it in one place. Calls that are over
// stay in a smaller list as long as the server keeps them (five minutes or more). A call is heard once for each time it
// was made, and an announcement once, and only while that is news: a board that was away for an hour shows what it missed but does not
// shout it.

export const FRESH_MS = 60_000;
export const MOST_AT_ONCE = 8;

const newestFirst = (one, other) =>
  other.called_at - one.called_at || (one.code < other.code ? -1 : one.code > other.code ? 1 : 0);
const inOrder = (one, other) => one.called_at - other.called_at || (one.code < other.code ? -1 : 1);

const callsIn = (rows) => [...rows.values()].filter((row) => row.kind === "call");

/** Calls still awaited, newest first. */
export const awaited = (rows) => callsIn(rows).filter((call) => call.live).sort(newestFirst);

/** Calls that are over, newest first. */
export const recent = (rows) => callsIn(rows).filter((call) => !call.live).sort(newestFirst);

/** What everyone is told now, newest first. */
export const announced = (rows) =>
  [...rows.values()].filter((row) => row.kind === "announcement").sort((one, other) => other.at - one.at || (one.id < other.id ? -1 : 1));

/** Which page of `items` is shown at turn `turn`, when at most `most` fit: pages are as even as can be. */
export function pageOf(items, most, turn) {
  const pages = Math.max(1, Math.ceil(items.length / most));
  const page = turn % pages;
  const startOf = (number) => Math.ceil((number * items.length) / pages);
  return { page, pages, items: items.slice(startOf(page), startOf(page + 1)) };
}

/** The page on which `item` stands. */
export function pageHolding(item, items, most) {
  let turn = 0;
  while (!pageOf(items, most, turn).items.includes(item)) turn += 1;
  return turn;
}

/** Columns and rows for `count` cards in an area that is wider than tall, or not. */
export function gridFor(count, isWide) {
  if (count <= 1) return { columns: 1, rows: 1 };
  if (isWide) return count <= 3 ? { columns: 1, rows: count } : { columns: 2, rows: Math.ceil(count / 2) };
  return count <= 4 ? { columns: 1, rows: count } : { columns: 2, rows: Math.ceil(count / 2) };
}

/** What has been heard: ticket (or the key of an announcement) to the number of times. Survives a reload of the page, so nothing is said twice. */
export class Heard {
  #times;
  #keep;

  constructor(times = {}, keep = () => {}) {
    this.#times = new Map(Object.entries(times));
    this.#keep = keep;
  }

  /** Calls to be announced now, oldest first; each is given out once for each time it was called. */
  take(rows, now) {
    const calls = callsIn(rows).filter((call) => call.live && call.times > (this.#times.get(call.ticket) ?? 0));
    for (const call of calls) this.#times.set(call.ticket, call.times);
    this.#forget(rows);
    if (calls.length > 0) this.#keep(Object.fromEntries(this.#times));
    return calls.filter((call) => now - call.called_at < FRESH_MS).sort(inOrder);
  }

  /** Announcements to be said now, oldest first; each is given out once. */
  takeTold(rows, now) {
    const fresh = announced(rows).filter((row) => !this.#times.has(`announcement:${row.id}`));
    for (const row of fresh) this.#times.set(`announcement:${row.id}`, 1);
    if (fresh.length > 0) this.#keep(Object.fromEntries(this.#times));
    return fresh.filter((row) => now - row.at < FRESH_MS).reverse();
  }

  /** What the board no longer shows is forgotten, or the list would grow for years. */
  #forget(rows) {
    for (const key of this.#times.keys()) {
      if (!rows.has(`call:${key}`) && !rows.has(key)) this.#times.delete(key);
    }
  }
}
