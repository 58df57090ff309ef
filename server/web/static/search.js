// Finding a service by what a visitor says. Every word typed must begin a word that leads to the service (its names, its help, its
// synonyms); what is found by its own name comes first. Nothing is sent anywhere: the list is on the page.

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text) => fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** Those of `items` ({name, words}) that `query` finds, the best first; all of them, in their order, when nothing is asked. */
export function find(items, query) {
  const wanted = wordsOf(query);
  if (query.trim() === "") return items;
  if (wanted.length === 0) return [];
  return items
    .map((item, place) => ({ item, place, score: score(item, wanted) }))
    .filter((each) => each.score > 0)
    .sort((one, other) => other.score - one.score || one.place - other.place)
    .map((each) => each.item);
}

/** 0 when a word finds nothing; otherwise more for words of the name, and for a name that begins with what was typed. */
function score(item, wanted) {
  const name = wordsOf(item.name);
  const all = wordsOf(item.words);
  let sum = 0;
  for (const word of wanted) {
    if (name.some((each) => each.startsWith(word))) sum += 3;
    else if (all.some((each) => each.startsWith(word) || (word.length > 4 && word.startsWith(each) && each.length > 3))) sum += 1;
    else return 0;
  }
  return fold(item.name).startsWith(wanted.join(" ")) ? sum + 2 : sum;
}
