// Builds what is on the page. Text goes in as text, never as markup: a service's name cannot become a script.

/** An element: `make("p", {class: "code", lang: "gu"}, "K07", child)`. Properties that are null or false are left out. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** `make` for words in a visitor's language: sets `lang` and `dir`, so font, shaping and direction are right. */
export const spoken = (tag, language, direction, properties, text) =>
  make(tag, { ...properties, lang: language, dir: direction }, text);

/** Replace the children only when what they show has changed: no flicker, no restarted animation. */
export function show(parent, mark, build) {
  const key = JSON.stringify(mark);
  if (parent.dataset.mark === key) return;
  parent.dataset.mark = key;
  parent.replaceChildren(...build());
}
