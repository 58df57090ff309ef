// The greeter's tablet: which of its rooms is shown, and how many things need somebody while another room is.

import { now, on, start } from "./asking.js";
import "./arrive.js";
import "./coming.js";

const WIDE = matchMedia("(min-width: 62rem)");
const badge = document.getElementById("needs-badge");
const links = [...document.querySelectorAll(".room-nav [data-room]")];
const roomOf = (name) => document.getElementById(`room-${name}`);

/** Show one room; on a wide screen the floor stays beside it. */
function enter(name, { focus = false } = {}) {
  if (roomOf(name) === null) return;
  document.body.dataset.room = name;
  for (const link of links) {
    if (link.dataset.room === name) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (!focus) return;
  scrollTo({ top: 0 });
  const heading = name === "floor" ? document.getElementById("stage-h") : roomOf(name).querySelector("h2");
  const search = name === "arrive" && !document.getElementById("arrive-form").hidden ? document.getElementById("need") : null;
  (search ?? heading)?.focus({ preventScroll: true });
}

for (const link of links) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    enter(link.dataset.room, { focus: true });
  });
}

function count() {
  const needs = Number(now().dataset.needs);
  badge.hidden = needs === 0;
  badge.textContent = needs > 0 ? String(needs) : "";
  badge.title = `${needs} need somebody`;
}

function first() {
  const asked = location.hash.replace("#room-", "");
  if (links.some((link) => link.dataset.room === asked)) return asked;
  return WIDE.matches && roomOf("arrive") ? "arrive" : "floor";
}

document.body.classList.add("has-rooms");
on("swapped", count);
count();
enter(first());
start();
