// From how far a letter can be read. Pure arithmetic, for the set-up page and for the board's own choice of size.
//
// A capital that fills 0.7 degrees of a reader's view (42 minutes of arc) is four times what an eye with half of ordinary
// sight (6/12, the least for driving) can just make out, so it is read at a glance by old eyes in a busy room.
// Height = 2 * distance * tan(angle / 2).

export const DEGREES = 0.7;
const RADIANS = (DEGREES * Math.PI) / 180;
const MM_PER_INCH = 25.4;

/** How high a capital must be, in millimetres, to be read from `metres`. */
export const heightNeededMm = (metres) => 2 * metres * 1000 * Math.tan(RADIANS / 2);

/** From how many metres a capital of `mm` can be read. */
export const readableMetres = (mm) => mm / (2 * Math.tan(RADIANS / 2)) / 1000;

/** Millimetres of one pixel of a screen with `inches` diagonal that shows `width` by `height` pixels. */
export const mmPerPixel = (inches, width, height) => (inches * MM_PER_INCH) / Math.hypot(width, height);

/**
 * The most calls that may be shown at once so that each can be read: `heights` are the capitals' heights in millimetres for
 * 1, 2, 3 ... calls; at least 1, since one call is never hidden.
 */
export function mostReadable(heights, metres) {
  const needed = heightNeededMm(metres);
  let most = 1;
  heights.forEach((height, index) => {
    if (height >= needed && index + 1 > most) most = index + 1;
  });
  return most;
}
