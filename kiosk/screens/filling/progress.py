"""How far one is: "Question 3 of about 9". About, because an answer may bring up more questions or fewer."""

from __future__ import annotations

from forms.form import Question, step_at
from forms.form import say as pick
from forms.rules import places
from kiosk.flow.model import Model
from kiosk.screens.filling.pieces import of
from kiosk.screens.saying import Saying
from kiosk.typeset import isolate
from kiosk.widgets.text import Words


def counted(model: Model) -> tuple[int, int] | None:
    """The number of the question that shows, and how many there are; None where no question shows."""
    filling = of(model)
    if filling.form is None or filling.place is None:
        return None
    way = [
        each
        for each in places(filling.form, filling.answers)
        if isinstance(step_at(filling.form, each), Question)
    ]
    if filling.place not in way:
        return None
    return way.index(filling.place) + 1, len(way)


def progress(model: Model, say: Saying) -> Words:
    """With whom it is about, inside a group ("Person 2")."""
    filling, found = of(model), counted(model)
    text = say("fill.progress", number=isolate(str(found[0])), count=isolate(str(found[1]))) if found else ""
    place = filling.place
    if place is not None and place.item is not None and filling.form is not None:
        group = next((step for step in filling.form.steps if step.key == place.within), None)
        one = getattr(group, "one", None)
        if one:
            whose = f"{pick(one, say.language)} {isolate(str(place.item + 1))}"
            text = f"{whose} · {text}" if text else whose
    return Words(text=text, role="body", tone="soft", drop=4)
