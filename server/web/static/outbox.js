// The taps of this tablet: kept on its disk before they are acknowledged, handed over in order, each counted once however often it is sent.
//
// A tap's ids are made at the touch. It leaves the outbox's waiting part only when the server has answered for it, so a lost answer means that it
// is sent again, and the server knows it by its id. Taps belong to the centre where they were made and wait for somebody signed in there. One
// that the server will not take is kept with its reason for a person. Two windows share one outbox; a lock lets one of them send.

const NAME = "foyer-counting";
const WEEK_MS = 7 * 24 * 3600 * 1000;
const LONGEST_AGE_MS = 30 * 24 * 3600 * 1000;
const MOST_AT_ONCE = 40;
const MOST_ABOUT = 60;
const FETCH_MS = 8000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
const KEEP_SENT = 100;
const KEEP_MS = 36 * 3600 * 1000;
const HOLDS = new Set([401, 403, 409]); // nothing wrong with the taps: somebody else must sign in

/** This run of the page: `steady` times are comparable within one only. */
export const RUN = Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join("");
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * How long ago a tap was made, in milliseconds. The tablet's own calendar says, for it goes on through sleep and restart; but it may be
 * set in between, so it is believed only within what is certain: not less than the steady clock of the same run has counted, not more
 * than has passed since the server was last heard before the tap (`heard` and `now.server` are the server's own time).
 */
export function ageOf(tap, now) {
  const least = tap.run === now.run ? Math.max(0, now.steady - tap.steady) : 0;
  const most = tap.heard && now.server ? Math.max(least, now.server - tap.heard) : WEEK_MS;
  return Math.round(Math.min(LONGEST_AGE_MS, Math.max(least, Math.min(now.wall - tap.wall, most))));
}

// The shelf: where entries are kept ---------------------------------------------------------------------------------

/** On disk. Every change is one transaction that is on the disk when its promise is kept. */
class DiskShelf {
  static open() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("taps", { keyPath: "seq", autoIncrement: true });
        asked.result.createObjectStore("known");
      };
      asked.onsuccess = () => resolve(new DiskShelf(asked.result));
      asked.onerror = () => reject(asked.error);
      asked.onblocked = () => reject(new Error("blocked"));
    });
  }

  constructor(database) {
    this.keeps = true;
    this.database = database;
    database.onversionchange = () => database.close();
  }

  #do(store, mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(store, mode, { durability: "strict" });
      const told = {};
      work(transaction.objectStore(store), told);
      transaction.oncomplete = () => resolve(told.value);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("not kept"));
    });
  }

  all() {
    return this.#do("taps", "readonly", (taps, told) => {
      taps.getAll().onsuccess = (event) => (told.value = event.target.result);
    });
  }

  add(entry) {
    return this.#do("taps", "readwrite", (taps, told) => {
      taps.add(entry).onsuccess = (event) => (told.value = event.target.result);
    });
  }

  /** Change entries as they are now: `change(entry)` gives the new one, null to drop it, undefined to leave it. */
  change(seqs, change) {
    return this.#do("taps", "readwrite", (taps, told) => {
      told.value = [];
      for (const seq of seqs) {
        taps.get(seq).onsuccess = (event) => {
          const before = event.target.result;
          const after = before && change(before);
          if (after === null) taps.delete(seq);
          else if (after) taps.put(after);
          if (after) told.value.push(after);
        };
      }
    });
  }

  /** One that was never on its way just goes; otherwise it is marked, and `uncount` joins the line, both or neither. */
  takeBack(seq, uncount) {
    return this.#do("taps", "readwrite", (taps) => {
      taps.get(seq).onsuccess = (event) => {
        const tap = event.target.result;
        if (!tap || tap.takenBack) return;
        if (tap.state === "waiting" && !tap.tried) {
          taps.delete(seq);
          return;
        }
        taps.put({ ...tap, takenBack: true });
        taps.add(uncount);
      };
    });
  }

  known() {
    return this.#do("known", "readonly", (store, told) => {
      store.get("now").onsuccess = (event) => (told.value = event.target.result);
    });
  }

  know(value) {
    return this.#do("known", "readwrite", (store) => store.put(value, "now"));
  }
}

/** In memory, where the browser keeps nothing: taps last as long as the page. */
class MemoryShelf {
  keeps = false;
  #taps = new Map();
  #last = 0;
  #known;
  all = async () => [...this.#taps.values()];
  known = async () => this.#known;
  know = async (value) => void (this.#known = value);

  async add(entry) {
    this.#taps.set(++this.#last, { ...entry, seq: this.#last });
    return this.#last;
  }

  async change(seqs, change) {
    const changed = [];
    for (const seq of seqs) {
      const before = this.#taps.get(seq);
      const after = before && change(before);
      if (after === null) this.#taps.delete(seq);
      if (after) changed.push(this.#taps.set(seq, after).get(seq));
    }
    return changed;
  }

  async takeBack(seq, uncount) {
    const tap = this.#taps.get(seq);
    if (!tap || tap.takenBack) return;
    if (tap.state === "waiting" && !tap.tried) {
      this.#taps.delete(seq);
      return;
    }
    this.#taps.set(seq, { ...tap, takenBack: true });
    await this.add(uncount);
  }
}

// The outbox ----------------------------------------------------------------------------------------------------------

export class Outbox extends EventTarget {
  /** What the server last said: figures, who is signed in where. `base.live` until it is out of reach. */
  base = null;
  /** Why nothing goes out: "" it does, "lost" no connection, "signed_out", "held" (with `holdSay`). */
  standing = "lost";
  holdSay = "";
  entries = [];
  #shelf;
  #failures = 0;
  #timer = null;
  #running = null;
  #again = false;
  #services = true;
  #others = "BroadcastChannel" in self ? new BroadcastChannel(NAME) : null;

  static async open() {
    let shelf;
    try {
      shelf = await DiskShelf.open();
      await shelf.all();
    } catch {
      shelf = new MemoryShelf();
    }
    const outbox = new Outbox();
    outbox.#shelf = shelf;
    outbox.base = (await shelf.known()) ?? null;
    await outbox.#read();
    if (outbox.#others) outbox.#others.onmessage = () => outbox.#read();
    return outbox;
  }

  get keeps() {
    return this.#shelf.keeps;
  }

  /** The server's time in milliseconds as well as it is known now, never later than it is; null when it was never heard in this run. */
  serverTime() {
    if (!this.base) return null;
    return this.base.run === RUN ? this.base.now + (performance.now() - this.base.steady) : null;
  }

  /** Keep one tap; when this is done it is on the disk. `body` is the ask without age. Rejects when it could not be kept. */
  async add(body, name, place) {
    const entry = {
      ask: newId(),
      tally: body.tally,
      body,
      name,
      centre: place.centre,
      centreName: place.centreName,
      wall: Date.now(),
      steady: performance.now(),
      run: RUN,
      heard: this.serverTime() ?? this.base?.now ?? null,
      state: "waiting",
      tried: false,
    };
    entry.seq = await this.#shelf.add(entry);
    this.entries = [...this.entries, entry];
    this.#told();
    this.send();
    return entry;
  }

  async takeBack(tap) {
    const uncount = {
      ask: newId(),
      tally: tap.tally,
      body: { do: "uncount", tally: tap.tally },
      name: tap.name,
      centre: tap.centre,
      centreName: tap.centreName,
      wall: Date.now(),
      steady: performance.now(),
      run: RUN,
      heard: this.serverTime() ?? this.base?.now ?? null,
      state: "waiting",
      tried: false,
    };
    await this.#shelf.takeBack(tap.seq, uncount);
    await this.#changed();
    this.send();
  }

  /** A person looked at one that was refused: once more, or away with it. */
  async again(tap) {
    await this.#shelf.change([tap.seq], (entry) => ({ ...entry, state: "waiting", say: "", ask: newId() }));
    await this.#changed();
    this.send();
  }

  async drop(tap) {
    await this.#shelf.change([tap.seq], () => null);
    await this.#changed();
  }

  get waiting() {
    return this.entries.filter((entry) => entry.state === "waiting");
  }

  get refused() {
    return this.entries.filter((entry) => entry.state === "refused");
  }

  /** Look and hand over what waits, now; one at a time, and once more if asked meanwhile. */
  send() {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    const early = this.#timer !== null; // a touch, not the waiting's end: no reason to wait longer the next time
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#running = this.#round(early).finally(() => {
      this.#running = null;
      if (this.#again) {
        this.#again = false;
        this.send();
      }
    });
    return this.#running;
  }

  async #round(early) {
    const alone = navigator.locks ? (work) => navigator.locks.request(NAME, work) : (work) => work();
    const all = await alone(async () => {
      await this.#read();
      await this.look();
      let handed = 0;
      while (this.standing === "" && this.#sendable().length) {
        if (!(await this.#hand(this.#sendable().slice(0, MOST_AT_ONCE)))) return false;
        handed += 1;
      }
      if (handed && this.standing === "") await this.look();
      return this.standing === "";
    });
    this.#failures = all ? 0 : Math.max(1, this.#failures + Number(!early));
    if (!all) {
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(10, this.#failures));
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.send();
      }, wait * (0.75 + Math.random() / 2));
    }
  }

  #sendable() {
    return this.waiting.filter((entry) => entry.centre === this.base?.centre);
  }

  /** Ask the server how things are; `standing` says afterwards whether it is in reach and somebody who may count is signed in. */
  async look() {
    const steady = performance.now();
    const about = this.entries.filter((e) => e.body.do !== "uncount" && e.tried && !this.#settled(e)).slice(-MOST_ABOUT);
    const asked = new URLSearchParams({ about: about.map((entry) => entry.tally).join(",") });
    if (this.#services) asked.set("services", "yes");
    let answer, seen;
    try {
      const headers = { accept: "application/json", ...(this.used ? { "x-foyer-used": "yes" } : {}) };
      answer = await fetch(`/greeter/count/now?${asked}`, { cache: "no-store", headers, signal: AbortSignal.timeout(FETCH_MS) });
      seen = await answer.json();
    } catch {
      this.#stand("lost");
      return;
    }
    if (!answer.ok) {
      this.#stand(answer.status === 401 ? "signed_out" : answer.status === 403 ? "held" : "lost", seen.refusal?.say);
      return;
    }
    this.used = false;
    this.#services = false;
    this.base = { ...seen, services: seen.services ?? this.base?.services ?? [], steady, run: RUN };
    this.#stand("");
    const { csrf, ...kept } = this.base; // a form's token is a secret of the session
    await this.#shelf.know(kept).catch(() => {});
  }

  /** Hand these over; false when there was no answer for them. */
  async #hand(batch) {
    const staff = this.base.staff;
    // On disk before it goes: from now on it may have arrived. Another person's ask is another command about the same tap.
    const going = await this.#shelf.change(batch.map((entry) => entry.seq), (entry) =>
      entry.state === "waiting" ? { ...entry, tried: true, askedBy: staff, ask: (entry.askedBy ?? staff) === staff ? entry.ask : newId() } : undefined,
    );
    if (!going.length) return false;
    const now = { wall: Date.now(), steady: performance.now(), run: RUN, server: this.serverTime() };
    const asks = going.map((entry) => ({ id: entry.ask, body: { ...entry.body, age_ms: ageOf(entry, now) } }));
    let answer, told;
    try {
      answer = await fetch("/greeter/count", {
        method: "POST",
        body: JSON.stringify({ centre: this.base.centre, asks }),
        headers: { accept: "application/json", "content-type": "application/json", "x-foyer-token": this.base.csrf },
        signal: AbortSignal.timeout(FETCH_MS),
      });
      told = await answer.json();
    } catch {
      await this.#read();
      this.#stand("lost");
      return false;
    }
    if (!answer.ok || !Array.isArray(told.answers)) {
      this.#stand(answer.status === 401 ? "signed_out" : HOLDS.has(answer.status) ? "held" : "lost", told.refusal?.say);
      await this.#read();
      return false;
    }
    return this.#answered(going, new Map(told.answers.map((each) => [each.id, each])));
  }

  async #answered(going, answers) {
    let all = true;
    const done = { doneRun: RUN, doneAt: performance.now() };
    await this.#shelf.change(going.map((entry) => entry.seq), (entry) => {
      const told = answers.get(entry.ask);
      if (told?.result) return { ...entry, ...done, state: "sent", takenBack: entry.takenBack || told.result.counted === false };
      if (told?.refusal && told.refusal.code !== "try_later") return { ...entry, state: "refused", say: told.refusal.say };
      all = false;
      return undefined;
    });
    await this.#changed();
    return all;
  }

  // Figures -----------------------------------------------------------------------------------------------------------

  /** What the screen shows for an activity: what the server counted and what it does not know of yet. Null when neither is known. */
  number(activity) {
    const base = this.isToday() ? this.base?.figures[activity] : undefined;
    const own = this.entries.filter((entry) => (entry.body.activity ?? "door_help") === activity && entry.body.do !== "uncount" && this.ofToday(entry));
    if (base === undefined && !own.length && !this.base) return null;
    return Math.max(0, (base ?? 0) + own.reduce((sum, entry) => sum + Number(this.#wanted(entry)) - Number(this.#countedThere(entry)), 0));
  }

  #wanted(entry) {
    return !entry.takenBack && entry.state !== "refused";
  }

  /** Whether the figures the server last gave hold this tap. */
  #countedThere(entry) {
    if (!this.isToday() || entry.centre !== this.base?.centre) return false;
    if (this.base.counted.includes(entry.tally)) return true;
    if (!this.#settled(entry)) return false;
    const uncount = this.entries.find((each) => each.body.do === "uncount" && each.tally === entry.tally);
    if (uncount) return !this.#settled(uncount);
    return !entry.takenBack;
  }

  /** Answered for before the server last said how things are. */
  #settled(entry) {
    return entry.state === "sent" && !!this.base && (entry.doneRun !== this.base.run || entry.doneAt < this.base.steady);
  }

  /** Whether the server's figures are of the day it is now. */
  isToday() {
    return !!this.base && this.#nowThere() < this.base.ends;
  }

  /** Whether a tap was made today; before the server was ever heard, every tap is. */
  ofToday(entry) {
    if (!this.base) return true;
    const made = this.#nowThere() - ageOf(entry, { wall: Date.now(), steady: performance.now(), run: RUN, server: this.serverTime() });
    const begins = this.isToday() ? this.base.begins : this.base.ends;
    return made >= begins && entry.centre === this.base.centre;
  }

  #nowThere() {
    return this.serverTime() ?? this.base.now + Math.max(0, Date.now() - (this.base.wall ?? Date.now()));
  }

  // Keeping in step -----------------------------------------------------------------------------------------------------

  #stand(standing, say = "") {
    this.standing = standing;
    this.holdSay = say ?? "";
    if (standing === "" && this.base) this.base.wall = Date.now();
    this.#told();
  }

  async #changed() {
    await this.#read();
    this.#others?.postMessage("changed");
  }

  async #read() {
    this.entries = await this.#shelf.all();
    const old = this.entries.filter((entry) => entry.state === "sent").slice(0, -KEEP_SENT);
    const stale = this.entries.filter((entry) => entry.state === "sent" && Date.now() - entry.wall > KEEP_MS);
    const gone = new Set([...old, ...stale].map((entry) => entry.seq));
    if (gone.size) {
      await this.#shelf.change([...gone], () => null);
      this.entries = this.entries.filter((entry) => !gone.has(entry.seq));
    }
    this.#told();
  }

  #told() {
    this.dispatchEvent(new Event("change"));
  }
}
