// Two soft notes when somebody joins an empty queue. Browsers let a page sound only after it was touched; until then it is silent.

let context = null;
let muted = false;

export const mute = (yes) => {
  muted = yes;
};

document.addEventListener("pointerdown", wake, { once: true });
document.addEventListener("keydown", wake, { once: true });

function wake() {
  context ??= new AudioContext();
}

export function chime() {
  document.documentElement.dataset.chimed = String(Number(document.documentElement.dataset.chimed ?? 0) + 1);
  if (muted) return;
  if (context === null) return;
  note(659.3, 0);
  note(880, 0.18);
}

function note(hertz, delay) {
  const begin = context.currentTime + delay;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = "sine";
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0.0001, begin);
  volume.gain.exponentialRampToValueAtTime(0.22, begin + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.5);
  tone.connect(volume).connect(context.destination);
  tone.start(begin);
  tone.stop(begin + 0.55);
}
