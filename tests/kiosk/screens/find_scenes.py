"""Models of what shows while somebody looks for the right thing, out of York House's own plan, so that names are as long as they are in life."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

from kiosk.flow.finding import things
from kiosk.flow.finding.shown import At, Finding
from kiosk.flow.line import Line
from kiosk.flow.model import Model, Screen
from kiosk.flow.offer import read_offer
from server.centrefile import CentrePlan, read
from server.domain.handing import Portal
from tests.kiosk.screens.form_scenes import form_rows
from tests.kiosk.screens.sample import DEVICE, model, rows
from tests.kiosk.screens.scanned import purposes
from wire.vocabulary import Language

YORK_HOUSE = Path(__file__).resolve().parents[3] / "server" / "centrefile" / "york-house.toml"
ASKED = {
    Language.EN: "counci tax", Language.GU: "કાઉન્સિલ ટેક્સ", Language.PA: "ਕੌਂਸਲ ਟੈਕਸ", Language.UR: "کونسل ٹیکس",
    Language.AR: "ضريبة المجلس", Language.PL: "zgłosić",
}  # fmt: skip
"""Finds several things of several kinds."""
LONG = "my neighbour plays music at night and nobody does anything a"
SEVERAL = 3


@cache
def plan() -> CentrePlan:
    found = read(YORK_HOUSE.read_text(encoding="utf-8"))
    assert isinstance(found, CentrePlan)
    return found


@cache
def longest(language: Language) -> Portal:
    """The page elsewhere that says most in this language."""
    return max(
        plan().portals, key=lambda each: len(each.names[language.value]) + len(each.ready.get(language.value, ""))
    )  # fmt: skip


def portal_rows() -> dict[str, dict[str, Any]]:
    return {
        f"portal:{each.slug}": {
            "kind": "portal", "id": each.slug, "names": dict(each.names), "url": each.url, "ready": dict(each.ready),
            "icon": each.icon, "order": order, "service": "tax-service", "synonyms": list(each.synonyms),
        }
        for order, each in enumerate(plan().portals)
    }  # fmt: skip


def pc_rows(*, free: int, busy: int = 1) -> dict[str, dict[str, Any]]:
    return {
        f"pc:{at}": {"kind": "pc", "id": str(at), "name": f"PC {at}", "free": at <= free}
        for at in range(1, free + busy + 1)
    }


def scenes(language: Language, **looks: bool) -> dict[str, Model]:
    """Every page of the finding, by name, in one language and look."""

    def at(step: At, free: int = 0, **finding: Any) -> Model:
        made = Finding(at=step, portal=longest(language).slug) if step in _OF_PORTAL else Finding(at=step)
        shown = model(Screen.FIND, language, finding=replace(made, **finding), **looks)
        there = rows() | form_rows() | purposes() | portal_rows() | pc_rows(free=free)
        return replace(shown, offer=read_offer(there, DEVICE))

    def searched(typed: str, *, reading: bool = False) -> Model:
        shown = at(At.SEARCH)
        found = Finding(at=At.SEARCH, typed=typed, found=things.found(shown, typed), reading=reading)
        return replace(shown, visitor=replace(shown.visitor, finding=found))

    several = searched(ASKED[language])
    assert several.visitor.finding is not None
    assert len(several.visitor.finding.found) >= SEVERAL
    failed = at(At.PORTAL, free=2)
    closed = searched(ASKED[language], reading=True)
    return {
        "browse": at(At.BROWSE),
        "search": at(At.SEARCH),
        "search_found": several,
        "search_one": searched("bus pass"),
        "search_nothing": searched("xyzzy"),
        "search_long": searched(LONG),
        "found": searched(ASKED[language], reading=True),
        "found_closed": replace(
            closed, visitor=replace(closed.visitor, notice=Line("service.opens_at", {"time": time(13, 0)}))
        ),
        "found_nothing": searched("xyzzy", reading=True),
        "portal": at(At.PORTAL),
        "portal_pcs": at(At.PORTAL, free=3),
        "portal_sending": at(At.PORTAL, free=2, working=7, pc="2"),
        "portal_failed": replace(failed, visitor=replace(failed.visitor, notice=Line("find.pc_failed"))),
        "on_pc": at(At.ON_PC, pc="PC 2"),
        "phone": at(At.PHONE),
    }


_OF_PORTAL = (At.PORTAL, At.ON_PC, At.PHONE)
