"""Looking for the right thing: what is offered, what touching it does, a page elsewhere and its four ways out, and that nothing of it stays."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.flow import events as e
from kiosk.flow.effects import CallPerson, Effect
from kiosk.flow.filling.entry import TILE as FORMS
from kiosk.flow.finding import acts as a
from kiosk.flow.finding.shown import At, Finding
from kiosk.flow.finding.steps import TILE
from kiosk.flow.model import Screen
from kiosk.flow.shown import STRANGER
from tests.kiosk.flow.walking import Kiosk, open_kiosk, york_house
from tests.kiosk.screens.form_scenes import form_rows
from wire.vocabulary import Language, UseEnd, UseKind


def portal(slug: str, name: str, *, order: int = 0, **more: Any) -> dict[str, Any]:
    row = {
        "kind": "portal",
        "id": slug,
        "names": {"en": name},
        "url": f"https://www.example.org/{slug}",
        "ready": {},
        "icon": "form",
        "order": order,
        "service": "",
        "synonyms": [],
    }
    return row | more


def online(**more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """York House with two pages elsewhere and a PC that rests beside one in use."""
    rows = york_house() | {
        "portal:vote": portal("vote", "Register to vote"),
        "portal:rent": portal("rent", "Pay your rent", order=1, service="tax", synonyms=["tenancy"]),
        "pc:7": {"kind": "pc", "id": "7", "name": "PC 1", "free": True},
        "pc:8": {"kind": "pc", "id": "8", "name": "PC 2", "free": False},
    }
    return rows | more


def looking(rows: dict[str, Any] | None = None) -> Kiosk:
    kiosk = open_kiosk(online() if rows is None else rows)
    kiosk.tap(e.ChooseLanguage(Language.EN))
    kiosk.tap(e.ChooseNeed(TILE.id))
    return kiosk


def finding(kiosk: Kiosk) -> Finding:
    found = kiosk.model.visitor.finding
    assert found is not None
    return found


def type_in(kiosk: Kiosk, text: str) -> None:
    for at, sign in enumerate(text):
        kiosk.tap(a.Type(sign), after=0.2 if at else 1.0)


def uses(effects: list[Effect]) -> list[tuple[UseKind, str, UseEnd, str]]:
    return [(each.kind, each.slug, each.ended, each.step) for each in effects if isinstance(each, a.TellUse)]


def test_without_pages_elsewhere_there_is_no_such_choice() -> None:
    kiosk = open_kiosk(york_house())
    kiosk.tap(e.ChooseLanguage(Language.EN))
    assert TILE.id not in [tile.id for tile in kiosk.model.choices]
    kiosk.tap(e.ChooseNeed(TILE.id))
    assert kiosk.model.screen is Screen.NEEDS


def test_it_is_the_first_choice_and_leads_to_everything() -> None:
    kiosk = looking()
    assert kiosk.model.screen is Screen.FIND
    assert finding(kiosk).at is At.BROWSE


def test_typing_finds_and_touching_what_was_found_takes_the_ticket() -> None:
    kiosk = looking()
    kiosk.tap(a.Search())
    type_in(kiosk, "repiars")
    assert [(each.kind, each.id) for each in finding(kiosk).found] == [("service", "repairs")]
    kiosk.tap(a.Delete())
    assert finding(kiosk).typed == "repiar"
    kiosk.tap(a.Open("service", "repairs"))
    assert kiosk.model.screen is Screen.TICKET
    assert [order.service for order in kiosk.orders] == ["repairs"]
    assert uses(kiosk.effects) == [(UseKind.SEARCH, "", UseEnd.DONE, "search")]
    assert "repiar" not in repr(kiosk.model)


def test_a_search_that_found_nothing_is_told_as_that_and_never_what_it_was() -> None:
    kiosk = looking()
    kiosk.tap(a.Search())
    type_in(kiosk, "xyzzy")
    assert finding(kiosk).found == ()
    effects = kiosk.tap(e.HideNow())
    assert uses(effects) == [(UseKind.SEARCH, "", UseEnd.FAILED, "search")]
    assert "xyzzy" not in repr(effects)
    assert kiosk.model.visitor == STRANGER


def test_who_only_looked_in_is_counted_nowhere() -> None:
    kiosk = looking()
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.NEEDS
    assert uses(kiosk.effects) == []


def test_what_is_closed_is_found_and_says_when_it_opens() -> None:
    kiosk = looking()
    kiosk.tap(a.Search())
    type_in(kiosk, "advice")
    kiosk.tap(a.Open("service", "advice"))
    assert kiosk.model.screen is Screen.FIND
    assert kiosk.model.notice is not None
    assert kiosk.model.notice.key.startswith("service.opens")
    assert kiosk.orders == []


@pytest.mark.parametrize(("act", "at", "ended"), [(a.OnPhone(), At.PHONE, UseEnd.PHONE)])
def test_a_page_elsewhere_goes_along_on_a_phone(act: a.OnPhone, at: At, ended: UseEnd) -> None:
    kiosk = looking()
    kiosk.tap(a.Open("portal", "rent"))
    kiosk.tap(act)
    assert finding(kiosk).at is at
    assert uses(kiosk.tap(e.Done())) == [(UseKind.ONLINE, "rent", ended, "phone")]


def test_it_is_sent_to_a_pc_once_and_the_visitor_told_where_to_go() -> None:
    kiosk = looking()
    kiosk.tap(a.Open("portal", "rent"))
    sent = [each for each in kiosk.tap(a.OnPc("7")) if isinstance(each, a.OpenOnPc)]
    assert [(each.pc, each.portal) for each in sent] == [("7", "rent")]
    assert [each for each in kiosk.tap(a.OnPc("7")) if isinstance(each, a.OpenOnPc)] == [], "it is under way"
    kiosk.send(a.SentToPc(sent[0].order + 1, True))
    assert finding(kiosk).at is At.PORTAL, "an answer to another order says nothing"
    kiosk.send(a.SentToPc(sent[0].order, True))
    assert (finding(kiosk).at, finding(kiosk).pc) == (At.ON_PC, "PC 1")
    assert uses(kiosk.tap(e.Done())) == [], "the PC tells it, once somebody begins there"


@pytest.mark.parametrize("answers", [True, False])
def test_a_pc_that_cannot_open_it_or_does_not_answer_leaves_the_choice(answers: bool) -> None:
    kiosk = looking()
    kiosk.tap(a.Open("portal", "rent"))
    [sent] = [each for each in kiosk.tap(a.OnPc("7")) if isinstance(each, a.OpenOnPc)]
    if answers:
        kiosk.send(a.SentToPc(sent.order, False))
    else:
        kiosk.wait(8)
    assert finding(kiosk).at is At.PORTAL
    assert finding(kiosk).working == 0
    assert kiosk.model.notice is not None
    assert kiosk.model.notice.key == "find.pc_failed"
    kiosk.send(a.SentToPc(sent.order, True))
    assert finding(kiosk).at is At.PORTAL, "too late: the visitor was told otherwise"


def test_that_did_not_work_brings_a_ticket_where_somebody_is_there_for_it() -> None:
    kiosk = looking()
    kiosk.tap(a.Open("portal", "rent"))
    kiosk.tap(a.DidNotWork())
    assert kiosk.model.screen is Screen.TICKET
    assert [order.service for order in kiosk.orders] == ["tax"]
    assert uses(kiosk.effects) == [(UseKind.ONLINE, "rent", UseEnd.DID_NOT_WORK, "portal")]


def test_that_did_not_work_brings_the_greeter_where_nobody_is() -> None:
    kiosk = looking()
    kiosk.tap(a.Open("portal", "vote"))
    assert any(isinstance(each, CallPerson) for each in kiosk.tap(a.DidNotWork()))
    assert kiosk.model.help_lines is not None
    assert uses(kiosk.tap(e.StartAgain())) == [(UseKind.ONLINE, "vote", UseEnd.DID_NOT_WORK, "portal")]


def test_back_goes_the_way_one_came_and_out_of_the_first_page() -> None:
    kiosk = looking()
    kiosk.tap(a.Search())
    type_in(kiosk, "rent")
    kiosk.tap(a.Open("portal", "rent"))
    assert finding(kiosk).at is At.PORTAL
    kiosk.tap(e.GoBack())
    assert (finding(kiosk).at, finding(kiosk).typed) == (At.SEARCH, "rent"), "nothing typed is lost"
    kiosk.tap(e.GoBack())
    assert finding(kiosk).at is At.BROWSE
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.NEEDS
    assert kiosk.model.visitor.finding is None


def test_whoever_walks_away_leaves_nothing() -> None:
    kiosk = looking()
    kiosk.tap(a.Search())
    type_in(kiosk, "my rent arrears")
    told = kiosk.wait(kiosk.model.limits.idle + kiosk.model.limits.warning + 2)
    assert kiosk.model.screen is Screen.START
    assert kiosk.model.visitor == STRANGER
    assert uses(told)[0][0] is UseKind.SEARCH
    assert "arrears" not in repr(told)


def test_a_page_that_is_taken_away_meanwhile_leads_back_to_the_choices() -> None:
    kiosk = looking()
    kiosk.tap(a.Open("portal", "vote"))
    rows = online()
    del rows["portal:vote"]
    kiosk.send(e.FeedChanged(rows))
    assert kiosk.model.screen is Screen.NEEDS


def test_a_row_with_an_address_that_is_none_is_passed_over() -> None:
    kiosk = looking(online(**{"portal:bad": portal("bad", "Bad", url="javascript:alert(1)")}))
    assert [each.id for each in kiosk.model.offer.portals] == ["vote", "rent"]


def test_what_was_found_is_looked_at_without_the_keys_and_back() -> None:
    kiosk = looking()
    kiosk.tap(a.Search())
    kiosk.tap(a.ShowFound())
    assert not finding(kiosk).reading, "nothing is typed yet"
    type_in(kiosk, "rent")
    kiosk.tap(a.ShowFound())
    assert finding(kiosk).reading
    kiosk.tap(a.Open("portal", "rent"))
    kiosk.tap(e.GoBack())
    assert finding(kiosk).reading, "back to the list one came from"
    kiosk.tap(e.GoBack())
    assert (finding(kiosk).at, finding(kiosk).reading, finding(kiosk).typed) == (At.SEARCH, False, "rent")
    kiosk.tap(a.ShowFound())
    kiosk.tap(a.ShowKeys())
    assert (finding(kiosk).at, finding(kiosk).reading) == (At.SEARCH, False)


def test_forms_have_one_door_beside_pages_elsewhere_and_their_own_without() -> None:
    forms = form_rows()

    def doors(rows: dict[str, Any]) -> set[str]:
        kiosk = open_kiosk(rows)
        kiosk.tap(e.ChooseLanguage(Language.EN))
        return {tile.id for tile in kiosk.model.choices} & {TILE.id, FORMS.id}

    assert doors(online() | forms) == {TILE.id}
    assert doors(york_house() | forms) == {FORMS.id}
    assert doors(online()) == {TILE.id}


def test_back_from_a_form_in_which_nothing_is_leads_to_the_list_it_was_chosen_from() -> None:
    kiosk = looking(online() | form_rows())
    kiosk.tap(a.Open("form", "change-of-address"))
    assert kiosk.model.screen is Screen.FORM
    kiosk.tap(e.GoBack())
    assert (kiosk.model.screen, finding(kiosk).at) == (Screen.FIND, At.BROWSE)
    assert kiosk.model.visitor.filling is None
    kiosk.tap(e.GoBack())
    assert kiosk.model.screen is Screen.NEEDS


def test_a_form_that_was_found_is_opened_and_the_search_counted() -> None:
    kiosk = looking(online() | form_rows())
    kiosk.tap(a.Search())
    type_in(kiosk, "moving")
    effects = kiosk.tap(a.Open("form", "change-of-address"))
    assert kiosk.model.screen is Screen.FORM
    assert kiosk.model.visitor.filling is not None
    assert kiosk.model.visitor.filling.slug == "change-of-address"
    assert kiosk.model.visitor.finding is None
    assert uses(effects) == [(UseKind.SEARCH, "", UseEnd.DONE, "search")]
