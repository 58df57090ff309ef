"""The screens of `kiosk.flow.filling`: which of them shows a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forms.form import Group, Kind, Notice, Question
from kiosk.flow.filling.shown import Address, At, Filling
from kiosk.flow.model import Model
from kiosk.widgets.boxes import Box

Made = Callable[[Model, Any], Box]
CHOOSING = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.YES_NO, Kind.DECLARATION})


def screen_class(model: Model) -> Made:
    from kiosk.screens.filling import along, ending

    filling = model.visitor.filling or Filling()
    match filling.at:
        case At.PAGE:
            return _page(filling)
        case At.START:
            return along.BeginScreen
        case At.CHECK:
            return along.FormCheckScreen
        case At.SENDING | At.FAILED:
            return ending.FormSendingScreen
        case At.SENT:
            return ending.FormSentScreen
        case At.PERSON:
            return ending.FormPersonScreen
        case At.CARRY:
            return ending.CarryScreen
        case _:
            return along.ListScreen


def _page(filling: Filling) -> Made:
    from kiosk.screens.filling import along, choosing, drawing, typing

    step = filling.step
    if isinstance(step, Notice):
        return along.NoticeScreen
    if isinstance(step, Group):
        return along.GroupScreen
    assert isinstance(step, Question)  # a form has no other pages
    if step.kind in CHOOSING:
        return choosing.ChoiceScreen
    if step.kind is Kind.ADDRESS and filling.address in (Address.LIST, Address.LOOKING):
        return choosing.AddressesScreen
    if step.kind is Kind.SIGNATURE:
        return drawing.SignatureScreen
    return drawing.PhotoScreen if step.kind is Kind.PHOTO else typing.TypedScreen
