// What this one screen has been told about itself: kept on the screen, or given in its address.
//
// `?distance=8&inches=55&size=large&sound=off` in the address (which a kiosk's start file can hold) wins over what the set-up
// page has kept, so a screen without a keyboard can be set up too. Anything that makes no sense is passed over.

const KEPT = "foyer.setup";

const PLAIN = { metres: 6, inches: 43, size: "standard", most: 8, sound: true };

export function readSetup(address = location.search, kept = localStorage.getItem(KEPT)) {
  const told = new URLSearchParams(address);
  return { ...PLAIN, ...sensible(parse(kept)), ...sensible({
    metres: told.get("distance"),
    inches: told.get("inches"),
    size: told.get("size"),
    most: told.get("most"),
    sound: told.get("sound"),
  }) };
}

export const keepSetup = (setup) => localStorage.setItem(KEPT, JSON.stringify(setup));

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function sensible(given) {
  const setup = {};
  const number = (value, least, greatest) => {
    const count = value === null || value === "" ? NaN : Number(value);
    return count >= least && count <= greatest ? count : null;
  };
  const [metres, inches, most] = [number(given.metres, 1, 50), number(given.inches, 5, 200), number(given.most, 1, 8)];
  if (metres !== null) setup.metres = metres;
  if (inches !== null) setup.inches = inches;
  if (most !== null) setup.most = Math.floor(most);
  if (given.size === "standard" || given.size === "large") setup.size = given.size;
  if (given.sound === "off" || given.sound === false) setup.sound = false;
  if (given.sound === "on" || given.sound === true) setup.sound = true;
  return setup;
}
