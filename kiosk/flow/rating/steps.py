"""What each act of saying how the visit was does, on a kiosk that stands at the exit. The functions are those every part has (`kiosk.flow.parts`).

One touch is enough: a face that was touched counts, whether or not its visitor stays for the questions that follow; whoever walks away has said that much. It is told once: when
they have sent it, or when they have gone. What was being written by somebody who walked away is not sent: they had not said that it should be.

Such a kiosk gives no tickets; its first screen is the faces, in English until somebody chooses another language there.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.flow.effects import Effect, Forget, Sound, Tone
from kiosk.flow.marks import RateAct, RateEvent
from kiosk.flow.rating import acts as a
from kiosk.flow.rating.shown import At, Rating
from kiosk.flow.shown import STRANGER, Screen, Tile

if TYPE_CHECKING:
    from kiosk.flow.events import Event, Taken
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

SCREEN = Screen.RATE
FIELD = "rating"
ACT = RateAct
EVENT = RateEvent
TOUCH = Sound(Tone.TOUCH)
SCORES = (5, 4, 3, 2, 1)
MOST_TYPED = 600
"""What fits, sealed, into what the server takes, in any script."""
THANKS_SECONDS = 8.0


def act(model: Model, action: RateAct) -> Step:
    if isinstance(action, a.Rate):
        return _rated(model, action.score)
    rating = model.visitor.rating
    if model.screen is not SCREEN or rating is None:
        return model, ()
    match action:
        case a.Choose() if rating.at is At.WHY:
            chosen = replace(rating, reason=action.reason)
            if not may_write(model):
                return _sent(model, chosen, "")
            return _with(model, replace(chosen, at=At.TELL)), (TOUCH,)
        case a.Type() if rating.at is At.TELL:
            return _with(model, replace(rating, typed=(rating.typed + action.sign)[:MOST_TYPED])), (TOUCH,)
        case a.Delete() if rating.at is At.TELL:
            return _with(model, replace(rating, typed=rating.typed[:-1])), (TOUCH,)
        case a.Send() if rating.at is At.TELL:
            return _sent(model, rating, rating.typed.strip())
        case a.SendWithout() if rating.at is At.TELL:
            return _sent(model, rating, "")
        case _:
            return model, ()


def _rated(model: Model, score: int) -> Step:
    if model.screen is not Screen.START or not model.at_exit or score not in SCORES:
        return model, ()
    return replace(_with(model, Rating(score)), screen=SCREEN), (TOUCH,)


def _sent(model: Model, rating: Rating, comment: str) -> Step:
    thanked = replace(rating, at=At.THANKS, typed="", told=True, since=model.steady)
    return _with(model, thanked), (Sound(Tone.TICKET), _told(model, rating, comment))


def _told(model: Model, rating: Rating, comment: str) -> a.TellRating:
    sealed_to = model.offer.recipients if comment else ()
    return a.TellRating(rating.score, rating.reason, model.language, comment, sealed_to)


def may_write(model: Model) -> bool:
    """Only where it can be sealed."""
    return bool(model.offer.recipients)


def heard(model: Model, event: RateEvent) -> Step:
    return model, ()


def tick(model: Model) -> Step:
    """The thanks go by themselves: the next person is at the door."""
    rating = model.visitor.rating
    if rating is None or rating.at is not At.THANKS or model.steady - rating.since < THANKS_SECONDS:
        return model, ()
    return replace(model, visitor=STRANGER, screen=Screen.START), (Forget(None),)


def back(model: Model) -> Model:
    """From the words to the reasons, from there to the faces, which may be touched anew: nothing was told yet."""
    rating = model.visitor.rating
    if rating is None or rating.at is At.THANKS:
        return replace(model, visitor=STRANGER, screen=Screen.START)
    if rating.at is At.TELL:
        return _with(model, replace(rating, at=At.WHY))
    unsaid = replace(rating, told=True)
    return replace(_with(model, unsaid), screen=Screen.START)


def taken(model: Model, event: Taken) -> tuple[Effect, ...]:
    return ()


def left(model: Model, event: Event) -> tuple[Effect, ...]:
    """Whoever walked away has said what the face says."""
    rating = model.visitor.rating
    if rating is None or rating.told:
        return ()
    return (_told(model, rating, ""),)


def may_stay(model: Model) -> bool:
    return model.visitor.rating is not None


def touchable(model: Model) -> Hashable:
    rating = model.visitor.rating
    return None if rating is None else (rating.at, rating.score)


def tiles(model: Model) -> tuple[Tile, ...]:
    return ()


def entered(model: Model, tile: str) -> RateAct | None:
    return None


def _with(model: Model, rating: Rating) -> Model:
    return replace(model, visitor=replace(model.visitor, rating=rating))
