"""What of a machine's own health (`wire.device_asks.MachineIs`) a person must act on, and how all of it is said.

Most of these do not stop anybody today: they tell that the machine will, some day soon. So each sentence says what to do and that it goes on
meanwhile; only a card that cannot be written to any more is grave. A clock that no time server keeps is no trouble by itself, since devices take the time
from this server: it is shown, and told as a trouble only when the clock is wrong (`concerns.CLOCK_OFF`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

FULL_MB = 200
MEMORY_PERCENT = 6


class Found(NamedTuple):
    """`cause` names it for good; `say` is what is wrong and what to do; `over` what is said when it has ended."""

    cause: str
    say: str
    over: str


_POWER = Found(
    "power",
    "Its power supply is too weak, so it slows down and may stop. Plug in the supply that belongs to it, without an extension or a hub.",
    "Its power is right again.",
)
_HEAT = Found(
    "heat",
    "It is too hot and slows itself down. Give it air: clear its openings, take it out of the sun, see whether its fan turns.",
    "It has cooled down.",
)
_READ_ONLY = Found(
    "card",
    "Its card can no longer be written, so it cannot give tickets. Switch it off and on once; if this returns, put in a spare card.",
    "Its card can be written again.",
)
_ERRORS = Found(
    "card",
    "Its card has begun to fail. Have a spare card made and put it in outside opening hours.",
    "Its card shows no more errors.",
)
_WORN = Found(
    "card",
    "Its card has come to the end of its life. Have it replaced within the next weeks.",
    "Its card is not worn any more: it was replaced.",
)
_FULL = Found(
    "disk",
    "Its card is nearly full. Have space freed, or tickets can soon not be written down.",
    "Its card has space again.",
)
_MEMORY = Found(
    "memory",
    "It has hardly any memory left. Switch it off and on when nobody uses it; if this returns, report it.",
    "It has memory again.",
)
_SCREEN = Found(
    "screen",
    "Its screen cannot be switched on or off. Look whether it is lit, and check the screen's own cables.",
    "Its screen can be switched again.",
)
_CARDS = {"read_only": _READ_ONLY, "errors": _ERRORS, "worn": _WORN}


def troubles(machine: Mapping[str, Any] | None) -> list[Found]:
    """The worst first; nothing of a machine that tells nothing."""
    return list(_troubles(machine or {}))


def _troubles(machine: Mapping[str, Any]) -> Iterator[Found]:
    if card := _CARDS.get(machine.get("card", "")):
        yield card
    free = machine.get("free_mb")
    if free is not None and free < FULL_MB and machine.get("card") != "read_only":
        yield _FULL
    if machine.get("power") == "low":
        yield _POWER
    if machine.get("hot"):
        yield _HEAT
    memory = machine.get("memory_percent")
    if memory is not None and memory < MEMORY_PERCENT:
        yield _MEMORY
    if machine.get("screen") == "broken":
        yield _SCREEN


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What is worth a line in the device's history: troubles that began or ended, and that the machine was started anew."""
    if after is None:
        return
    was = {each.cause: each for each in troubles(before)}
    now = {each.cause: each for each in troubles(after)}
    for cause, each in now.items():
        if was.get(cause) != each:
            yield cause, each.say
    for cause, each in was.items():
        if cause not in now:
            yield cause, each.over
    if (line := after.get("line")) and line != (before or {}).get("line"):
        yield "line", f"While it could not reach the server, this was why: {line}"
    up, before_up = after.get("up_seconds"), (before or {}).get("up_seconds")
    if up is not None and before_up is not None and up < before_up:
        yield "started", "The machine was switched on or restarted."


def facts(machine: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Name and value of everything told, for the device's page."""
    return list(_facts(machine or {}))


_POWER_SAID = {"low": "too weak now", "was_low": "was too weak since it was switched on", "well": "right"}
_CARD_SAID = {"well": "right", "errors": "has errors", "worn": "worn out", "read_only": "cannot be written"}
_SCREEN_SAID = {"on": "lit", "off": "dark, outside opening hours", "broken": "cannot be switched"}


def _facts(machine: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if said := _POWER_SAID.get(machine.get("power", "")):
        yield "Power", said + (", and it runs slower for that" if machine.get("slowed") else "")
    if (heat := machine.get("heat_c")) is not None:
        yield "Heat", f"{heat} °C"
    card = _CARD_SAID.get(machine.get("card", ""), "")
    free = machine.get("free_mb")
    if card or free is not None:
        space = "" if free is None else f"{free / 1024:.1f} GB free" if free >= 1024 else f"{free} MB free"
        yield "Card", ", ".join(filter(None, (card, space)))
    if (memory := machine.get("memory_percent")) is not None:
        yield "Memory", f"{memory} % free"
    if (in_step := machine.get("in_step")) is not None:
        yield (
            "Clock",
            "kept right by a time server"
            if in_step
            else "not kept by a time server; it takes the time from this one",
        )
    if (up := machine.get("up_seconds")) is not None:
        yield "Running for", _span(up)
    if said := _SCREEN_SAID.get(machine.get("screen", "")):
        yield "Screen", said


def _span(seconds: int) -> str:
    for unit, size in (("days", 86400), ("hours", 3600)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds // 60} minutes"
