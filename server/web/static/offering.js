// The times a service would offer follow the form. Without script the button under them shows the page again with the times.

const shaped = document.querySelector("form[data-shape]");
let asking = 0;
let soon = 0;

async function sketch() {
  const box = shaped.querySelector("[data-sketch]");
  const number = ++asking;
  box.classList.add("is-sketching");
  try {
    const answer = await fetch(box.dataset.sketch, { method: "POST", body: new URLSearchParams(new FormData(shaped)) });
    if (!answer.ok || number !== asking) return;
    const seen = new DOMParser().parseFromString(await answer.text(), "text/html");
    shaped.querySelector("[data-sketch-here]").replaceChildren(...seen.body.childNodes);
  } catch {
    // What was there stays; the form itself says when the server cannot be reached.
  } finally {
    box.classList.remove("is-sketching");
  }
}

function sketchSoon() {
  clearTimeout(soon);
  soon = setTimeout(sketch, 250);
}

if (shaped?.querySelector("[data-sketch]")) {
  shaped.addEventListener("input", sketchSoon);
  shaped.addEventListener("submit", (event) => {
    if (!event.submitter?.hasAttribute("data-sketch-now")) return;
    event.preventDefault();
    sketch();
  });
  sketch();
}
