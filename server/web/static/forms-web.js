/* What a script adds to the pages of a form: a place to sign with a finger, letters counted, one press of a button, the printer. All works without it. */

const canvas = document.querySelector("[data-sign] canvas");
if (canvas) signing(canvas.closest("[data-sign]"), canvas);

const counted = document.querySelector("textarea[data-most]");
if (counted) counting(counted, document.getElementById("answer-most"));

for (const button of document.querySelectorAll("[data-print]")) {
  button.closest(".forms-print").hidden = false;
  button.addEventListener("click", () => print());
}

for (const form of document.querySelectorAll("form[method=post]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    setTimeout(() => (sent = false), 8000);
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

function signing(box, canvas) {
  const pen = canvas.getContext("2d");
  const kept = box.querySelector("[name=drawn]");
  const typed = document.getElementById("answer");
  let last = null;
  box.hidden = false;
  pen.lineWidth = 4;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#111";

  const at = (event) => {
    const seen = canvas.getBoundingClientRect();
    return [((event.clientX - seen.left) * canvas.width) / seen.width, ((event.clientY - seen.top) * canvas.height) / seen.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    line(last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last) line(at(event));
  });
  for (const over of ["pointerup", "pointercancel"])
    canvas.addEventListener(over, () => {
      last = null;
      kept.value = canvas.toDataURL("image/png");
    });
  box.querySelector("[data-clear]").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    kept.value = "";
    canvas.scrollIntoView({ block: "nearest" });
  });
  typed?.addEventListener("input", () => {
    if (typed.value) kept.value = "";
  });

  function line(to) {
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...to);
    pen.stroke();
    last = to;
  }
}

function counting(area, said) {
  const most = Number(area.dataset.most);
  const live = document.createElement("p");
  live.className = "govuk-visually-hidden";
  live.setAttribute("role", "status");
  said.after(live);
  let waiting = 0;
  const tell = () => {
    const left = most - [...area.value.replace(/\r\n/g, "\n").trim()].length;
    const sentence = (left < 0 ? area.dataset.over : area.dataset.left).replace("000", Math.abs(left).toLocaleString("en"));
    said.textContent = sentence;
    said.classList.toggle("forms-left-over", left < 0);
    clearTimeout(waiting);
    waiting = setTimeout(() => (live.textContent = sentence), 1000);
  };
  area.addEventListener("input", tell);
  tell();
}
