// The lobby board: wires the line, the layout, the calls, the sound and the clock to the page.
//
// The board shows English and, beside it, one other language of the centre in turn; a call shows the ticket's own language all the
// time. What is shown is only what the feed says; when the line is lost the board keeps what it knew and says that it is catching up.

import { loadAgain } from "./again.js";
import { Heard } from "./calls.js";
import { Announcer } from "./announcer.js";
import { timeOfDay } from "./clock.js";
import { Evacuation, LEAVE_TURN_MS, leavingSince } from "./evacuation.js";
import { laidOut, layoutOf } from "./layout.js";
import { Link } from "./link.js";
import { Pairing } from "./pair.js";
import { Paint } from "./paint.js";
import { readSetup } from "./setup.js";
import { protect } from "./shift.js";
import { Sound } from "./sound.js";
import { tellStanding, withMachine } from "./standing.js";
import { Words } from "./words.js";

const TURN_MS = 8_000;
const HEALTH_MS = 60_000;
const LEAVE_ALOUD_MS = 3_600_000;
/** For an hour: whoever is in the building then does not need to be told, and a house left so overnight is not shouted at. */
const HEARD = "foyer.heard";
const APP = "board 1";

const page = (id) => document.getElementById(id);

async function start() {
  const setup = readSetup();
  const words = await Words.load("/display/words.json");
  const link = new Link("/ws/device", APP);
  const sound = new Sound(setup.sound);
  const paint = new Paint(words, setup);
  const heard = new Heard(kept(), (times) => localStorage.setItem(HEARD, JSON.stringify(times)));
  const evacuation = new Evacuation(words, page("evacuation"), page("stage"));
  const layout = () => layoutOf(link.follower.rows, document.documentElement.dataset.device ?? "");
  const rows = () => laidOut(link.follower.rows, layout());
  const announcer = new Announcer(sound, (item) => isWanted(item, link.follower.rows));

  const repaint = () => paint.all(rows(), link.now(), link.standing, layout());
  const report = () => link.ask(withMachine({ do: "health", app: APP, sound: sound.isOn || !setup.sound }));

  const leave = () => {
    evacuation.show(rows());
    const since = leavingSince(rows());
    const isAloud = since !== null && link.now() - since < LEAVE_ALOUD_MS;
    announcer.leave(isAloud ? evacuation.languages : null);
    return since !== null;
  };
  const listen = () => {
    if (leave()) return;
    const [shown, now] = [rows(), link.now()];
    announcer.announce(heard.take(shown, now));
    announcer.tell(heard.takeTold(shown, now).map((row) => ({ id: row.id, languages: languagesOf(row, shown, words) })));
  };
  link.addEventListener("change", () => {
    listen();
    repaint();
  });
  link.addEventListener("standing", () => {
    repaint();
    if (link.standing === "live") report();
  });
  announcer.addEventListener("announcing", (event) => {
    paint.point(event.detail);
    repaint();
  });
  announcer.addEventListener("announced", (event) => {
    paint.point(null);
    repaint();
    tell(event.detail);
  });
  new Pairing(link, "display", words, page("pairing"), page("stage")).watch();

  tellStanding(link);
  keepTime(link, paint, rows);
  setInterval(() => (paint.turn += 1) && repaint(), TURN_MS);
  setInterval(report, HEALTH_MS);
  setInterval(leave, HEALTH_MS);
  setInterval(() => evacuation.turn(), LEAVE_TURN_MS);
  addEventListener("resize", () => {
    evacuation.redraw();
    repaint();
  });
  offerSound(sound, () => {
    report();
    repaint();
  });
  protect(page("stage"));
  document.fonts?.ready.then(repaint);
  document.fonts?.addEventListener("loadingdone", () => evacuation.redraw());
  link.start();
}

/** Whether what was to be said is still so when its turn comes. */
function isWanted(item, rows) {
  if (item.kind === "announcement") return rows.has(`announcement:${item.id}`);
  const row = rows.get(`call:${item.ticket}`);
  return row?.live === true && row.times === item.times;
}

/** In which languages an announcement is said: English, then those of the centre that it was made in. */
function languagesOf(row, rows, words) {
  const others = rows.get("centre").languages.filter((each) => each !== "en" && words.knows(each) && row.text[each]);
  return ["en", ...others];
}

/** What was heard before this page was loaded. */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(HEARD)) ?? {};
  } catch {
    return {};
  }
}

/** For staff pages that embed a board, and for tests: says when something has been heard to its end. */
function tell(item) {
  if (item === null) return;
  const what = item.kind === "call" ? "foyer:announced" : "foyer:told";
  document.dispatchEvent(new CustomEvent(what, { detail: item }));
}

function keepTime(link, paint, rows) {
  const tick = () => {
    const centre = rows().get("centre");
    const time = timeOfDay(link.now(), centre?.timezone);
    if (link.standing !== "empty") paint.clock(time);
    setTimeout(tick, 1000 - (link.now() % 1000));
  };
  tick();
}

/** Browsers keep a page silent until it is touched, unless started for a kiosk: then staff must see that it is. */
function offerSound(sound, changed) {
  const button = page("sound");
  const look = () => {
    button.hidden = !sound.isBlocked;
    changed();
  };
  button.textContent = "Sound is off. Press here to switch it on.";
  const switchOn = () => sound.switchOn().then(look);
  button.addEventListener("click", switchOn);
  document.addEventListener("keydown", switchOn);
  sound.whenChanged(look);
  switchOn();
}

start().catch((error) => {
  console.error(error);
  loadAgain(5_000);
});
