"""What in a device's report is worth remembering: its history is made of changes, not of reports.

A device says how it is every minute, and nearly every time the same. Only what a person would act on, or would want to know a month later
when it fails again, makes an event: the printer, out of order, sound, tickets it could not hand over, its version, a clock that is wrong.
How much a count or a clock is off is not compared, only whether it is: else a drifting clock would fill the history by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from server.domain import machine_health
from server.domain.concerns import CLOCK_OFF
from wire.vocabulary import PartState, PrinterState

PRINTER_IN_WORDS = {
    PrinterState.READY: "The printer is ready.",
    PrinterState.LOW: "Paper is low.",
    PrinterState.OUT: "The printer is out of paper.",
    PrinterState.COVER_OPEN: "The printer's cover is open.",
    PrinterState.MISSING: "The printer is not connected.",
    PrinterState.SILENT: "The printer does not answer.",
    PrinterState.NONE: "It has no printer.",
}
PARTS = {"camera": "camera", "scanner": "scanner", "plate": "page camera"}
"""As staff know them, by the report's words."""
_WELL = (PrinterState.READY, PrinterState.NONE)


class Event(NamedTuple):
    """`what` is a short word to filter by, `say` the sentence for staff."""

    what: str
    say: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Event]:
    """What `after` says that `before` (the last report; empty when it is the first) did not."""
    return list(_changes(before, after))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Event]:
    app = after.get("app", "")
    if app and app != before.get("app", ""):
        yield Event("app", f"Runs version {app}.")
    was, now = _printer(before), _printer(after)
    if was is not now and not (was in _WELL and now in _WELL):
        yield Event("printer", PRINTER_IN_WORDS[now])
    reason = after.get("out_of_order", "")
    if reason != before.get("out_of_order", ""):
        yield Event("out_of_order", f"Out of order: {reason}" if reason else "In order again.")
    if after.get("sound", True) != before.get("sound", True):
        yield Event("sound", "Its sound is on again." if after.get("sound", True) else "Its sound is off.")
    for part in ("camera", "scanner", "plate"):
        yield from _part(part, before, after)
    stuck = after.get("set_aside", 0)
    if bool(stuck) != bool(before.get("set_aside", 0)) or stuck > before.get("set_aside", 0):
        yield Event("set_aside", _set_aside(stuck))
    off = after.get("clock_off_ms", 0)
    if _is_off(off) != _is_off(before.get("clock_off_ms", 0)):
        yield Event("clock", _clock(off))
    for what, say in machine_health.changes(before.get("machine"), after.get("machine")):
        yield Event(what, say)


def _printer(health: Mapping[str, Any]) -> PrinterState:
    return PrinterState(health.get("printer", PrinterState.NONE))


def _part(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Event]:
    """Found and lost. That a hand covered the camera for a moment is no history."""
    was, now = (
        PartState(health.get(part, PartState.NONE)) is PartState.MISSING for health in (before, after)
    )
    if was != now:
        called = PARTS[part]
        yield Event(part, f"Its {called} cannot be found." if now else f"Its {called} is there again.")


def _set_aside(stuck: int) -> str:
    if not stuck:
        return "No ticket is set aside any more."
    return f"{stuck} ticket{'' if stuck == 1 else 's'} could not be handed over."


def _is_off(milliseconds: int) -> bool:
    return abs(milliseconds) > CLOCK_OFF


def _clock(milliseconds: int) -> str:
    if not _is_off(milliseconds):
        return "Its clock is right again."
    minutes = abs(milliseconds) // 60_000
    return f"Its clock is {minutes} minutes {'fast' if milliseconds > 0 else 'slow'}."
