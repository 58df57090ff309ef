// The dock's page: follows /state, shows the frame and the paper when they are new, sends touches and levers.

const at = (id) => document.getElementById(id);
const LEVERS = {
  paper_low: "Paper nearly at its end", paper_out: "No paper", cover_open: "Printer's cover open", silent: "Printer does not answer",
  unplugged: "Printer unplugged", camera_dark: "Camera covered", camera_unplugged: "Camera unplugged", scanner_unplugged: "Scanner unplugged",
  plate_black: "Page camera covered", plate_frozen: "Page camera frozen", plate_upside_down: "Page camera upside down", plate_unplugged: "Page camera unplugged", link_cut: "No link to the server", slow_link: "Slow link", wrong_clock: "Clock three years off",
};
const STATE = [["screen", "Screen"], ["language", "Language"], ["code", "Ticket"], ["paper", "Paper"], ["printer", "Printer"], ["camera", "Camera"], ["scanner", "Scanner"], ["page_camera", "Page camera"],
  ["packets", "Hand-ins to send"],
  ["link_up", "Link"], ["help", "Help"], ["idle_left", "Clears in"], ["out_of_order", "Out of order"], ["setup_code", "Set-up code"]];

const send = (path, body) => fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

let shown = { version: 0, frame: 0, papers: -1, panel: [1080, 1920] };

async function follow() {
  for (;;) {
    try {
      const reply = await fetch(`/state?after=${shown.version}`);
      const state = await reply.json();
      at("link").textContent = "Connected";
      show(state);
    } catch {
      at("link").textContent = "The kiosk is not running. Waiting for it …";
      shown.version = 0;
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

function show(state) {
  screen(state.frame);
  if (state.papers !== shown.papers) paper(state.papers);
  list(state);
  buttons(state.presses);
  levers(state.levers);
  plate(state);
  at("holding").hidden = state.camera === "none" && state.scanner === "none";
  shown = state;
}

// A picture that moves has a new frame before the last one is here: one is fetched at a time, and then the newest.
let fetching = 0;
let wanted = 0;
function screen(frame) {
  wanted = frame;
  if (fetching || wanted === Number(at("screen").dataset.frame)) return;
  fetching = wanted;
  at("screen").src = `/screen.png?frame=${fetching}`;
}
for (const end of ["load", "error"]) {
  at("screen").addEventListener(end, () => {
    at("screen").dataset.frame = fetching;
    fetching = 0;
    if (end === "load") screen(wanted);
  });
}

function paper(count) {
  at("no-paper").hidden = count > 0;
  at("paper").hidden = count === 0;
  if (count > 0) at("paper").src = `/paper.png?count=${count}`;
}

function list(state) {
  const words = (value) => (value === true ? "up" : value === false ? "down" : String(value));
  at("state").replaceChildren(...STATE.filter(([key]) => state[key] !== null && state[key] !== "").flatMap(([key, label]) => {
    const name = document.createElement("dt");
    const value = document.createElement("dd");
    name.textContent = label;
    value.textContent = words(state[key]);
    return [name, value];
  }));
}

function buttons(presses) {
  const list = at("buttons");
  if (JSON.stringify(presses) === JSON.stringify(shown.presses)) return;
  const focused = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren(...presses.map((press) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = press.text;
    button.addEventListener("click", () => send("/touch", { x: press.x, y: press.y }));
    item.append(button);
    return item;
  }));
  if (focused >= 0) list.querySelectorAll("button")[Math.min(focused, presses.length - 1)]?.focus();
}

function levers(positions) {
  const list = at("levers");
  if (!list.children.length) {
    list.append(...Object.keys(positions).filter((name) => name in LEVERS).map((name) => {
      const item = document.createElement("li");
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.name = name;
      box.addEventListener("change", () => send("/lever", { name, on: box.checked }));
      label.append(box, LEVERS[name]);
      item.append(label);
      return item;
    }));
  }
  for (const box of list.querySelectorAll("input")) box.checked = positions[box.name];
}

function plate(state) {
  at("plating").hidden = !state.plate;
  if (!state.plate) return;
  const list = at("papers");
  const names = [...state.plate.pictures, ""];
  if (list.children.length !== names.length) {
    list.replaceChildren(...names.map((name) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.name = name;
      button.textContent = name ? name.replace(/\.[a-z0-9]+$/, "").replace(/^[0-9]+-/, "").replaceAll("-", " ") : "Take it away";
      button.addEventListener("click", () => send("/lay", { name }));
      item.append(button);
      return item;
    }));
  }
  for (const button of list.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.name === state.plate.lies));
  const key = JSON.stringify([state.plate.lies, Object.entries(state.levers).filter(([name]) => name.startsWith("plate_"))]);
  if (at("plate").dataset.key === key) return;
  at("plate").dataset.key = key;
  at("plate").src = `/plate.jpg?version=${state.version}`;
}

function place(event) {
  const screen = at("screen").getBoundingClientRect();
  const [wide, high] = shown.panel;
  const within = (value, most) => Math.max(0, Math.min(most, value));
  return {
    x: within(((event.clientX - screen.left) / screen.width) * wide, wide),
    y: within(((event.clientY - screen.top) / screen.height) * high, high),
  };
}

at("screen").addEventListener("pointerdown", (event) => {
  event.preventDefault();
  at("screen").setPointerCapture(event.pointerId);
  send("/touch", { ...place(event), phase: "down" });
});
at("screen").addEventListener("pointerup", (event) => send("/touch", { ...place(event), phase: "up" }));
at("kill").addEventListener("click", () => send("/lever", { name: "kill", on: true }));

at("hold").addEventListener("submit", async (event) => {
  event.preventDefault();
  const by = event.submitter?.value ?? "camera";
  const reply = await send("/hold", { text: at("hold-text").value, by });
  at("held").textContent = reply.ok ? "Held up." : (await reply.json()).refused;
});

follow();
