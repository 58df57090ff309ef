"""Finding things in one's own words: "concil tax bill" finds council tax, "ਬਸ ਪਾਸ" the bus pass.

Each thing that can be found is a handful of texts: its name in the visitor's language and in English, other words for it, and what it says of
itself. What was typed is taken word by word. A word counts by the best word of a thing that is like it: the same, its beginning (people type until
they see what they want), or near it by few slips of the finger (Damerau's edits, counted by RapidFuzz; a short word forgives none, since "bin" is not
"bid"). Words that everybody uses say nothing and are passed over, unless they are all there is. A thing is found when most of what was typed, by
weight, was found in it; what is in a name counts more than what is in a help text, and rare words more than common ones, for "permit" tells
more than "apply".

Letters are compared as people mean them: without case, accents, the Arabic short vowels and tatweel, the differences of Urdu's and Arabic's keyboards
for one letter, or long and short vowel signs and doubling in Gujarati and Panjabi, and without Arabic's article; joiners that shape a script go too. Pure, and quick: some fifty things in about a millisecond.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein, Prefix

FLOOR = 0.5
"""The least part of what was typed, by weight, that a thing must answer."""
MOST_FOUND = 8
LONGEST = 60
"""Signs of a query that are looked at."""
MOST_WORDS = 12
"""One sign may stand for a sentence (some Arabic ones do); nobody types more words than this into sixty signs."""
_COMMON = """a about an and any apply are at be can do does for from get give go have help how i if in is it me my need new of on online or our
    please some somebody someone that the their them there this to us want we what when where with you your
    chce chcę do i jak mam mi moj mój moja na o potrzebuje potrzebuję prosze proszę sie się w z za
    میں کا کی کے کو سے پر ہے اور لیے مجھے چاہیے في من على الى عن اريد انا هل
    twoj twój twoje twoja twojego آپ اپنا اپنی کریں دیں دیکھیں ما او هو هي
    મારે મને માટે અને છે નો ની નું ના માં કરો જુઓ તમે તમારો તમારી તમારું કે ક્યાં
    ਮੈਨੂੰ ਲਈ ਅਤੇ ਹੈ ਦਾ ਦੀ ਦੇ ਨੂੰ ਵਿੱਚ ਕਰੋ ਦੇਖੋ ਤੁਸੀਂ ਤੁਹਾਡਾ ਤੁਹਾਡੀ ਤੁਹਾਡੇ ਆਪਣਾ ਜਾਂ"""
UNKNOWN = 0.6
"""How much a word counts that answers nothing here: less than one that does, or "school for my son" would find no school."""
_ALIKE = str.maketrans(
    {
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ی", "ي": "ی", "ئ": "ی", "ك": "ک", "ة": "ہ", "ه": "ہ", "ھ": "ہ", "ۃ": "ہ", "ؤ": "و", "ۓ": "ے",
        "ł": "l", "đ": "d", "ø": "o", "ß": "s",
        "ી": "િ", "ૂ": "ુ", "ં": None, "ੀ": "ਿ", "ੂ": "ੁ", "ੱ": None, "ਂ": None, "ੰ": None, "਼": None,
    }
)  # fmt: skip
_INDIC = re.compile(r"[\u0900-\u0dff]")


@dataclass(frozen=True)
class Thing:
    """What can be found. `texts` are pairs of a text and how much a word in it counts (1 for a name)."""

    kind: str
    id: str
    texts: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Hit:
    kind: str
    id: str
    score: float
    """0 to 1: the part of what was typed that it answers."""


def plain(text: str) -> str:
    """`text` as it is compared. Vowel signs of Indic scripts are letters and stay."""
    kept = []
    for sign in unicodedata.normalize("NFKD", text.casefold()):
        mark = unicodedata.category(sign) == "Mn"
        if sign in "\u200c\u200d\u0640" or (mark and not _INDIC.match(sign)):
            continue
        kept.append(sign)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_ALIKE)


def words(text: str) -> list[str]:
    """The words of a text as they are compared; vowel signs and viramas of Indic scripts belong to their word."""
    found: list[str] = []
    current = ""
    for sign in plain(text):
        if sign.isalnum() or unicodedata.category(sign) in ("Mn", "Mc"):
            current += sign
        elif sign in "'’" and current:
            continue
        elif current:
            found.append(current)
            current = ""
    return [_bare(word) for word in ([*found, current] if current else found)]


def _bare(word: str) -> str:
    """An Arabic word without the article that is written onto it."""
    for prefix in ("وال", "بال", "لل", "ال"):
        if word.startswith(prefix) and len(word) >= len(prefix) + 3:
            return word[len(prefix) :]
    return word


COMMON = frozenset(words(_COMMON))


def find(typed: str, things: Sequence[Thing]) -> tuple[Hit, ...]:
    """The things that answer what was typed, the best first; nothing where nothing does."""
    asked = words(typed[:LONGEST])[:MOST_WORDS]
    if len(asked) > 1 and len(asked[-1]) == 1:
        asked = asked[:-1]  # a word that was only just begun
    telling = [word for word in asked if word not in COMMON] or asked
    if not telling:
        return ()
    unsaid = frozenset(word for word in telling if _nearly_common(word))
    rarity = _rarity(tuple(things))
    hits = []
    for place, thing in enumerate(things):
        score = _score(telling, thing, rarity, unsaid)
        if score >= FLOOR:
            hits.append((-score, place, Hit(thing.kind, thing.id, score)))
    return tuple(hit for _, _, hit in sorted(hits)[:MOST_FOUND])


def _nearly_common(word: str) -> bool:
    """ "hepl", "wiht": one slip from a word that says nothing. Not remembered: nothing a visitor types is."""
    return len(word) >= 4 and any(
        len(each) >= 4 and DamerauLevenshtein.distance(word, each, score_cutoff=1) <= 1 for each in COMMON
    )


def _score(
    telling: Sequence[str], thing: Thing, rarity: dict[str, float], unsaid: frozenset[str] = frozenset()
) -> float:
    """`unsaid`: words that count only where they are found."""
    known = _words_of(thing)
    got = total = 0.0
    for at, word in enumerate(telling):
        best, weight = 0.0, 0.0
        for each, counts in known:
            like = likeness(word, each, begun=at == len(telling) - 1) * counts
            if like > best:
                best, weight = like, rarity.get(each, 1.0)
        joined = _joined(telling, at, known)
        if joined > best:
            best, weight = joined, 1.0
        total += weight or (0.0 if word in unsaid else UNKNOWN)
        got += best * weight
    return got / total if total else 0.0


def _joined(telling: Sequence[str], at: int, known: Iterable[tuple[str, float]]) -> float:
    """ "pot hole" is "pothole": the word together with the one before or after it."""
    pairs = [telling[at - 1] + telling[at]] if at else []
    pairs += [telling[at] + telling[at + 1]] if at + 1 < len(telling) else []
    return max((0.9 * counts for word, counts in known if word in pairs), default=0.0)


def likeness(typed: str, word: str, *, begun: bool = True) -> float:
    """How like `typed` is to `word`, 0 to 1. `begun`: it may be the beginning of a word still being typed."""
    if typed == word:
        return 1.0
    common = Prefix.similarity(typed, word)
    if common == len(typed) and len(typed) >= (2 if begun else 3):
        return 0.95 if begun else 0.85
    if common == len(word) and len(word) >= 4 and len(typed) - len(word) <= 3:
        return 0.85  # "permits", "parkings": its ending is another
    if len(typed) == 3:
        return 0.7 if _short_slip(typed, word) else 0.0
    slips = _slips(typed, word)
    if not slips:
        return 0.0
    distance = DamerauLevenshtein.distance(typed, word, score_cutoff=slips)
    if distance <= slips:
        return 0.9 - 0.1 * distance
    if begun and len(typed) >= 5 and len(word) > len(typed):
        start = DamerauLevenshtein.distance(typed, word[: len(typed)], score_cutoff=1)
        return 0.7 if start <= 1 else 0.0
    return 0.0


def _short_slip(typed: str, word: str) -> bool:
    """Of three letters only what can hardly be another word: one of four without a letter inside ("rnt"), or two changed places ("bni")."""
    if len(word) == 4:
        return word[0] == typed[0] and typed in (word[0] + word[2:], word[:2] + word[3])
    return len(word) == 3 and word[0] == typed[0] and word == typed[0] + typed[2] + typed[1]


def _slips(typed: str, word: str) -> int:
    """How many are forgiven. A word of five letters two, if it begins right: "skool"."""
    if len(typed) <= 3:
        return 0
    if len(typed) <= 5:
        return 2 if len(typed) == 5 and len(word) >= 5 and typed[0] == word[0] else 1
    return 2 if len(typed) <= 9 else 3


@lru_cache(maxsize=512)
def _words_of(thing: Thing) -> tuple[tuple[str, float], ...]:
    best: dict[str, float] = {}
    for text, counts in thing.texts:
        for word in words(text):
            if word not in COMMON:
                best[word] = max(best.get(word, 0.0), counts)
    return tuple(best.items())


@lru_cache(maxsize=8)
def _rarity(things: tuple[Thing, ...]) -> dict[str, float]:
    """More for a word that few things have; between 0.4 and 1."""
    count = Counter(word for thing in things for word, _ in _words_of(thing))
    most = math.log(1 + len(things))
    return {word: max(0.4, 1 - math.log(number) / most) for word, number in count.items()} if things else {}


def texts_of(
    names: Iterable[str], others: Iterable[str] = (), helps: Iterable[str] = ()
) -> tuple[tuple[str, float], ...]:
    """The texts of a thing by how much they count."""
    return (
        *((text, 1.0) for text in names if text),
        *((text, 0.95) for text in others if text),
        *((text, 0.6) for text in helps if text),
    )
