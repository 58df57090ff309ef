"""Models of what a kiosk at the exit shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.flow.model import Model, Screen
from kiosk.flow.offer import read_offer
from kiosk.flow.rating.shown import At, Rating
from tests.kiosk.screens.sample import DEVICE, model, rows
from wire.vocabulary import FeedbackReason, Language

LONG = "The young man at the desk by the window was kind, but I had to say everything twice because nobody knew of my letter of 9 November, "


def exit_rows() -> dict[str, dict[str, Any]]:
    found = rows()
    found[f"device:{DEVICE}"] = {**found[f"device:{DEVICE}"], "exit": True}
    return {**found, "hand_in": {"kind": "hand_in", "recipients": ["age1-a-key"]}}


def scenes(language: Language, **look: bool) -> dict[str, Model]:
    plain = model(language=language, **look)
    resting = replace(plain, offer=read_offer(exit_rows(), DEVICE), screen=Screen.START)

    def at(rating: Rating, **more: Any) -> Model:
        return replace(resting, screen=Screen.RATE, visitor=replace(resting.visitor, rating=rating), **more)

    poor = Rating(1, reason=FeedbackReason.WAIT)
    return {
        "faces": resting,
        "why_good": at(Rating(5)),
        "why_poor": at(poor),
        "tell": at(replace(poor, at=At.TELL)),
        "typed": at(replace(poor, at=At.TELL, typed=LONG * 3)),
        "thanks": at(replace(poor, at=At.THANKS, told=True)),
    }
