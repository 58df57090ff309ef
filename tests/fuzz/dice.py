"""Throws hostile values: text of every kind, numbers at every edge, JSON, bytes, and good things with something wrong in them.

Everything comes from one `random.Random`, so a case is the same whenever it is thrown again. `MARK` stands in much of the text: it must be in no log.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

MARK = "QxCanaryQx"
TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "null",
    "true",
    "NaN",
    "'; DROP TABLE visit; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}#{7*7}",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "\x00",
    "\r\nSet-Cookie: a=b",
    "\u202e\u2066drow",
    "\u0000\u0001\u001b[31m",
    "\ufeff",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "👨‍👩‍👧‍👦" * 20,
    "ﷺ" * 40,
    "Z̴̡̛͔͓̺̳̅a̷l̸g̵o̶" * 10,
    "૧૨૩",
    "١٢٣",
    "²³½",
    "1e309",
    "9" * 400,
    "-0",
    "0x10",
    "1_000",
    "२०२६-११-२४",
    "2026-02-30",
    "9999-12-31",
    "0001-01-01",
    "2026-11-24T25:61:61Z",
    "+447700900123",
    "a@b.c" + "d" * 300,
    "=cmd|' /C calc'!A0",
    "https://evil.example/?" + "a" * 50,
    "javascript:alert(1)",
    "A" * 5000,
    "York House",
    "council-tax",
    "BCDFGHJW",
)
NUMBERS = (
    0,
    -1,
    1,
    2,
    127,
    128,
    255,
    256,
    2**15,
    2**31 - 1,
    2**31,
    2**53 + 1,
    2**63 - 1,
    2**63,
    2**64,
    -(2**63),
    10**30,
)
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz0123456789-",
    "".join(map(chr, range(32, 127))),
    "\t\n\r\x0b\x0c\x1c\x85\u2028\u2029\u00a0\u200b",
    "éßİıſﬁ한글漢字اردوગુજરાતીਪੰਜਾਬੀ",
    "".join(map(chr, range(32))),
)


class Dice:
    """One case's throws."""

    def __init__(self, target: str, seed: int, number: int) -> None:
        self.random = random.Random(f"{target}/{seed}/{number}")

    def one_of(self, things: Sequence[T]) -> T:
        return self.random.choice(things)

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def count(self, most: int) -> int:
        """Small ones often, large ones sometimes."""
        return min(most, int(self.random.paretovariate(0.8)) - 1)

    def text(self, most: int = 60) -> str:
        if self.often(0.5):
            made = self.one_of(TEXTS)
        else:
            alphabet = self.one_of(_ALPHABETS)
            made = "".join(self.random.choices(alphabet, k=self.random.randint(0, most)))
        return f"{made}{MARK}" if self.often(0.3) else made

    def number(self) -> int | float:
        if self.often(0.1):
            return self.one_of((0.1, -0.0, 1e308, 1e-320, 1.5))
        return self.one_of(NUMBERS) if self.often(0.6) else self.random.randint(-(10**6), 10**6)

    def signs(self, most: int = 200) -> bytes:
        return self.random.randbytes(self.random.randint(0, most))

    def value(self, depth: int = 3) -> Any:
        """Anything JSON can hold."""
        kind = self.random.randrange(8 if depth else 5)
        match kind:
            case 0:
                return None
            case 1:
                return self.often(0.5)
            case 2:
                return self.number()
            case 3 | 4:
                return self.text()
            case 5 | 6:
                return [self.value(depth - 1) for _ in range(self.count(6))]
            case _:
                return {self.text(12): self.value(depth - 1) for _ in range(self.count(6))}

    def broken(self, thing: Any, share: float = 0.25) -> Any:
        """A good document with something wrong in it: values replaced, keys gone or new, things nested or repeated."""
        if self.often(share / 3):
            return self.value()
        if isinstance(thing, Mapping):
            kept = {
                key: self.broken(each, share / 2) for key, each in thing.items() if not self.often(share / 6)
            }
            if self.often(share / 3):
                kept[self.text(10)] = self.value(2)
            return kept
        if isinstance(thing, list):
            kept_items = [self.broken(each, share / 2) for each in thing if not self.often(share / 6)]
            return kept_items * (self.random.randint(2, 40) if self.often(share / 10) else 1)
        if isinstance(thing, str) and self.often(share):
            return self.mangled_text(thing)
        return self.number() if isinstance(thing, int) and self.often(share) else thing

    def mangled_text(self, text: str) -> str:
        where = self.random.randint(0, len(text))
        return self.one_of(
            (text[:where], text[:where] + self.text(10) + text[where:], text * 3, text.upper(), self.text())
        )

    def mangled(self, body: bytes) -> bytes:
        """Good bytes with some changed, cut, doubled or put in."""
        made = bytearray(body)
        for _ in range(1 + self.count(12)):
            at = self.random.randint(0, max(0, len(made) - 1))
            match self.random.randrange(7):
                case 0 if made:
                    made[at] = self.random.randrange(256)
                case 1:
                    made[at:at] = self.signs(8)
                case 2:
                    del made[at : at + self.random.randint(1, 60)]
                case 3:
                    del made[at:]
                case 4:
                    made[at : at + 4] = self.one_of(
                        (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff")
                    )
                case 5:
                    made[at:at] = made[at : at + self.random.randint(1, 200)]
                case _ if made:
                    made[at] ^= 1 << self.random.randrange(8)
        return bytes(made)

    def json(self, thing: Any) -> str:
        """As text, sometimes not quite JSON."""
        text = json.dumps(thing, ensure_ascii=self.often(0.5))
        if self.often(0.1):
            return self.one_of(
                (
                    text[:-1],
                    text + text,
                    "[" * 5000,
                    '{"a":' * 3000,
                    text.replace(":", "=", 1),
                    "\ufeff" + text,
                    "",
                )
            )
        return text
