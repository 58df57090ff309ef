"""The form of a service's appointments: its fields as `[service.appointments]` of the centre's file, and the same in words.

Everything is shown from the start, filled with what the file would leave out, so whoever turns appointments on has something sensible to look
at. Questions and their choices get their short names here, once, from their English words: answers are kept under them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData

from server.centrefile.bookables import ROOMS
from server.centrefile.offering import ASKED, MANNERS, WHOLE
from server.domain.changes import Part, Table, listed
from server.domain.offers import Offer
from server.web.gate import text_of
from server.web.pages import setup_forms as forms
from wire.vocabulary import Language

if TYPE_CHECKING:
    from server.web.pages.setup_desk import Desk

_STANDARD = Offer()
MANNERS_SAID = {"required": "must be given", "optional": "may be given", "no": "is not asked"}
ASKS_SAID = {"name": "Name", "phone": "Phone number", "email": "E-mail address"}
LABELS = {
    "minutes": "Length", "prepare_minutes": "Kept free before", "clear_minutes": "Kept free after",
    "every_minutes": "A time begins every", "at_once": "At the same time", "by_people": "Takes a person of the rota",
    "rooms": "Takes a room", "walk_in_share": "Kept for walk-ins", "ahead_days": "Can be booked ahead",
    "notice_hours": "Booked at least", "cancel_hours": "Moved or cancelled by oneself at least", "early_minutes": "Check in from",
    "late_minutes": "Kept when late", "public": "Who can book", "partner": "Whose surgery", "asks": "Asked for",
    "question": "Questions", "bring": "To bring", "reminder_hours": "Reminders", "hours": "Times of its own",
}  # fmt: skip
UNITS = {
    "minutes": "minutes", "prepare_minutes": "minutes", "clear_minutes": "minutes", "every_minutes": "minutes",
    "walk_in_share": "percent of each day", "ahead_days": "days", "notice_hours": "hours before",
    "cancel_hours": "hours before", "early_minutes": "minutes before", "late_minutes": "minutes",
}  # fmt: skip
TIMING = ("minutes", "prepare_minutes", "clear_minutes", "every_minutes")
PUBLIC_SAID = {True: "Everybody on the web, and staff", False: "Only staff: never on the web"}


# From the form ----------------------------------------------------------------------------------------


def with_offer(form: FormData, kept: Table) -> Table:
    """The service with the appointments of the form, or without any."""
    table = {key: value for key, value in kept.items() if key != "appointments"}
    if "offers" not in form:
        return {**table, "by_appointment": False} if "appointments" in kept else table
    return {
        **table,
        "by_appointment": True,
        "appointments": offer_in(form, kept.get("appointments", {}), bool(kept.get("private"))),
    }


def offer_in(form: FormData, kept: Table, private: bool = False) -> Table:
    """`[service.appointments]` as the form says it."""
    told: Table = {key: forms.whole_of(_typed(form, key)) for key in WHOLE}
    told["by_people"] = "appointments.by_people" in form
    told["public"] = not private and _typed(form, "public") != "no"
    if rooms := [each for each in form.getlist("appointments.rooms") if isinstance(each, str)]:
        told["rooms"] = rooms
    if partner := _typed(form, "partner"):
        told["partner"] = partner
    told["asks"] = {key: _typed(form, f"asks.{key}") or ASKED[key] for key in ASKED}
    told["reminder_hours"] = [
        forms.whole_of(each) for each in re.split(r"[\s,;]+", _typed(form, "reminder_hours")) if each
    ]
    if questions := _questions(form, kept.get("question", [])):
        told["question"] = questions
    if bring := _bring(form, kept.get("bring", [])):
        told["bring"] = bring
    if hours := forms.hours_rows(form, "appointments.hours"):
        told["hours"] = hours
    return told


def _typed(form: FormData, key: str) -> str:
    return forms.typed_text(form, f"appointments.{key}")


def _questions(form: FormData, kept: list[Table]) -> list[Table]:
    before = {each.get("slug"): each for each in kept}
    rows: list[Table] = []
    taken = {str(slug) for slug in before}
    for at in forms.numbers_in(form, "appointments.question"):
        name = f"appointments.question.{at}"
        slug = text_of(form, f"{name}.slug", 40)
        was = before.get(slug, {})
        text = forms.words_in(form, f"{name}.text", was.get("text"))
        choices = _choices(form, name, was.get("choice", []))
        if not text and not choices:
            continue
        slug = slug or forms.new_slug(text.get("en", ""), "question", taken)
        taken.add(slug)
        row: Table = {"slug": slug, "text": text}
        if f"{name}.required" not in form:
            row["required"] = False
        rows.append({**row, "choice": choices} if choices else row)
    return rows


def _choices(form: FormData, question: str, kept: list[Table]) -> list[Table]:
    before = {each.get("slug"): each for each in kept}
    rows: list[Table] = []
    taken = {str(slug) for slug in before}
    for at in forms.numbers_in(form, f"{question}.choice"):
        name = f"{question}.choice.{at}"
        slug = text_of(form, f"{name}.slug", 40)
        names = forms.words_in(form, f"{name}.names", before.get(slug, {}).get("names"))
        if names:
            slug = slug or forms.new_slug(names.get("en", ""), "choice", taken)
            taken.add(slug)
            rows.append({"slug": slug, "names": names})
    return rows


def _bring(form: FormData, kept: list[Table]) -> list[Table]:
    rows = []
    for at in forms.numbers_in(form, "appointments.bring"):
        was = kept[at] if at < len(kept) else None
        if words := forms.words_in(form, f"appointments.bring.{at}", was):
            rows.append(words)
    return rows


# Into the form ----------------------------------------------------------------------------------------


def filled_in(told: Table | None) -> Table:
    """The appointments with what the file leaves out, as the fields of the form hold them."""
    told = told or {}
    standard = {key: getattr(_STANDARD, key) for key in (*WHOLE, "by_people")}
    reminders = told.get("reminder_hours", list(_STANDARD.reminder_hours))
    return {
        **standard,
        "partner": "",
        **told,
        "public": "yes" if told.get("public", True) else "no",
        "asks": {**ASKED, **told.get("asks", {})},
        "reminder_hours": ", ".join(str(each) for each in reminders),
    }


def shown(desk: Desk, part: Part, table: Table) -> dict[str, Any]:
    """What the form shows beside its fields."""
    rooms = [(each.slug, each.name) for each in desk.coming.counters if each.kind in ROOMS]
    return {
        "offers": "appointments" in table,
        "rooms": rooms,
        "manners": [(each, MANNERS_SAID[each]) for each in MANNERS],
        "asks_said": ASKS_SAID,
        "offer_labels": LABELS,
        "bounds": WHOLE,
        "sketch": None,
        "is_private": bool(table.get("private")),
    }


# In words ---------------------------------------------------------------------------------------------


def label_of(steps: list[str]) -> str:
    """`Questions 2, text`: what a field is called by its path within the appointments."""
    key, *rest = steps or [""]
    said = LABELS.get(key, "Appointments")
    for step in rest:
        said += f" {int(step) + 1}" if step.isdecimal() else f", {ASKS_SAID.get(step, step).lower()}"
    return said


def lines_of(told: Table, usual_said: Any, names: Mapping[str, str]) -> Iterator[tuple[str, str, list[str]]]:
    """Each value: its key, its label, and what it says. `names` are the rooms'."""
    filled = {**{key: getattr(_STANDARD, key) for key in WHOLE}, "asks": ASKED, **told}
    filled.setdefault("public", True)
    filled.setdefault("reminder_hours", list(_STANDARD.reminder_hours))
    for key, label in LABELS.items():
        if key in filled:
            said = _said(key, filled[key], usual_said, names)
            if said:
                yield key, label, said


def _said(key: str, value: Any, usual_said: Any, names: Mapping[str, str]) -> list[str]:
    match key:
        case "public":
            return [PUBLIC_SAID[bool(value)]]
        case "rooms":
            return [listed(names.get(slug, slug) for slug in value)]
        case "asks":
            return [f"{ASKS_SAID[each]} {MANNERS_SAID.get(how, how)}" for each, how in value.items()]
        case "question":
            return [question_said(each) for each in value]
        case "bring":
            return [f"{each.get('en', '')}{_also_in(each)}" for each in value]
        case "reminder_hours":
            return [f"{listed(str(each) for each in value)} hours before" if value else "None"]
        case "hours":
            return [usual_said(each) for each in value]
    if isinstance(value, bool):
        return ["Yes" if value else "No"]
    return [f"{value} {UNITS[key]}" if key in UNITS else str(value)]


def question_said(question: Table) -> str:
    """`What is it about? (Debt; Benefits)`."""
    text = question.get("text", {})
    choices = "; ".join(each["names"].get("en", "") for each in question.get("choice", ()))
    need = "" if question.get("required", True) else ", may stay empty"
    return f"{text.get('en', '')}{f' ({choices})' if choices else ''}{need}{_also_in(text)}"


def _also_in(words: Table) -> str:
    others = [each.value for each in Language if each.value in words and each.value != "en"]
    return f" [{', '.join(others)}]" if others else ""
