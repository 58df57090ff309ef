"""What a scanner can be told, read from what `scanimage -A` says of it, and what we tell it.

Every scanner names its own modes, sources and resolutions, and knows its own glass: one that is told what it does not know refuses
to scan at all. So nothing is told that it has not named. Colour where there is colour, eight bits, as many dots an inch as are wanted or the next more,
and no more of the glass than a sheet of A4 or letter, because every centimetre costs the visitor time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SHEET_MM = (216.0, 297.0)
OPTIONS = "pecific to device"
"""Stands in the heading of the list, in every version."""
_OPTION = re.compile(r"^\s{2,6}(--?[a-z][\w-]*)[ =]?(.*?) \[([^\[\]]*)\](?: \[[\w ,-]*\])*$")
_RANGE = re.compile(r"^(-?[\d.]+)\.\.(-?[\d.]+)(mm|dpi|pel)?")
_FEEDER = re.compile(r"adf|feeder", re.IGNORECASE)
_FLATBED = re.compile(r"flatbed|platen|^fb$|normal", re.IGNORECASE)


def read_options(told: str) -> dict[str, str]:
    """What may follow each option, as it stands in `told`; those that are switched off are left out."""
    found: dict[str, str] = {}
    for line in told.partition(OPTIONS)[2].splitlines():
        if (match := _OPTION.match(line)) and match[3] not in ("inactive", "read-only"):
            found.setdefault(match[1], match[2])
    return found


def has_feeder(options: Mapping[str, str]) -> bool:
    return any(_FEEDER.search(each) for each in _choices(options.get("--source", "")))


def arguments(options: Mapping[str, str], source: str, dpi: int) -> list[str]:
    """What to tell it. Raises `ValueError` in words when it has not what is wanted of it."""
    told: list[str] = []
    if wanted := _source(_choices(options.get("--source", "")), source):
        told += ["--source", wanted]
    if mode := _mode(_choices(options.get("--mode", ""))):
        told += ["--mode", mode]
    if "8" in _choices(options.get("--depth", "")):
        told += ["--depth", "8"]
    if resolution := _resolution(options.get("--resolution", ""), dpi):
        told += ["--resolution", resolution]
    for name, most in zip(("-x", "-y"), SHEET_MM, strict=True):
        limit = _RANGE.match(options.get(name, ""))
        if limit and limit[3] in ("mm", None):
            told += [name, f"{min(most, float(limit[2])):g}"]
    return told


def _choices(text: str) -> list[str]:
    unit = re.sub(r"(dpi|mm|pel)$", "", text)
    return [each.strip() for each in unit.split("|")] if "|" in unit or unit.strip() else []


def _source(choices: list[str], wanted: str) -> str:
    if not wanted or not choices:
        if wanted == "feeder":
            raise ValueError("this scanner has no feeder")
        return ""
    pattern = _FEEDER if wanted == "feeder" else _FLATBED
    fitting = [each for each in choices if pattern.search(each)]
    if not fitting:
        raise ValueError(f"this scanner has no {wanted}; it has {', '.join(choices)}")
    return min(fitting, key=lambda each: (bool(re.search("duplex|back", each, re.IGNORECASE)), len(each)))


def _mode(choices: list[str]) -> str:
    for pattern in ("^color$", "^colour$", "24.?bit.?colou?r", "colou?r", "gr[ae]y"):
        for each in choices:
            if re.search(pattern, each, re.IGNORECASE):
                return each
    return ""


def _resolution(text: str, wanted: int) -> str:
    if limits := _RANGE.match(text):
        return f"{min(max(wanted, float(limits[1])), float(limits[2])):g}"
    known = sorted(int(each) for each in _choices(text) if each.isdecimal())
    return str(next((each for each in known if each >= wanted), known[-1])) if known else ""
