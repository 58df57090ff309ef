// What a screen's page tells the program beside the browser (display/agent): whether it is up to date, whether the centre is
// open, whether everyone must leave. That program keeps the panel dark at night, loads a page that hangs anew, and says in
// return how the machine is, which goes to the server with the page's own report.

/** Let `foyerScreen()` answer, from whatever rows the page has now. */
export function tellStanding(link) {
  globalThis.foyerScreen = () => {
    const centre = link.follower.rows.get("centre");
    return {
      standing: link.standing,
      open: centre?.open ?? null,
      opens_at: centre?.opens_at ?? null,
      evacuated: Boolean(centre?.evacuated_at),
      now: link.now(),
    };
  };
}

/** A page's report of itself, with the machine's health where the program beside the browser has told it. */
export function withMachine(health) {
  const machine = globalThis.foyerMachine;
  return machine === undefined ? health : { ...health, machine };
}
