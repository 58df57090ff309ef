"""Every rule of filling a form in, on one page: what both renderers and the server call.

    judge(question, typed, today)       what was typed, as an answer (None: left empty, which was allowed), or what is wrong with it
    typed_of(question, answer)          an answer back as a renderer shows it, ready to be judged again
    judge_all(form, answers, today)     every fault of answers that came from elsewhere: the server judges again by this
    places, after, before               which pages there are, given the answers
    missing, kept, stopped, ending, totals, with_answer, with_one_more, without_one
    shown(form, place, answer, language)    the answer as check-answers shows it, a line each

`typed` is what a renderer holds: `str` (text, long_text, number, money, phone, email, reference, choice, signature; "yes" or "no" for yes_no, "yes" for a
declaration that is made), `list[str]` (choices, photo), `dict[str, str]` (date: day, month, year; name: first, last; address: line_1, line_2, line_3,
postcode, uprn). A date may also be one `str`.

Judging is total: no input makes it raise, and `judge(question, typed_of(question, answer), today) == answer` for every answer it gave. `today` is the
date at the centre when the visitor sent it, not when it arrived: a kiosk may have been a day without a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from forms.form import Answers, Form, Group, Place, Question, step_at
from forms.journey import (
    Sum,
    after,
    answer_at,
    before,
    ending,
    items_of,
    kept,
    missing,
    places,
    stopped,
    totals,
    was_seen,
    with_answer,
    with_one_more,
    without_one,
)
from forms.judging import Typed, Wrong, judge, meant, typed_of
from forms.saying import sentence, shown

__all__ = [
    "Sum",
    "Typed",
    "Wrong",
    "after",
    "answer_at",
    "before",
    "ending",
    "items_of",
    "judge",
    "judge_all",
    "kept",
    "meant",
    "missing",
    "places",
    "sentence",
    "shown",
    "stopped",
    "totals",
    "typed_of",
    "was_seen",
    "with_answer",
    "with_one_more",
    "without_one",
]


def judge_all(form: Form, answers: Answers, today: date) -> list[tuple[Place, Wrong]]:
    """Every page that is not answered as it must be, in order. Answers of pages that are not shown are not looked at (`kept` drops them)."""
    return list(_faults(form, answers, today))


def _faults(form: Form, answers: Answers, today: date) -> Iterator[tuple[Place, Wrong]]:
    end = stopped(form, answers)
    for place in places(form, answers):
        step = step_at(form, place)
        if isinstance(step, Question):
            wrong = _fault_of(step, answer_at(answers, place), today)
            if wrong is not None:
                yield place, wrong
        elif isinstance(step, Group):
            given = answers.get(step.key)
            count = len(given) if isinstance(given, list) else 0
            if given is not None and not _is_items(given):
                yield place, Wrong("not_an_answer")
            elif count < step.least:
                yield place, Wrong("group_few", {"least": step.least})
            elif count > step.most:
                yield place, Wrong("group_many", {"most": step.most})
        elif end is not None and step is end:
            yield place, Wrong("ends_here")


def _fault_of(question: Question, answer: Any, today: date) -> Wrong | None:
    judged = judge(question, typed_of(question, answer), today)
    if isinstance(judged, Wrong):
        return judged
    same = type(judged) is type(answer) and judged == answer
    return None if same else Wrong("not_an_answer")


def _is_items(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(each, dict) for each in given)
