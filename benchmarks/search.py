"""How well the search forgives: York House's own names, typed with a slip, and how often nonsense finds something.

Each name of a service, a purpose, a form or a page elsewhere is typed in its language with one random slip in every word of four letters or more (a
sign left out, doubled, changed for another of the same script, or two changed places), `TIMES` times over. Found is what stands among the first three. Things
that share a name are each as right as the other. Nonsense is made of the language's own letters, in the lengths of its own words.

    python -m benchmarks.search    # by language
"""

from __future__ import annotations

import random
import time
import unicodedata
from collections.abc import Callable
from functools import cache
from statistics import mean, median

from benchmarks.process import ROOT
from benchmarks.speed import Bench
from forms.versions import form_of
from server.centrefile import CentrePlan, read
from wire.vocabulary import Language
from words.search import Thing, find, texts_of

TIMES, NONSENSE, FIRST = 20, 2000, 3
SHORT = 4
"""A word of fewer letters forgives nothing, so none is slipped in."""


@cache
def things(language: str) -> tuple[tuple[Thing, str], ...]:
    """What can be found at York House, as a kiosk puts it together, with its name."""
    plan = read((ROOT / "server" / "centrefile" / "york-house.toml").read_text(encoding="utf-8"))
    assert isinstance(plan, CentrePlan)

    def both(words: object) -> tuple[str, ...]:
        assert isinstance(words, dict)
        return tuple(dict.fromkeys((words.get(language, ""), words.get("en", ""))))

    found = [
        (
            Thing("service", each.slug, texts_of(both(each.names), each.synonyms, both(each.help))),
            each.names[language],
        )
        for each in plan.services
        if each.walk_in and not each.discreet
    ]
    found += [
        (Thing("purpose", each.slug, texts_of(both(each.names), (), both(each.ready))), each.names[language])
        for each in plan.purposes
    ]
    found += [
        (
            Thing("portal", each.slug, texts_of(both(each.names), each.synonyms, both(each.ready))),
            each.names[language],
        )
        for each in plan.portals
    ]
    for file in sorted((ROOT / "forms" / "library").glob("*.yaml")):
        form = form_of(file.read_text(encoding="utf-8"))
        assert form is not None, file.name
        texts = texts_of(both(dict(form.title)), (), both(dict(form.lead)))
        found.append((Thing("form", form.slug, texts), dict(form.title)[language]))
    return tuple(found)


def slip(word: str, letters: str, chance: random.Random) -> str:
    """`word` with one slip of a finger, never in its first sign, which hardly anybody gets wrong."""
    if sum(sign.isalpha() for sign in word) < SHORT:
        return word
    at = chance.randrange(1, len(word))
    kind = chance.choice(("left out", "doubled", "changed", "swapped"))
    if kind == "left out":
        return word[:at] + word[at + 1 :]
    if kind == "doubled":
        return word[:at] + word[at] + word[at:]
    if kind == "changed":
        return word[:at] + chance.choice(letters.replace(word[at], "")) + word[at + 1 :]
    at = min(at, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def letters_of(language: str) -> str:
    signs = {sign for _, name in things(language) for sign in name.casefold()}
    return "".join(sorted(sign for sign in signs if sign.isalpha() or unicodedata.category(sign)[0] == "M"))


def recall(language: str, times: int) -> float:
    """Of the names with slips, the share that found what they name."""
    chance = random.Random(f"slips {language}")
    every = tuple(thing for thing, _ in things(language))
    letters = letters_of(language)
    hit = asked = 0
    for thing, name in things(language):
        right = {(each.kind, each.id) for each, called in things(language) if called == name} | {
            (thing.kind, thing.id)
        }
        for _ in range(times):
            typed = " ".join(slip(word, letters, chance) for word in name.split())
            asked += 1
            hit += any((found.kind, found.id) in right for found in find(typed, every)[:FIRST])
    return hit / asked


def nonsense(language: str, count: int) -> float:
    """Of words that mean nothing, the share that found something."""
    chance = random.Random(f"nonsense {language}")
    every = tuple(thing for thing, _ in things(language))
    lengths = [len(word) for _, name in things(language) for word in name.split() if len(word) >= SHORT]
    letters = letters_of(language)
    typed = ("".join(chance.choices(letters, k=chance.choice(lengths))) for _ in range(count))
    return mean(bool(find(word, every)) for word in typed)


def quickness(times: int) -> float:
    """Milliseconds for one sign more, median."""
    every = tuple(thing for thing, _ in things("en"))
    took = []
    for _ in range(times):
        began = time.perf_counter()
        find("councl tax reductoin for people who live alone in a big flat", every)
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def rows(bench: Bench) -> None:
    measure(bench.values, bench.count)


def measure(values: dict[str, float], count: Callable[[int], int]) -> None:
    values["search_recall_percent"] = 100 * min(recall(each.value, count(TIMES)) for each in Language)
    values["search_nonsense_percent"] = 100 * max(nonsense(each.value, count(NONSENSE)) for each in Language)
    values["search_ms"] = quickness(count(200))


if __name__ == "__main__":
    for each in Language:
        print(
            f"{each.value}: found {100 * recall(each.value, TIMES):.1f} %, nonsense {100 * nonsense(each.value, NONSENSE):.1f} %"
        )
    print(f"{quickness(200):.2f} ms for a long question, among {len(things('en'))} things")
