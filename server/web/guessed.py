"""What whoever guesses at passwords tries first, by rule and not by list: usual words with a year behind them, ways over the keyboard, the same thing twice.

Lists of passwords that leaked are mostly made of these once they are to have twelve signs ("princess1234", "1q2w3e4r5t6y", "liverpoolliverpool"), and each list has
only some of the endings. A house that wants a real list as well names its own (`FOYER_USUAL_PASSWORDS`). The words are those that every such list begins with,
names, teams and places of this country among them; a password may hold them, and may not be made of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache
from itertools import pairwise

LEAST_OWN_LETTERS = 6
LEAST_LETTERS_OF_A_WORD = 5
ENOUGH_WORDS = 3
"""So many different usual words make a password that no list has: it is what people are told to choose."""
_LOOKS_LIKE = str.maketrans("@031$5", "aoeiss")

_WORDS = """
password passwort iloveyou princess sunshine football baseball basketball superman batman spiderman starwars pokemon monkey dragon shadow
master michael jessica jennifer jordan ashley michelle nicole daniel andrew joshua matthew anthony charlie charlotte thomas george
robert william david james oliver harry jacob jack joseph samuel benjamin alexander christopher christian elizabeth amanda samantha
stephanie victoria sophie emily emma olivia amelia hannah lauren rebecca rachel chelsea danielle natalie natasha melissa jasmine
bailey buster maggie ginger pepper cookie tigger rocky jessie molly daisy lucky oscar summer autumn winter spring january february
march april june july august september october november december monday tuesday wednesday thursday friday saturday sunday
liverpool arsenal everton manchester united chelseafc tottenham rangers celtic leicester newcastle sunderland westham astonvilla birmingham london
england scotland ireland britain germany america canada india pakistan bangladesh poland romania welcome letmein changeme trustno
whatever computer internet samsung iphone google facebook microsoft windows android secret freedom forever lovely angel baby babygirl
beautiful butterfly flower rainbow purple orange yellow silver golden diamond crystal chocolate strawberry banana cherry apple
cheese coffee hello goodbye loveyou lovers love sweetheart darling honey precious family mother father brother sister friends friend
mummy daddy nanna grandma grandad kitten doggy puppy tiger lion eagle falcon phoenix panther hunter killer ninja warrior soldier
ranger jaguar ferrari porsche mustang mercedes yamaha harley guitar music metal metallica slipknot eminem hiphop player gamer
minecraft fortnite playstation nintendo mario zelda naruto matrix merlin gandalf hogwarts harrypotter thunder lightning storm
snowball snowman christmas halloween easter birthday holiday summertime heaven jesus jesuschrist blessed blessing mohammed muhammad
allah krishna ganesh singh patel khan maria access system server network office business account customer service support qwerty azerty
qwertz test testing tester temporary default guest admin administrator root user login
"""
WORDS = tuple(_WORDS.split())

_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik", "9ol", "0p")
_ZIGZAGS = ("1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qazwsxedcrfvtgbyhnujmikolp")


def is_guessed(password: str, words: Iterable[str] = ()) -> bool:
    """Whether this is made of usual words (and `words`), of steps over the keyboard, or of one part said again."""
    plain = password.casefold()
    return is_made_of(plain, tuple(words)) or _is_a_walk(plain) or _is_said_again(plain)


def is_made_of(plain: str, own: Collection[str]) -> bool:
    """Whether hardly a letter is left when the house's `own` words, or a few usual ones with them, digits and signs are taken away. Without such a word
    anything goes, and so does what has `ENOUGH_WORDS` different usual ones that are not the house's."""
    if _is_made(*_taken_out(plain, own)):
        return True
    taken, left = _taken_out(plain, (*WORDS, *own))
    # A short word that no list has ("piano") is one all the same.
    different = len(taken - set(own)) + (left >= LEAST_LETTERS_OF_A_WORD)
    return _is_made(taken, left) and different < ENOUGH_WORDS


def _is_made(taken: Collection[str], left: int) -> bool:
    return bool(taken) and left < LEAST_OWN_LETTERS


def _taken_out(plain: str, words: Iterable[str]) -> tuple[set[str], int]:
    """Which of these words are in it, and how many letters are left without them."""
    letters = "".join(sign for sign in plain.translate(_LOOKS_LIKE) if sign.isalpha())
    left, taken = letters, set[str]()
    for word in sorted({word.replace(" ", "") for word in words}, key=len, reverse=True):
        if len(word) >= 4 and word in left:
            left = left.replace(word, "")
            taken.add(word)
    return taken, len(left)


@cache
def _steps() -> frozenset[str]:
    """Pairs of signs of which the second lies next to the first, or before it."""
    ways = (*_ROWS, *_ZIGZAGS, *_COLUMNS, "".join(_COLUMNS), "0123456789")
    there = {way[at : at + 2] for way in ways for at in range(len(way) - 1)}
    return frozenset(there | {pair[::-1] for pair in there})


def _is_a_walk(plain: str) -> bool:
    """At most one leap in four: words of any language leap nearly each time."""
    signs = re.sub(r"[\W_]", "", plain)
    leaps = sum(one != other and one + other not in _steps() for one, other in pairwise(signs))
    return len(signs) > 3 and leaps * 4 <= len(signs)


def _is_said_again(plain: str) -> bool:
    """`harbourharbour`, `abc1abc1abc1`, and with a year or a sign behind."""
    return re.fullmatch(r"(.{2,})\1+[\W\d_]{0,4}", plain) is not None
