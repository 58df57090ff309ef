"""A kiosk accepts and refuses exactly what `forms.rules` does: whole ways through the forms of the library, right and wrong, by fingers and keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.form import Form, Kind, Question, questions, step_at
from kiosk.flow import events as e
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.pages import PARTS
from kiosk.flow.filling.shown import Address, At
from tests.kiosk.flow.filling.begun import DIGEST, Filler, form_row, with_forms
from tests.kiosk.screens.form_scenes import SLUGS, form
from tests.support.answering import Try, journeys, nothing_for
from wire.vocabulary import Language, PartState

TODAY = date(2026, 11, 24)
"""When it is ten in the morning for the walking kiosk."""
LENGTHS = {"day": 2, "month": 2, "year": 4}


def can_be_typed(question: Question, each: Try) -> bool:
    """Whether fingers can do this at all: fields of a date take so many digits, and only what is shown can be chosen."""
    typed = each.typed
    match question.kind:
        case Kind.DATE:
            return isinstance(typed, dict) and all(
                text.isdecimal() and text.isascii() and len(text) <= LENGTHS[part]
                for part, text in typed.items()
                if text
            )
        case Kind.CHOICE | Kind.YES_NO | Kind.DECLARATION:
            return typed in ("", "yes", "no", *(option.value for option in question.options))
        case Kind.CHOICES:
            values = [option.value for option in question.options]
            chosen = [value for value in typed if value]
            together = len([option for option in question.options if option.alone and option.value in chosen])
            return (
                set(chosen) <= set(values)
                and len(set(chosen)) == len(chosen)
                and not (together and len(chosen) > 1)
            )
        case Kind.PHOTO:
            return each.accepted
        case Kind.SIGNATURE:
            return each.accepted
    return True


class Player(Filler):
    def __init__(self, known: Form) -> None:
        rows = with_forms() | {f"form:{known.slug}": form_row(id=known.slug, digest=DIGEST)}
        super().__init__(rows, known)
        station = replace(self.model.station, state=PartState.READY)
        self.kiosk.model = replace(self.model, station=station)
        self.begin(Language.GU)

    def play(self, each: Try) -> None:
        self.along_to(each)
        question = step_at(self.form, each.place)
        if each.more:
            self.do(a.AddOne())
            return
        assert isinstance(question, Question)
        if not can_be_typed(question, each):
            if each.accepted:  # the same day, another way of writing it
                self.answer_another_way(question, each)
            return
        self.give(question, each.typed)
        if each.accepted:
            assert self.filling.place != each.place, (question.key, each.typed, self.filling.wrong)
        else:
            assert self.filling.place == each.place, (question.key, each.typed)

    def along_to(self, each: Try) -> None:
        """Past groups and notices to the page of this try."""
        for _ in range(20):
            if self.filling.place == each.place:
                return
            self.do(a.GoOn())
        raise AssertionError(f"never came to {each.place}, at {self.filling.place}")

    def answer_another_way(self, question: Question, each: Try) -> None:
        from forms.rules import judge, typed_of

        self.give(question, typed_of(question, judge(question, each.typed, TODAY)))

    def give(self, question: Question, typed: Any) -> None:
        if typed == nothing_for(question) and not question.required:
            self.do(a.Skip())
            return
        match question.kind:
            case Kind.CHOICE | Kind.YES_NO:
                self.do(a.Choose(typed) if typed else a.GoOn())
                return
            case Kind.DECLARATION:
                if (self.filling.value() == "yes") is not (typed == "yes"):
                    self.do(a.Choose("yes"))
            case Kind.CHOICES:
                for value in self.filling.chosen:
                    self.do(a.Choose(value))
                self.do(*(a.Choose(value) for value in typed if value))
            case Kind.PHOTO:
                for _ in typed:
                    self.do(a.TakePhoto())
                    taken = self.effect(a.Photograph)
                    self.kiosk.send(a.PhotoTaken(taken.session, taken.order, taken.name))
            case Kind.SIGNATURE:
                self.do(a.Sign(((0.1, 0.1), (0.4, 0.6))))
            case _:
                self.write(question, typed)
        self.do(a.GoOn())
        if self.filling.meant and self.filling.wrong is None and self.filling.at is At.PAGE:
            self.do(a.GoOn())  # whoever insists is believed

    def write(self, question: Question, typed: Any) -> None:
        if question.kind is Kind.ADDRESS and self.filling.address is not Address.TYPING:
            self.do(a.TypeAddress())
        texts = typed if isinstance(typed, dict) else {"": typed}
        for part in PARTS.get(question.kind, ("",)):
            if part:
                self.do(a.Into(part))
            while self.filling.value(part):
                self.kiosk.model = replace_typed(self.kiosk.model, part)
            if texts.get(part):
                self.do(a.Into(part) if part else a.Delete(), a.Type(texts[part]))


def replace_typed(model: Any, part: str) -> Any:
    """Ten thousand touches of "delete", in one."""
    filling = model.visitor.filling
    typed = {**filling.typed, part: ""} if isinstance(filling.typed, dict) else ""
    return replace(model, visitor=replace(model.visitor, filling=replace(filling, typed=typed)))


def by_kind(known: Form, answers: dict[str, Any]) -> dict[str, Any]:
    """Answers with the names of files left out: a kiosk gives its own."""
    kinds = {question.key: question.kind for question, _ in questions(known)}

    def plain(key: str, answer: Any) -> Any:
        if kinds.get(key) is Kind.PHOTO:
            return len(answer)
        return "signed" if kinds.get(key) is Kind.SIGNATURE else answer

    return {
        key: [{inner: plain(inner, each) for inner, each in item.items()} for item in answer]
        if isinstance(answer, list) and answer and isinstance(answer[0], dict)
        else plain(key, answer)
        for key, answer in answers.items()
    }


@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_kiosk_judges_as_the_rules_do(slug: str, data: st.DataObject) -> None:
    known = form(slug)
    journey = data.draw(journeys(known, TODAY))
    player = Player(known)
    for each in journey.tries:
        player.play(each)
    for _ in range(20):
        if player.filling.at is At.CHECK or (
            player.filling.notice is not None and player.filling.notice.ends
        ):
            break
        player.do(a.GoOn())
    player.do(a.Send())
    keeps = player.told(a.Keep)
    assert bool(keeps) is not journey.ends
    if keeps:
        assert by_kind(known, dict(keeps[0].begun.answers)) == by_kind(known, journey.answers)
    player.do(e.HideNow())
    assert player.model.visitor.filling is None
