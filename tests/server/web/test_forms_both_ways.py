"""The browser's half of "one definition, two renderers": ways made up by Hypothesis through every form of the library are typed into the pages, and each try
is accepted or refused, and ends as the answers, that `forms.rules` says. The kiosk's half plays the same ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import delete

from forms import rules
from forms.form import Group, Kind, Notice, Place, Question, step_at
from server.actions.forms import offer
from server.centrefile.handing import OfferedForm
from server.clock import from_micros
from server.store.tables import BookingTry, Submission
from server.store.tx import Tx
from server.web.public.forms.asking import spot_of
from tests.forms.library_forms import library
from tests.server.web.booked_house import copied
from tests.server.web.formed_house import Formed, Visitor, formed_house
from tests.server.web.test_forms_web import photo
from tests.support.answering import Journey, Try, journeys

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formed]:
    with formed_house(copied(sqlite_template, tmp_path_factory)) as running:
        running.change(
            lambda tx: offer(tx.session(), 1, [OfferedForm(slug) for slug in library()], from_micros(tx.now))
        )
        running.change(lambda tx: tx.touch(1))
        yield running


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(data=st.data())
def test_the_pages_accept_and_refuse_what_the_rules_do(house: Formed, data: st.DataObject) -> None:
    slug = data.draw(st.sampled_from(sorted(library())))
    form = library()[slug]
    journey = data.draw(journeys(form, TODAY))
    house.change(_forget_tries)
    visitor = house.visitor().begin(slug)
    for each in journey.tries:
        _pass_by(visitor, form, spot_of(each.place))
        assert visitor.spot == spot_of(each.place), (visitor.seen, visitor.wrong())
        step = step_at(form, each.place)
        if not each.accepted and isinstance(step, Question) and step.kind in (Kind.PHOTO, Kind.SIGNATURE):
            continue  # a browser makes the names of files: none can be typed
        _type(visitor, step, each)
        stayed = visitor.spot == spot_of(each.place)
        assert stayed is not each.accepted, (slug, each, visitor.wrong())
        assert bool(visitor.wrong()) is not each.accepted, (slug, each)
    _pass_by(visitor, form, "check")
    _ends(house, visitor, journey)


def _forget_tries(tx: Tx) -> None:
    tx.session().exec(delete(BookingTry))


def _pass_by(visitor: Visitor, form: Any, to: str) -> None:
    """Pages that only say something, and those of a group nobody is added to, are no tries."""
    while visitor.spot != to and isinstance(step := step_at(form, Place(visitor.spot)), Notice | Group):
        if isinstance(step, Notice) and step.ends:
            return
        visitor.send()


def _type(visitor: Visitor, step: Any, each: Try) -> None:
    typed = each.typed
    if isinstance(step, Question) and step.kind is Kind.DATE and isinstance(typed, str):
        found = rules.judge(step, typed, TODAY)
        typed = {"day": typed} if isinstance(found, rules.Wrong) else rules.typed_of(step, found)
    if not isinstance(step, Question):
        visitor.send(**({"do": "add"} if each.more else {}))
    elif step.kind is Kind.PHOTO:
        names = typed if isinstance(typed, list) else []
        right = each.accepted and names
        files = [("files", (name, photo(size=(60, 40)), "image/jpeg")) for name in names] if right else None
        visitor.send(files=files)
    elif step.kind is Kind.SIGNATURE:
        visitor.send(written="Ann" if each.accepted and typed else "")
    elif isinstance(typed, dict):
        visitor.send(mode="type", **{f"answer-{part}": text for part, text in typed.items()})
        if step.kind is Kind.ADDRESS and "mode" in visitor.text and each.accepted:
            assert visitor.spot != spot_of(each.place)
    else:
        visitor.send(answer=typed)
        if each.accepted and visitor.spot == spot_of(each.place) and "meant" in visitor.text:
            visitor.send(answer=typed, sure=typed)


def _ends(house: Formed, visitor: Visitor, journey: Journey) -> None:
    before = {each.id for each in house.rows(Submission)}
    if journey.ends:
        assert visitor.post(visitor.path).is_redirect
        assert {each.id for each in house.rows(Submission)} == before
        return
    if visitor.spot == "receipt":
        visitor.send(way="none")
    assert visitor.spot == "check", (visitor.seen, visitor.wrong())
    visitor.send()
    assert visitor.spot == "done"
    (new,) = [each for each in house.rows(Submission) if each.id not in before]
    got, wanted = house.answers(new.id), journey.answers
    for key, answer in wanted.items():
        if (
            isinstance(answer, list)
            and answer
            and isinstance(answer[0], str)
            and answer[0].startswith("photo-")
        ):
            assert len(got[key]) == len(answer)
        elif isinstance(answer, str) and answer == "signature.png":
            assert got[key]
        else:
            assert got[key] == answer, key
    assert set(got) == set(wanted)
