/* Says that the time kept for a visitor is running out, for those who do not look at a clock. Everything works without it. */

const kept = document.querySelector(".book-kept[data-until]");
if (kept) {
  const until = Number(kept.dataset.until) * 1000;
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  kept.after(told);
  const tell = (sentence) => {
    told.className = "book-kept book-kept-over";
    told.textContent = sentence;
  };
  const wait = (at, sentence) => {
    if (at > Date.now()) setTimeout(tell, at - Date.now(), sentence);
  };
  wait(until - 120000, kept.dataset.near);
  wait(until, kept.dataset.over);
}
