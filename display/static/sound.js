// Makes the sounds of a board: a chime out of sine waves, and speech fetched from the server.
//
// Browsers keep a page silent until someone touches it, unless started for a kiosk; `isBlocked` says so, and the page asks
// staff to switch it on. Every wait has an end: a screen without loudspeakers must not hold up the calls.

const FETCH_SECONDS = 3;
const SLACK_SECONDS = 1.5;
const PAUSE_SECONDS = 0.35;

/** Two soft bell tones, a falling third (E6, C6): heard over talk, not mistaken for an alarm. Hertz, start, seconds. */
const CHIME = [
  [1318.51, 0, 1.1],
  [1046.5, 0.42, 1.5],
];
const CHIME_SECONDS = 1.6;

export class Sound {
  #context = null;
  #isWanted;
  #source = null;

  /** `isWanted` false: this board is silent by choice (a second one in the same room). */
  constructor(isWanted = true) {
    this.#isWanted = isWanted;
    if (isWanted) this.#context = new AudioContext();
  }

  get isBlocked() {
    return this.#context !== null && this.#context.state !== "running";
  }

  get isOn() {
    return this.#isWanted && !this.isBlocked;
  }

  /** Ask the browser to let us be heard; succeeds in a kiosk (the first time takes a moment), else only from a touch or key. */
  async switchOn() {
    if (this.isBlocked) await Promise.race([this.#context.resume(), seconds(1)]);
    return this.isOn;
  }

  whenChanged(tell) {
    this.#context?.addEventListener("statechange", tell);
  }

  async chime() {
    if (!(await this.switchOn())) return seconds(CHIME_SECONDS);
    const [context, start] = [this.#context, this.#context.currentTime + 0.05];
    for (const [hertz, after, lasts] of CHIME) {
      ring(context, hertz, start + after, lasts, 0.32);
      ring(context, hertz * 2.76, start + after, lasts * 0.4, 0.05);
    }
    return seconds(CHIME_SECONDS);
  }

  /** Speech as a buffer, or null when there is none, sound is off, or the server does not answer in time. */
  async fetch(url) {
    if (!(await this.switchOn())) return null;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_SECONDS * 1000) });
      if (!answer.ok || answer.status === 204) return null;
      return await this.#context.decodeAudioData(await answer.arrayBuffer());
    } catch {
      return null;
    }
  }

  /** Play a buffer to its end. */
  async play(buffer) {
    if (buffer === null || !this.isOn) return;
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    const ended = new Promise((resolve) => (source.onended = resolve));
    this.#source = source;
    source.start();
    await Promise.race([ended, seconds(buffer.duration + SLACK_SECONDS)]);
    this.#source = null;
    await seconds(PAUSE_SECONDS);
  }

  /** Break off what is being said. Whoever waits for its end goes on. */
  hush() {
    this.#source?.stop();
  }
}

function ring(context, hertz, start, lasts, loudness) {
  const [tone, gain] = [context.createOscillator(), context.createGain()];
  tone.frequency.value = hertz;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(loudness, start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0005, start + lasts);
  tone.connect(gain).connect(context.destination);
  tone.start(start);
  tone.stop(start + lasts);
}

export const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));
