"""Models of every page a form can show, out of the forms of the library, so that the sentences are as long as they are in life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from forms.form import Form, Kind, Place, questions
from forms.rules import Wrong
from forms.versions import form_of
from kiosk.flow.filling import pages
from kiosk.flow.filling.shown import Address, At, Carried, Filling, FoundAddress, Receipt
from kiosk.flow.model import Model, Screen
from kiosk.flow.offer import read_offer
from tests.kiosk.screens.sample import DEVICE, NOW, model, rows
from wire.vocabulary import Language, PaperState, PartState

LIBRARY = Path(__file__).parents[3] / "forms" / "library"
SLUGS = (
    "change-of-address", "blue-badge-first-step", "missed-bin-or-bulky-collection", "report-a-street-problem",
    "council-tax-living-alone", "compliment-or-complaint", "feedback-on-your-visit",
)  # fmt: skip
RECIPIENT = "age1" + "q" * 58


@cache
def form(slug: str) -> Form:
    found = form_of((LIBRARY / f"{slug}.yaml").read_text("utf-8"))
    assert found is not None, slug
    return found


def form_rows() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {"hand_in": {"kind": "hand_in", "recipients": [RECIPIENT]}}
    for order, slug in enumerate(SLUGS):
        known = form(slug)
        found[f"form:{slug}"] = {
            "kind": "form", "id": slug, "names": dict(known.title), "help": dict(known.lead), "icon": "form", "order": order,
            "version": 1, "digest": "d" * 64, "minutes": known.minutes, "service": "tax-service", "synonyms": [],
        }  # fmt: skip
    return found


def at(language: Language, filling: Filling, **looks: bool) -> Model:
    made = model(Screen.FORM, language, filling=filling, **looks)
    speaks = frozenset({Language.EN, Language.GU, Language.UR, Language.AR, Language.PL})
    return replace(made, offer=read_offer(rows() | form_rows(), DEVICE), speaks=speaks)


def page(
    language: Language,
    slug: str,
    place: Place,
    change: Callable[[Filling], Filling] | None = None,
    **looks: bool,
) -> Model:
    begun = at(language, Filling(session=1, at=At.START, slug=slug, version=1, form=form(slug)), **looks)
    filling = begun.visitor.filling
    assert filling is not None
    shown = pages.show(begun, filling, place)
    on = shown.visitor.filling
    assert on is not None
    return replace(shown, visitor=replace(shown.visitor, filling=change(on) if change else on))


ANSWERS = {
    "change-of-address": {
        "moving": "within", "moves_on": "2026-11-12", "name": {"first": "Asha", "last": "Patel"},
        "old_home": {"lines": ["Flat 4", "The Mill, 3 York Street", "Leicester"], "postcode": "LE1 6RN"}, "old_tie": "rent",
        "new_home": {"lines": ["12 Narborough Road", "Leicester"], "postcode": "LE3 0BS"},
        "others": [{"other_name": {"first": "Ravi", "last": "Patel"}}], "also": [], "phone": "+447700900123", "email": None,
    }
}  # fmt: skip
FOUND = tuple(
    FoundAddress((f"Flat {number}", f"{number + 10} Narborough Road", "Leicester"), "LE3 0BS", str(number))
    for number in range(1, 31)
)
STROKE = tuple((0.1 + n * 0.01, 0.5 + 0.3 * ((n % 10) / 10 - 0.5)) for n in range(60))


def every_question() -> list[tuple[str, Place, Kind]]:
    """Each question of each form."""
    found = []
    for slug in SLUGS:
        for question, group in questions(form(slug)):
            place = Place(question.key, 0, group.key) if group else Place(question.key)
            found.append((slug, place, question.kind))
    return found


def scenes(language: Language, **looks: bool) -> dict[str, Model]:
    """Every page kind there is, by name, in one language and look."""

    def of(
        slug: str, key: str, change: Callable[[Filling], Filling] | None = None, within: str | None = None
    ) -> Model:
        place = Place(key, 0, within) if within else Place(key)
        return page(language, slug, place, change, **looks)

    def around(at_: At, slug: str = "change-of-address", **more: Any) -> Model:
        return at(
            language, Filling(session=1, at=at_, slug=slug, version=1, form=form(slug), **more), **looks
        )

    move, bins = "change-of-address", "missed-bin-or-bulky-collection"
    receipt = Receipt("p" * 32, "BCDFGHJW", NOW, PaperState.CONFIRMED)
    answered = dict(ANSWERS[move])
    return {
        "list": at(language, Filling(session=1), **looks),
        "not_opened": at(language, Filling(session=1, at=At.NOT_OPENED, slug=move), **looks),
        "start": around(At.START),
        "choice": of(move, "moving"),
        "choices": of(move, "also", ticked),
        "many": of("report-a-street-problem", "problem"),
        "yes_no": of("blue-badge-first-step", "equipment"),
        "date": of(move, "moves_on", lambda f: replace(f, typed={"day": "12", "month": "11", "year": ""}, part="year")),
        "date_wrong": of(move, "moves_on", lambda f: replace(f, wrong=Wrong("date_year_missing"))),
        "name": of(move, "name", lambda f: replace(f, typed={"first": "Asha", "last": "Patel"})),
        "name_wrong": of(move, "name", lambda f: replace(f, wrong=Wrong("name_last"))),
        "address": of(move, "old_home"),
        "address_looking": of(move, "old_home", lambda f: replace(f, address=Address.LOOKING, typed=TYPED)),
        "address_list": of(move, "old_home", lambda f: replace(f, address=Address.LIST, found=FOUND, typed=TYPED)),
        "address_typing": of(move, "old_home", lambda f: replace(f, address=Address.TYPING, part="line_1", typed=TYPED)),
        "address_none": of(move, "old_home", lambda f: replace(f, address=Address.TYPING, part="line_1", typed=TYPED, searched=True)),
        "text": of(move, "landlord"),
        "long_text": of("compliment-or-complaint", "happened", lambda f: replace(f, typed="One two three four five. " * 14)),
        "number": of(bins, "how_many", within="things"),
        "phone": of(move, "phone"),
        "email": of(move, "email", lambda f: replace(f, typed="asha@gmial.com", meant="asha@gmail.com")),
        "reference": of(move, "account"),
        "photo_none": of("report-a-street-problem", "photo"),
        "photo": replace_plate(of("report-a-street-problem", "photo", lambda f: replace(f, typed=["photo-1.jpg"]))),
        "signature": of("council-tax-living-alone", "signature", lambda f: replace(f, typed="s", strokes={"s": (STROKE,)})),
        "declaration": of(move, "true_so", lambda f: replace(f, wrong=Wrong("declaration_empty"))),
        "notice": of("blue-badge-first-step", "elsewhere"),
        "group": of(move, "others", lambda f: replace(f, answers=answered)),
        "check": around(At.CHECK, answers=answered),
        "sending": around(At.SENDING),
        "failed": around(At.FAILED, failed="disk"),
        "sent": around(At.SENT, receipt=receipt),
        "sent_no_paper": around(At.SENT, receipt=replace(receipt, paper=PaperState.NOT_PRINTED, received=True)),
        "person": around(At.PERSON),
        "carry": around(At.CARRY, carried=Carried("https://foyer.example.org/carry-on/" + "x" * 43)),
        "carry_failed": around(At.CARRY, carried=Carried(failed=True)),
    }  # fmt: skip


def ticked(filling: Filling) -> Filling:
    assert filling.question is not None
    return replace(filling, typed=[filling.question.options[1].value])


TYPED = {"line_1": "12 Narborough Road", "line_2": "", "line_3": "", "postcode": "LE3 0BS"}


def replace_plate(shown: Model) -> Model:
    return replace(shown, station=replace(shown.station, state=PartState.READY))
