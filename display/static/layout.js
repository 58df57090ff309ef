// How this one board is laid out: which rows it shows, and which part gets the most room. Pure: rows in, rows out.
//
// The view is the same for all boards of a centre; a board finds its own layout in it by the number the server wrote on its page. A layout
// leaves out and adds nothing. Whatever is left out is neither shown nor heard; what everyone is told is never left out.

export const PARTS = ["calls", "waits", "messages"];

const sayAll = { shows: PARTS, counters: [], services: [] };

/** The layout of board `device` ("" for a board that is not laid out): every list filled, the parts in the order of their weight. */
export function layoutOf(rows, device) {
  const own = rows.get(`display:${device}`) ?? sayAll;
  const shows = own.shows.filter((part) => PARTS.includes(part));
  return { ...own, shows: shows.length === 0 ? PARTS : shows };
}

/** The rows that a board of this layout shows. */
export function laidOut(rows, { shows, counters, services }) {
  const isShown = {
    call: (row) => shows.includes("calls") && (counters.length === 0 || counters.includes(row.where_key)),
    line: (row) => shows.includes("waits") && (services.length === 0 || services.includes(row.service)),
    message: () => shows.includes("messages"),
  };
  return new Map([...rows].filter(([, row]) => isShown[row.kind]?.(row) ?? true));
}
