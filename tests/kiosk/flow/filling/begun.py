"""A form with every kind of page, and a kiosk at which somebody fills it in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from forms.form import (
    All,
    Compared,
    Form,
    Group,
    Is,
    Kind,
    Notice,
    Option,
    Place,
    Question,
    Total,
)
from kiosk.flow import events as e
from kiosk.flow.effects import Effect
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.shown import At, Filling, FoundAddress
from kiosk.flow.model import Model, Screen
from tests.kiosk.flow.walking import Kiosk, open_kiosk, york_house
from wire.vocabulary import Language

RECIPIENT = "age1" + "q" * 58
DIGEST = "d" * 64


def words(text: str) -> dict[str, str]:
    return {"en": text}


def question(key: str, kind: Kind, **more: Any) -> Question:
    return Question(key, kind, words(f"{key}?"), **more)


def options(*values: str, alone: str = "") -> tuple[Option, ...]:
    return tuple(Option(value, words(value.title()), alone=value == alone) for value in values)


MOVE = Form(
    slug="change-of-address",
    title=words("Tell us that you have moved"),
    lead=words("So that letters reach you."),
    languages=("en",),
    steps=(
        question("name", Kind.NAME),
        question("moved_on", Kind.DATE),
        question("old", Kind.ADDRESS),
        question("rents", Kind.YES_NO),
        question("rent", Kind.MONEY, when=Is("rents", (True,))),
        Group(
            "people", words("Who lives with you"), words("Person"),
            (question("called", Kind.TEXT), question("pays", Kind.MONEY, required=False)), least=0, most=3,
        ),
        question("pets", Kind.CHOICES, options=options("cat", "dog", "none", alone="none"), required=False),
        Notice("rich", words("Please ring us"), words("Ring us."), when=All((Compared("rent", more_than=Decimal(5000)),)), ends=True),
        question("phone", Kind.PHONE),
        question("email", Kind.EMAIL, required=False),
        question("proof", Kind.PHOTO, required=False),
        question("signed", Kind.SIGNATURE),
        question("true", Kind.DECLARATION),
    ),
    totals=(Total("all", words("Together"), ("pays",)),),
    sent=words("We write to you in five days."),
    receipt_phone="phone",
)  # fmt: skip


def form_row(**more: Any) -> dict[str, Any]:
    row = {
        "kind": "form", "id": MOVE.slug, "names": {"en": "Moved house"}, "help": {"en": "Tell us"}, "icon": "home", "order": 1,
        "version": 3, "digest": DIGEST, "minutes": 5, "service": "tax", "synonyms": [],
    }  # fmt: skip
    return row | more


def with_forms(**centre: Any) -> dict[str, dict[str, Any]]:
    return york_house(**centre) | {
        "hand_in": {"kind": "hand_in", "recipients": [RECIPIENT]},
        f"form:{MOVE.slug}": form_row(),
    }


class Filler:
    """Fills in a form by its acts, as fingers on the screen do."""

    def __init__(self, rows: dict[str, Any] | None = None, form: Form = MOVE) -> None:
        self.kiosk: Kiosk = open_kiosk(with_forms() if rows is None else rows)
        self.form = form

    @property
    def model(self) -> Model:
        return self.kiosk.model

    @property
    def filling(self) -> Filling:
        filling = self.model.visitor.filling
        assert filling is not None
        return filling

    @property
    def at(self) -> str:
        """The page, as the key of what is asked, or the name of the page."""
        filling = self.filling
        return filling.place.key if filling.at is At.PAGE and filling.place else filling.at.value

    def do(self, *actions: e.Action) -> list[Effect]:
        told: list[Effect] = []
        for action in actions:
            told += self.kiosk.tap(action)
        return told

    def begin(self, language: Language = Language.EN) -> Filler:
        self.do(e.ChooseLanguage(language), e.ChooseNeed("_form"), a.ChooseForm(self.form.slug))
        self.kiosk.send(a.Opened(self.filling.session, self.filling.working, self.form))
        self.do(a.StartForm())
        return self

    def type(self, text: str) -> list[Effect]:
        return self.do(*(a.Type(sign) for sign in text))

    def say(self, text: str) -> list[Effect]:
        """Types it and goes on."""
        return [*self.type(text), *self.do(a.GoOn())]

    def name(self, first: str = "Asha", last: str = "Patel") -> None:
        self.say(first)
        self.say(last)

    def address(self) -> None:
        self.say("le1 6rn")
        found = (FoundAddress(("3 York Street", "Leicester"), "LE1 6RN", "2465000001"),)
        self.kiosk.send(a.AddressesFound(self.filling.session, self.filling.working, found))
        self.do(a.PickAddress(0))

    def to(self, key: str) -> Filler:
        """Answers everything up to that page."""
        answers = {
            "name": self.name,
            "moved_on": lambda: self.say("12112026"),
            "old": self.address,
            "rents": lambda: self.do(a.Choose("no")),
            "people": lambda: self.do(a.GoOn()),
            "pets": lambda: self.do(a.GoOn()),
            "phone": lambda: self.say("07700 900123"),
            "email": lambda: self.do(a.Skip()),
            "proof": lambda: self.do(a.Skip()),
            "signed": lambda: self.do(a.Sign(((0.1, 0.2), (0.5, 0.6))), a.GoOn()),
            "true": lambda: self.do(a.Choose("yes"), a.GoOn()),
        }
        for _ in range(30):
            if self.at == key:
                return self
            answers[self.at]()
        raise AssertionError(f"never came to {key}: at {self.at}")

    def back(self) -> None:
        self.do(e.GoBack())

    def effect(self, kind: type[Any]) -> Any:
        """The last effect of a kind."""
        return next(effect for effect in reversed(self.kiosk.effects) if isinstance(effect, kind))

    def told(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.kiosk.effects if isinstance(effect, kind)]

    def kept(self) -> None:
        keep = self.effect(a.Keep)
        self.kiosk.send(a.Kept(keep.session, keep.order, "p" * 32, "BCDFGHJW", self.kiosk.now))


__all__ = ["MOVE", "RECIPIENT", "At", "Filler", "Place", "Screen", "form_row", "with_forms"]
