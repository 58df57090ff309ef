/* Writing a form: numbers beside the lines, faults marked on them, and the preview kept up while somebody types. Without it, "Check and preview" does the same. */

const form = document.getElementById("write");
const text = document.getElementById("text");
const seen = document.getElementById("seen");
const box = document.querySelector("[data-lines]");
const numbers = document.createElement("div");
numbers.className = "form-numbers";
numbers.setAttribute("aria-hidden", "true");
box.prepend(numbers);
box.classList.add("numbered");

let lines = 0;
function number() {
  const count = text.value.split("\n").length;
  if (count !== lines) {
    numbers.replaceChildren(
      ...Array.from({ length: count }, (_, at) => Object.assign(document.createElement("span"), { textContent: at + 1 })),
    );
    lines = count;
  }
  for (const bad of numbers.querySelectorAll(".bad")) {
    bad.classList.remove("bad");
    bad.removeAttribute("title");
  }
  for (const fault of seen.querySelectorAll("[data-line]")) {
    const line = numbers.children[fault.dataset.line - 1];
    line?.classList.add("bad");
    if (line) line.title = fault.textContent;
  }
  numbers.scrollTop = text.scrollTop;
}
text.addEventListener("scroll", () => (numbers.scrollTop = text.scrollTop));

let asked = 0;
let waiting = 0;
async function look() {
  const mine = ++asked;
  const sent = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: sent });
    if (!answer.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    const on = seen.contains(document.activeElement) ? document.activeElement.id : "";
    seen.replaceChildren(...page.body.childNodes);
    if (on) document.getElementById(on)?.focus();
    number();
  } catch {
    // The line is cut: what was seen last stays, and the buttons say what is wrong.
  }
}
text.addEventListener("input", () => {
  number();
  changed = true;
  clearTimeout(waiting);
  waiting = setTimeout(look, 500);
});
seen.addEventListener("change", look);
seen.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go]");
  if (!link) return;
  event.preventDefault();
  go(Number(link.dataset.go));
});

function go(line) {
  const before = text.value.split("\n").slice(0, line - 1).join("\n").length;
  const start = line > 1 ? before + 1 : 0;
  const ends = text.value.indexOf("\n", start);
  text.focus();
  text.setSelectionRange(start, ends < 0 ? text.value.length : ends);
  const high = text.scrollHeight / text.value.split("\n").length;
  text.scrollTop = Math.max(0, (line - 4) * high);
}

let changed = false;
form.addEventListener("submit", () => (changed = false));
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
number();
