// Loads the page anew, but only once the server gives it: a browser that loads a page in vain shows an error of its own and stays there,
// and a board on a wall has nobody to press "try again".

/** After `pause` milliseconds, and again after each failure. */
export async function loadAgain(pause) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(5_000) });
      if (answer.ok) break;
    } catch {
      // not yet
    }
  }
  location.reload();
}
