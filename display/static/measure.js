// How wide a text is in its own font, so that it can be shown as large as its place allows. In ems: width at a size of 1.

const SIZE = 100;
const context = document.createElement("canvas").getContext("2d");

/** Width of `text` on one line, in ems, in the font of `element`'s language. */
export function widthOf(text, family, weight = 700) {
  context.font = `${weight} ${SIZE}px ${family}`;
  return context.measureText(text).width / SIZE;
}

/** Width in ems when `text` is broken into two lines at the best place. One word is one line. */
export function widthOfTwo(text, family, weight = 700) {
  const words = text.split(" ");
  const widths = words.slice(1).map((_, index) =>
    Math.max(
      widthOf(words.slice(0, index + 1).join(" "), family, weight),
      widthOf(words.slice(index + 1).join(" "), family, weight),
    ),
  );
  return widths.length === 0 ? widthOf(text, family, weight) : Math.min(...widths);
}

/** The height of a capital as a share of the font's size. */
export function capital(family, weight = 700) {
  context.font = `${weight} ${SIZE}px ${family}`;
  return context.measureText("K").actualBoundingBoxAscent / SIZE;
}
