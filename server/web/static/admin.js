// A part of a page that awaits an answer (data-awaits) is fetched anew until the answer is there. Nothing else on the page is touched, so
// what somebody is typing stays. Without script the same part has a link that loads the page again.
const EVERY = 2000;
const AT_MOST = 90;

async function lookAgain(times) {
  const part = document.querySelector("[data-awaits]");
  if (!part || times === 0) return;
  await new Promise((done) => setTimeout(done, EVERY));
  if (!document.hidden && !part.contains(document.activeElement)) {
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (answer.ok && fresh) part.replaceWith(fresh);
    } catch {
      // The line is cut: the next look may find it whole.
    }
  }
  lookAgain(times - 1);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
lookAgain(AT_MOST);
