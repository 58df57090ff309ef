// The sign over one counter: its name, and in words what it is doing. Silent: the lobby board makes the sound.
//
// A discreet visit shows as "With a visitor" because its row has no code: privacy is decided on the server, not here. When the line is
// lost the sign keeps the counter's name, which is always true, and takes away the rest, which may not be: a wrong code over a
// desk sends people to the wrong place. That everyone must leave stands over all of it, line or no line.

import { loadAgain } from "./again.js";
import { make, show, spoken } from "./dom.js";
import { Evacuation, LEAVE_TURN_MS } from "./evacuation.js";
import { Link } from "./link.js";
import { widthOf, widthOfTwo } from "./measure.js";
import { Pairing } from "./pair.js";
import { protect } from "./shift.js";
import { tellStanding, withMachine } from "./standing.js";
import { Words } from "./words.js";

const TURN_MS = 8_000;
const SANS = '"Foyer Sans", "Noto Sans", sans-serif';
const APP = "sign 1";
const LONG_NAME = 10; // signs over two lines

const page = (id) => document.getElementById(id);

async function start() {
  const words = await Words.load("/display/words.json");
  const link = new Link("/ws/device", APP);
  let turn = 0;
  const evacuation = new Evacuation(words, page("evacuation"), page("stage"));
  const repaint = () => {
    evacuation.show(link.follower.rows);
    paint(link, words, turn);
  };
  const report = () => link.standing === "live" && link.ask(withMachine({ do: "health", app: APP, sound: true }));
  link.addEventListener("change", repaint);
  link.addEventListener("standing", () => {
    repaint();
    report();
  });
  tellStanding(link);
  new Pairing(link, "sign", words, page("pairing"), page("stage")).watch();
  setInterval(() => {
    turn += 1;
    repaint();
  }, TURN_MS);
  setInterval(report, 60_000);
  setInterval(() => evacuation.turn(), LEAVE_TURN_MS);
  addEventListener("resize", () => evacuation.redraw());
  document.fonts?.addEventListener("loadingdone", () => evacuation.redraw());
  protect(page("stage"));
  document.fonts?.ready.then(repaint);
  link.start();
}

function paint(link, words, turn) {
  const [sign, centre] = [link.follower.rows.get("sign"), link.follower.rows.get("centre")];
  if (sign === undefined || centre === undefined) return;
  const isKnown = link.standing === "live";
  const state = isKnown ? sign.state : "unknown";
  document.body.dataset.state = state;
  const name = page("name");
  const isLong = sign.name.length > LONG_NAME;
  name.textContent = sign.name;
  name.classList.toggle("long", isLong);
  name.style.setProperty("--name", isLong ? widthOfTwo(sign.name, SANS) : widthOf(sign.name, SANS));
  const code = page("code");
  code.textContent = (isKnown && sign.code) || "";
  code.hidden = code.textContent === "";
  if (sign.code) code.style.setProperty("--code", widthOf(sign.code, SANS));
  const others = centre.languages.filter((language) => language !== "en" && words.knows(language));
  const other = others.length > 0 ? others[turn % others.length] : null;
  const key = isKnown ? `sign.${sign.state}` : "display.catching_up";
  show(page("words"), [key, other], () => [
    make("span", { class: "mark", "aria-hidden": "true" }),
    spoken("p", "en", "ltr", {}, words.say("en", key)),
    ...(other === null ? [] : [spoken("p", other, words.direction(other), { class: "other" }, words.say(other, key))]),
  ]);
}

start().catch((error) => {
  console.error(error);
  loadAgain(5_000);
});
