"""Ways out of a form, and what must not stay: a person, a phone, walking away; and what stands beside its line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms.form import Place
from kiosk.flow import events as e
from kiosk.flow.effects import CallPerson, TakeTicket
from kiosk.flow.filling import acts as a
from kiosk.flow.model import Screen, Visitor
from tests.kiosk.flow.filling.begun import MOVE, Filler, form_row, with_forms
from tests.kiosk.flow.walking import DAY, york_house
from wire.vocabulary import HandedIn, Language, PartState, UseEnd

# A person, a phone --------------------------------------------------------------------------------------------


def test_i_need_a_person_gives_a_ticket_and_the_answers_go_with_it() -> None:
    filler = Filler().begin().to("moved_on")
    filler.type("3")
    filler.do(a.WantPerson())
    assert filler.at == "person"
    assert not filler.told(TakeTicket)
    filler.do(a.TicketInstead())
    assert filler.effect(TakeTicket).service == "tax"
    keep = filler.effect(a.Keep)
    assert keep.kind is HandedIn.BEGUN
    assert keep.ticket == "t1"
    assert keep.begun.answers == {"name": {"first": "Asha", "last": "Patel"}}
    assert keep.begun.typed == {"moved_on": {"day": "3", "month": "", "year": ""}}
    assert filler.model.screen is Screen.TICKET
    assert filler.effect(a.TellUse).ended is UseEnd.PERSON


def test_a_person_that_is_not_wanted_after_all_leads_back() -> None:
    filler = Filler().begin().to("moved_on")
    filler.type("3")
    filler.do(a.WantPerson(), e.GoBack())
    assert filler.at == "moved_on"
    assert filler.filling.value("day") == "3"


def test_where_no_ticket_can_be_had_somebody_comes() -> None:
    rows = with_forms() | {f"form:{MOVE.slug}": form_row(service="")}
    filler = Filler(rows).begin()
    filler.do(a.WantPerson())
    assert filler.told(CallPerson)
    assert filler.model.visitor.help_shown


def test_it_goes_on_on_a_phone_with_all_that_was_typed_and_is_wiped_here() -> None:
    filler = Filler().begin().to("moved_on")
    filler.type("31")
    filler.do(a.CarryOn())
    carry = filler.effect(a.Carry)
    assert carry.begun.typed == {"moved_on": {"day": "31", "month": "", "year": ""}}
    assert carry.begun.at == "moved_on"
    assert carry.public_url == "https://foyer.example/"
    filler.kiosk.send(a.CarriedOver(carry.session, carry.order, "https://foyer.example/carry-on/s3cret"))
    assert filler.filling.carried.url.endswith("s3cret")
    filler.kiosk.send(a.CarriedOpened(carry.session))
    assert filler.model.visitor == Visitor()
    assert filler.model.screen is Screen.START
    assert filler.effect(a.TellUse).ended is UseEnd.PHONE


def test_a_phone_that_cannot_have_it_leaves_everything_here() -> None:
    filler = Filler().begin().to("moved_on")
    filler.do(a.CarryOn())
    filler.kiosk.wait(9)
    assert filler.filling.carried.failed
    filler.back()
    assert filler.at == "moved_on"
    assert filler.filling.answers["name"]["last"] == "Patel"
    filler.kiosk.send(e.LinkChanged(up=False))
    filler.do(a.CarryOn())
    assert filler.at == "moved_on"


def test_a_form_begun_on_a_phone_goes_on_here() -> None:
    filler = Filler()
    filler.kiosk.send(e.Scanned("https://foyer.example/carry-on/abc", filler.kiosk.at))
    fetch = filler.effect(a.FetchCarried)
    assert fetch.secret == "abc"
    back = a.BroughtBack(
        fetch.session, fetch.order, MOVE, 2, {"name": {"first": "Asha", "last": "Patel"}},
        {"moved_on": {"day": "1", "month": "", "year": ""}, "people.0.gone": "x"}, "moved_on",
    )  # fmt: skip
    filler.kiosk.send(back)
    assert filler.at == "moved_on"
    assert filler.filling.value("day") == "1"
    assert filler.filling.version == 2
    stranger = Filler()
    stranger.kiosk.send(e.Scanned("https://evil.example/carry-on/abc", stranger.kiosk.at))
    assert not stranger.told(a.FetchCarried)


# Leaving ------------------------------------------------------------------------------------------------------


def test_whoever_walks_away_leaves_nothing() -> None:
    for stop in ("name", "moved_on", "signed", "check"):
        filler = Filler().begin().to(stop)
        filler.kiosk.wait(200)
        assert filler.model.visitor == Visitor()
        assert "Patel" not in repr(filler.model)
        assert filler.effect(a.TellUse).ended is UseEnd.LEFT
        assert filler.told(a.Wipe)


def test_hide_takes_everything_at_once() -> None:
    filler = Filler().begin().to("check")
    filler.do(e.HideNow())
    assert filler.model.visitor == Visitor()
    assert filler.effect(a.TellUse).ended is UseEnd.CANCELLED


def test_a_form_stays_as_it_was_begun_whatever_the_feed_says() -> None:
    filler = Filler().begin().to("moved_on")
    filler.kiosk.send(e.FeedChanged(with_forms() | {f"form:{MOVE.slug}": form_row(version=4)}))
    filler.kiosk.send(e.FeedChanged(york_house()))
    filler.to("check")
    filler.do(a.Send())
    assert filler.effect(a.Keep).begun.version == 3


def test_closing_time_takes_a_begun_form_from_nobody() -> None:
    filler = Filler().begin().to("moved_on")
    filler.kiosk.send(e.FeedChanged(with_forms(open=False)))
    assert filler.at == "moved_on"
    empty = Filler()
    empty.do(e.ChooseLanguage(Language.EN), e.ChooseNeed("_form"))
    empty.kiosk.send(e.FeedChanged(with_forms(open=False)))
    assert empty.model.screen is Screen.CLOSED


def test_an_answer_for_somebody_else_is_not_taken() -> None:
    filler = Filler().begin().to("check")
    filler.do(a.Send())
    keep = filler.effect(a.Keep)
    filler.kiosk.wait(200)
    filler.begin()
    filler.kiosk.send(a.Kept(keep.session, keep.order, "p" * 32, "BCDFGHJW", 0))
    assert filler.at == "name"
    assert filler.filling.session != keep.session


def test_a_form_whose_text_is_not_there_says_so() -> None:
    filler = Filler()
    filler.do(e.ChooseLanguage(Language.EN), e.ChooseNeed("_form"), a.ChooseForm(MOVE.slug))
    filler.kiosk.send(a.Opened(filler.filling.session, filler.filling.working, None))
    assert filler.at == "not_opened"
    filler.do(a.WantPerson())
    assert filler.at == "person"


# Beside the line ----------------------------------------------------------------------------------------------


def test_reading_aloud_ends_with_the_page() -> None:
    filler = Filler().begin()
    filler.do(a.ReadAloud())
    assert not filler.told(a.Speak), "nobody can speak English here"
    filler.kiosk.send(a.CanSpeak(frozenset({Language.EN})))
    filler.do(a.ReadAloud())
    assert filler.filling.speaking
    filler.name()
    assert not filler.filling.speaking
    assert filler.told(a.Hush)


def test_a_photograph_needs_a_plate_and_its_name_comes_with_it() -> None:
    filler = Filler().begin().to("proof")
    filler.do(a.TakePhoto())
    assert not filler.told(a.Photograph)
    model = replace(filler.model, station=replace(filler.model.station, state=PartState.READY))
    filler.kiosk.model = model
    filler.do(a.TakePhoto())
    photo = filler.effect(a.Photograph)
    filler.kiosk.send(a.PhotoTaken(photo.session, photo.order, photo.name))
    assert filler.filling.chosen == ("photo-1.jpg",)
    filler.do(a.DropPhoto("photo-1.jpg"))
    assert filler.filling.chosen == ()


def test_a_signature_can_be_made_again() -> None:
    filler = Filler().begin().to("signed")
    filler.do(a.GoOn())
    assert filler.filling.wrong is not None
    filler.do(a.Sign(((0.0, 0.0), (1.0, 1.0))), a.SignAgain(), a.Sign(((0.5, 0.5), (0.6, 0.6))), a.GoOn())
    assert filler.at == "true"
    assert [len(each) for each in filler.filling.strokes.values()] == [1]


def test_a_likely_address_is_offered_not_put_in() -> None:
    filler = Filler().begin().to("email")
    filler.say("asha@gmial.con")
    assert filler.at == "email"
    assert filler.filling.meant == "asha@gmail.com"
    assert filler.filling.typed == "asha@gmial.con"
    filler.do(a.TakeMeant(), a.GoOn())
    assert filler.filling.answers["email"] == "asha@gmail.com"
    filler.do(a.Skip())
    filler.to("check")
    filler.do(a.Change(Place("email")))
    filler.do(*[a.Delete()] * 20)
    filler.say("asha@gmial.com")
    filler.do(a.GoOn())
    assert filler.filling.answers["email"] == "asha@gmial.com", "whoever insists is believed"


@pytest.mark.parametrize("days", [1, 400])
def test_the_day_is_the_centres(days: int) -> None:
    filler = Filler()
    filler.kiosk.now += days * DAY
    filler.kiosk.send(e.Tick(filler.kiosk.at, filler.kiosk.now))
    filler.kiosk.send(e.FeedChanged(with_forms()))
    filler.begin().to("check")
    filler.do(a.Send())
    assert filler.told(a.Keep)
