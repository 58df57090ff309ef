"""What a page of a form says, for reading it aloud: the same sentences in the same order as they stand on the screen.

`say(language, key, **values)` speaks from the house's catalogue. What the visitor has typed is never read out: a room listens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from forms.form import Group, Kind, Notice, Question, blocks, say
from forms.form import Paragraph as Text
from kiosk.flow.filling.shown import At, Filling

if TYPE_CHECKING:
    from kiosk.flow.model import Model

Say = Callable[..., str]


def page_text(model: Model, speak: Say) -> str:
    """The page that shows, as sentences; empty where there is nothing to be read."""
    filling = model.visitor.filling
    if filling is None or filling.form is None:
        return ""
    language = model.language.value
    return ". ".join(text.rstrip(".") for text in _texts(filling, language, speak) if text) + "."


def _texts(filling: Filling, language: str, speak: Say) -> list[str]:
    form, step = filling.form, filling.step
    assert form is not None
    if filling.at is At.START:
        ready = [say(each, language) for each in form.ready]
        head = [speak(language, "form.ready")] if ready else []
        return [
            say(form.title, language),
            *plain(say(form.lead, language)),
            *head,
            *ready,
            *plain(say(form.whom, language)),
        ]
    if isinstance(step, Question):
        return of_question(step, language, speak)
    if isinstance(step, Notice):
        return [say(step.title, language), *plain(say(step.text, language))]
    if isinstance(step, Group):
        return [say(step.title, language), *plain(say(step.hint, language))]
    if filling.at is At.CHECK:
        return [speak(language, "form.check"), *plain(say(form.whom, language))]
    if filling.at is At.SENT:
        return [speak(language, "form.sent"), *plain(say(form.sent, language))]
    return []


def of_question(question: Question, language: str, speak: Say) -> list[str]:
    """Everything a question says, its choices too."""
    texts = [
        say(question.title, language),
        *plain(say(question.hint, language)),
        *plain(say(question.why, language)),
    ]
    if question.kind is Kind.YES_NO:
        texts += [speak(language, "form.yes"), speak(language, "form.no")]
    for option in question.options:
        texts += [say(option.label, language), say(option.hint, language)]
    return [*texts, *plain(say(question.statement, language))]


def plain(text: str) -> list[str]:
    """A long text as its lines."""
    found: list[str] = []
    for block in blocks(text):
        found += [block.text] if isinstance(block, Text) else list(block.lines)
    return found
