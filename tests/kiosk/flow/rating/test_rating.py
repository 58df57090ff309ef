"""How the visit was, at the exit: one touch counts, whatever comes after it; it is told once; nothing written is told that was not sent."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.flow import events as e
from kiosk.flow.effects import Effect, TakeTicket
from kiosk.flow.model import Screen
from kiosk.flow.rating import acts as a
from kiosk.flow.rating.shown import At, Rating
from kiosk.flow.rating.steps import MOST_TYPED, THANKS_SECONDS
from kiosk.flow.shown import STRANGER
from tests.kiosk.flow.walking import Kiosk, open_kiosk, york_house
from wire.vocabulary import FeedbackReason, Language, PrinterState

KEYS = ("age1-a-key", "age1-another")


def exit_rows(*, keys: tuple[str, ...] = KEYS, **centre: Any) -> dict[str, dict[str, Any]]:
    rows = york_house(**centre)
    rows["device:k1"] |= {"exit": True}
    return rows | {"hand_in": {"kind": "hand_in", "recipients": list(keys)}}


def at_exit(**more: Any) -> Kiosk:
    return open_kiosk(exit_rows(**more))


def rating(kiosk: Kiosk) -> Rating:
    found = kiosk.model.visitor.rating
    assert found is not None
    return found


def told(effects: list[Effect]) -> list[a.TellRating]:
    return [each for each in effects if isinstance(each, a.TellRating)]


def type_in(kiosk: Kiosk, text: str) -> None:
    for at, sign in enumerate(text):
        kiosk.tap(a.Type(sign), after=0.2 if at else 1.0)


def test_a_face_a_reason_and_words_are_told_once_and_the_next_person_finds_the_faces() -> None:
    kiosk = at_exit()
    kiosk.tap(e.ChooseLanguage(Language.GU))
    assert kiosk.model.screen is Screen.START, "no needs are asked here"
    kiosk.tap(a.Rate(2))
    kiosk.tap(a.Choose(FeedbackReason.WAIT))
    type_in(kiosk, " slow ")
    kiosk.tap(a.Send())
    assert rating(kiosk).at is At.THANKS
    assert "slow" not in repr(kiosk.model), "it is on its way, and nowhere else"
    kiosk.wait(THANKS_SECONDS + 1)
    assert (kiosk.model.screen, kiosk.model.visitor) == (Screen.START, STRANGER)
    assert told(kiosk.effects) == [a.TellRating(2, FeedbackReason.WAIT, Language.GU, "slow", KEYS)]
    assert "slow" not in repr(told(kiosk.effects)), "what was written is in no log of effects"


@pytest.mark.parametrize("way", ["idle", "hide", "again", "done"])
@pytest.mark.parametrize("at", [At.WHY, At.TELL, At.THANKS])
def test_whoever_walks_away_has_said_what_the_face_says(way: str, at: At) -> None:
    kiosk = at_exit()
    kiosk.tap(a.Rate(5))
    if at is not At.WHY:
        kiosk.tap(a.Choose(FeedbackReason.STAFF))
        type_in(kiosk, "half a sen")
    if at is At.THANKS:
        kiosk.tap(a.SendWithout())
    if way == "idle":
        kiosk.wait(200)
    else:
        ways: dict[str, e.Action] = {"hide": e.HideNow(), "again": e.StartAgain(), "done": e.Done()}
        kiosk.tap(ways[way])
    assert kiosk.model.visitor == STRANGER
    reason = None if at is At.WHY else FeedbackReason.STAFF
    assert told(kiosk.effects) == [a.TellRating(5, reason, Language.EN)]


def test_a_face_touched_by_mistake_is_taken_back_and_another_counts_instead() -> None:
    kiosk = at_exit()
    kiosk.tap(a.Rate(1))
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.START
    assert told(kiosk.effects) == []
    kiosk.tap(a.Rate(5))
    kiosk.tap(a.Choose(None))
    kiosk.tap(e.GoBack())
    assert rating(kiosk).at is At.WHY
    kiosk.tap(a.Choose(None))
    kiosk.tap(a.SendWithout())
    kiosk.wait(60)
    assert told(kiosk.effects) == [a.TellRating(5, None, Language.EN)]


def test_who_took_a_face_back_and_left_has_said_nothing() -> None:
    kiosk = at_exit()
    kiosk.tap(a.Rate(1))
    kiosk.tap(e.GoBack())
    kiosk.wait(300)
    assert told(kiosk.effects) == []
    assert kiosk.model.visitor == STRANGER


def test_where_nothing_can_be_sealed_nobody_is_asked_to_write() -> None:
    kiosk = at_exit(keys=())
    kiosk.tap(a.Rate(4))
    kiosk.tap(a.Choose(FeedbackReason.PLACE))
    assert rating(kiosk).at is At.THANKS
    assert told(kiosk.effects) == [a.TellRating(4, FeedbackReason.PLACE, Language.EN)]


def test_no_ticket_can_be_had_there_by_any_way() -> None:
    kiosk = at_exit()
    for action in (
        e.ChooseNeed("money"),
        e.ChooseService("tax"),
        e.TalkInPrivate(),
        e.ChooseLanguage(Language.UR),
    ):
        kiosk.tap(action)
        kiosk.tap(e.CloseHelp())
    kiosk.send(e.Scanned("https://foyer.example/t/abc", kiosk.model.steady))
    assert not any(isinstance(each, TakeTicket) for each in kiosk.effects)
    assert kiosk.model.screen is Screen.START
    assert kiosk.model.visitor.help_asked, "whoever wants to talk in private gets a person"


def test_an_ordinary_kiosk_asks_nobody() -> None:
    kiosk = open_kiosk(york_house())
    kiosk.tap(a.Rate(5))
    assert kiosk.model.screen is Screen.START
    assert told(kiosk.effects) == []


def test_it_asks_on_for_an_hour_after_closing_and_then_rests() -> None:
    kiosk = at_exit()
    kiosk.wait(3600, 60)
    closed = exit_rows(open=False, closes_at=None, opens_at=kiosk.now + 2 * 86_400_000)
    kiosk.send(e.FeedChanged(closed))
    kiosk.wait(1800, 60)
    shown = [kiosk.model.screen]
    assert told(kiosk.tap(a.Rate(4)) + kiosk.wait(100)) != []
    kiosk.wait(1800, 60)
    assert [*shown, kiosk.model.screen] == [Screen.START, Screen.CLOSED]


def test_that_it_has_no_paper_is_nobodys_concern() -> None:
    assert open_kiosk(york_house(), printer=PrinterState.NONE).model.banner is not None
    assert open_kiosk(exit_rows(), printer=PrinterState.NONE).model.banner is None


def test_no_more_is_typed_than_the_server_takes() -> None:
    kiosk = at_exit()
    kiosk.tap(a.Rate(1))
    kiosk.tap(a.Choose(None))
    type_in(kiosk, "x" * (MOST_TYPED + 5))
    assert len(rating(kiosk).typed) == MOST_TYPED


def test_a_touch_that_makes_no_sense_where_it_was_made_does_nothing() -> None:
    kiosk = at_exit()
    for action in (a.Send(), a.SendWithout(), a.Type("x"), a.Delete(), a.Choose(None), a.Rate(0), a.Rate(6)):
        kiosk.tap(action)
    assert kiosk.model.screen is Screen.START
    assert told(kiosk.effects) == []


@pytest.mark.parametrize("ends", ["sends", "leaves"])
def test_a_kiosk_taken_from_the_exit_lets_whoever_is_answering_finish(ends: str) -> None:
    kiosk = at_exit()
    kiosk.tap(a.Rate(2))
    kiosk.tap(a.Choose(FeedbackReason.STAFF))
    type_in(kiosk, "so")
    rows = exit_rows()
    rows["device:k1"].pop("exit")
    kiosk.send(e.FeedChanged(rows))
    assert kiosk.model.screen is Screen.RATE, "nobody's words are taken from under their finger"
    assert rating(kiosk).typed == "so"
    kiosk.tap(a.Send() if ends == "sends" else e.StartAgain())
    kiosk.wait(THANKS_SECONDS + 1)
    assert [(each.score, each.comment) for each in told(kiosk.effects)] == [
        (2, "so" if ends == "sends" else "")
    ]
    assert (kiosk.model.screen, kiosk.model.visitor) == (Screen.START, STRANGER)
    kiosk.tap(a.Rate(5))
    assert kiosk.model.visitor == STRANGER, "it asks nobody any more"


def test_a_child_who_drums_on_the_faces_is_one_answer() -> None:
    """Forty touches where the faces are, within a minute: what stands there after the first is another page."""
    kiosk = at_exit()
    for touch in range(40):
        kiosk.tap(a.Rate(1 + touch % 5), after=1.4)
    kiosk.wait(600)
    assert [each.score for each in told(kiosk.effects)] == [1]
