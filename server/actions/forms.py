"""Which forms a centre offers, and whether something handed in is one of them.

A form's row stays when it is offered no more, and so do its versions: what somebody began with, yesterday or at a kiosk that had no line for a day,
is still taken and still understood. So the judgement of a submission refuses one thing only: what claims to be a form that this centre never
published. Answers that break a rule are taken and said to (`JudgedForm.faults`): the kiosk asked them by the same rules, so a fault
means that one of the two is wrong, and a visitor who has gone home with a receipt must not be the one to find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

import forms
from forms import rules
from forms.form import Form as Shape
from forms.form import Kind, Place, Question, questions, step_at
from forms.versions import digest_of, form_of
from server.centrefile.handing import OfferedForm
from server.domain.refusals import Refused
from server.store.tables import Centre, Form, FormVersion
from server.store.tx import Tx
from wire.packets import Manifest
from wire.vocabulary import HandedIn, RefusalCode

LIBRARY = Path(forms.__file__).parent / "library"
WITH_FILES = frozenset({Kind.PHOTO, Kind.SIGNATURE})
DRAFT = 0
"""The number of the version that is being written."""
MOST_NUMBER = 2**31 - 1
"""That a database takes."""


@dataclass(frozen=True)
class JudgedForm:
    """What is handed in, as far as the house must know to deal with it. `faults` name places and rules, never a visitor's words."""

    form_id: int
    title: str
    """In English, for staff."""
    team: str
    service: str
    keep_days: int
    case: str = ""
    """The visitor's own reference, where the form asks for one."""
    phone: str = ""
    """Where they can be told that it cannot be used, where the form asks for it. A receipt goes only where it was wished (`Manifest.phone`)."""
    email: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """What is kept of what was sent: the answers of the pages that they lead to. What was planted beside them, or typed on a page that the
    visitor then turned away from, nobody was told would be sent."""
    files: frozenset[str] | None = None
    """The files those answers name; None when that cannot be told."""
    faults: tuple[str, ...] = ()


def judge_submission(session: Session, centre_id: int, manifest: Manifest, on: date) -> JudgedForm:
    """`on` is the date at the centre when the visitor sent it. Refused (UNKNOWN) only when this centre never published such a form."""
    row = session.exec(
        select(Form).where(col(Form.centre_id) == centre_id, col(Form.slug) == manifest.what)
    ).one_or_none()
    text = version_text(session, row.id, manifest.version) if row is not None and row.id is not None else None
    if row is None or row.id is None or text is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such form, or no such version of it.")
    shape = form_of(text)
    if shape is None:
        return JudgedForm(
            row.id,
            row.slug,
            row.team,
            row.service,
            row.keep_days,
            answers=manifest.answers,
            faults=("form: not_read",),
        )
    answers = rules.kept(shape, manifest.answers)
    return JudgedForm(
        form_id=row.id,
        title=shape.title.get("en", row.slug),
        team=row.team,
        service=row.service,
        keep_days=row.keep_days,
        case=_right(shape, answers, shape.case, on)[:40],
        phone=_right(shape, answers, shape.receipt_phone, on),
        email=_right(shape, answers, shape.receipt_email, on),
        answers=answers,
        files=frozenset(name for _, name in files_named(shape, answers)),
        faults=_faults(shape, manifest, answers, on),
    )


def _faults(shape: Shape, manifest: Manifest, answers: Mapping[str, Any], on: date) -> tuple[str, ...]:
    """Of a form that was only begun nothing need be complete. `answers` are those kept; judged are those sent, for only they can tell that a group has
    too many items."""
    found: list[str] = []
    if manifest.kind is not HandedIn.BEGUN:
        for place, wrong in rules.judge_all(shape, manifest.answers, on):
            item = f"{place.within}.{place.item}." if place.within is not None else ""
            found.append(f"{item}{place.key}: {wrong.word}")
    there = {each.name for each in manifest.files}
    found += [f"{key}: file_missing" for key, name in files_named(shape, answers) if name not in there]
    return tuple(found[:100])


def files_named(shape: Shape, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every file the answers name, with the key of the question it answers."""
    found: list[tuple[str, str]] = []
    for question, group in questions(shape):
        if question.kind not in WITH_FILES:
            continue
        holders = answers.get(group.key, ()) if group is not None else (answers,)
        for holder in holders if isinstance(holders, list | tuple) else ():
            answer = holder.get(question.key) if isinstance(holder, Mapping) else None
            names = answer if isinstance(answer, list) else [answer]
            found += [(question.key, name) for name in names if isinstance(name, str) and name]
    return found


def has_files(question: Question) -> bool:
    return question.kind in WITH_FILES


def _right(shape: Shape, answers: Mapping[str, Any], key: str, on: date) -> str:
    """The answer to question `key` if it is one that can be used; nothing is sent to a number that is none."""
    step = step_at(shape, Place(key)) if key else None
    answer = answers.get(key)
    if not isinstance(step, Question) or not isinstance(answer, str):
        return ""
    return answer if rules.judge(step, rules.typed_of(step, answer), on) == answer else ""


def version_text(session: Session, form_id: int, number: int) -> str | None:
    """The text of a published version."""
    if not DRAFT < number <= MOST_NUMBER:
        return None
    return session.exec(
        select(FormVersion.text).where(col(FormVersion.form_id) == form_id, col(FormVersion.number) == number)
    ).one_or_none()


def form_titles(session: Session, centre_id: int, slug: str, number: int) -> dict[str, str]:
    """What a form is called in each of its languages, in the version it was begun with; empty when that is not known."""
    row = session.exec(
        select(Form.id).where(col(Form.centre_id) == centre_id, col(Form.slug) == slug)
    ).one_or_none()
    text = version_text(session, row, number) if row is not None else None
    shape = form_of(text) if text is not None else None
    return dict(shape.title) if shape is not None else {}


def library_text(slug: str) -> str | None:
    """The form of this name that comes with Foyer."""
    path = LIBRARY / f"{slug}.yaml"
    return path.read_text(encoding="utf-8") if path.parent == LIBRARY and path.is_file() else None


def library_slugs() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.yaml")))


@dataclass(frozen=True)
class Loaded:
    """Slugs of forms that are new, and of those that were changed."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def offer(session: Session, centre_id: int, offered: Iterable[OfferedForm], now: datetime) -> Loaded:
    """The centre's file names these forms: add what is new, change what is there, take none away. One of the library that was never published
    here is published as it comes; one that is neither in the library nor made here waits for its words and is shown to nobody. Who calls makes
    screens look again."""
    kept = {row.slug: row for row in session.exec(select(Form).where(col(Form.centre_id) == centre_id)).all()}
    added, changed_ = [], []
    for position, each in enumerate(offered):
        values = {**asdict(each), "position": position, "retired_at": None}
        row = kept.get(each.slug)
        if row is None:
            row = Form(centre_id=centre_id, **values)
            added.append(each.slug)
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed_.append(each.slug)
        session.add(row)
        session.flush()
        text = library_text(each.slug) if row.version == 0 else None
        if text is not None:
            publish_text(session, row, text, now)
            changed_ += [] if each.slug in (*added, *changed_) else [each.slug]
    return Loaded(tuple(added), tuple(changed_))


def offered_here(session: Session, centre_id: int) -> tuple[OfferedForm, ...]:
    """As the centre's file would say it."""
    rows = session.exec(
        select(Form)
        .where(col(Form.centre_id) == centre_id, col(Form.retired_at).is_(None))
        .order_by(col(Form.position), col(Form.id))
    ).all()
    return tuple(
        OfferedForm(**{each.name: getattr(row, each.name) for each in fields(OfferedForm)}) for row in rows
    )


def publish_text(session: Session, row: Form, text: str, now: datetime, by: int | None = None) -> int:
    """Make `text` the form's newest version; its number. Who calls has found it right."""
    assert row.id is not None, "it has been written"
    row.version += 1
    session.add(row)
    session.add(
        FormVersion(
            form_id=row.id,
            number=row.version,
            text=text,
            digest=digest_of(text),
            made_at=now,
            made_by=by,
        )
    )
    session.flush()
    return row.version


def changed(tx: Tx, centre_id: int) -> None:
    """Every screen of the centre shall look at its forms again: they are part of what a centre is set up as."""
    centre = tx.session().get_one(Centre, centre_id)
    centre.version += 1
    tx.session().add(centre)
    tx.touch(centre_id)
