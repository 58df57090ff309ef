// Lets the greeter's pages be loaded while the server is out of reach: instead of the browser's error there is the counting panel, which keeps
// taps until the server is back. It keeps the panel's shell and its files, in which nobody's data is, and nothing else: no page, no answer.

const KEEP = "foyer-counting-1";
const SHELL = "/greeter/count/shell";
const FILES = ["/static/staff.css", "/static/counting.css", "/static/counting.js", "/static/outbox.js", "/static/icon.svg"];
const PATIENCE_MS = 6000;

addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("foyer-counting") && name !== KEEP).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && (path === "/greeter" || path === "/greeter/count")) event.respondWith(page(event));
  else if (FILES.includes(path)) event.respondWith(file(request));
});

/** All together or none: a shell of one version with a script of another would be worse than an old pair. */
async function keepAll() {
  const answers = await Promise.all([SHELL, ...FILES].map((path) => fetch(path, { cache: "no-cache", redirect: "error" })));
  if (!answers.every((answer) => answer.ok)) throw new Error("not to be had now");
  const cache = await caches.open(KEEP);
  await Promise.all(answers.map((answer) => cache.put(new URL(answer.url).pathname, answer)));
}

async function page(event) {
  try {
    const answer = await fetch(event.request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) event.waitUntil(keepAll().catch(() => {}));
    if (answer.status < 502) return answer;
  } catch {
    // out of reach: below
  }
  return (await caches.match(SHELL)) ?? Response.error();
}

async function file(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return (await caches.match(new URL(request.url).pathname)) ?? Response.error();
  }
}
