"""Somebody fills in a form at a kiosk: page by page, with slips, back and forth, and to the receipt."""

from __future__ import annotations

from typing import Any

from forms.form import Place
from kiosk.flow import events as e
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.shown import Address, FoundAddress
from kiosk.flow.model import Screen, Visitor
from tests.kiosk.flow.filling.begun import MOVE, Filler, form_row, with_forms
from tests.kiosk.flow.walking import york_house
from wire.vocabulary import HandedIn, Language, PaperState, PrinterState, UseEnd

ANSWERS = {
    "name": {"first": "Asha", "last": "Patel"},
    "moved_on": "2026-11-12",
    "old": {"lines": ["3 York Street", "Leicester"], "postcode": "LE1 6RN", "uprn": "2465000001"},
    "rents": False,
    "phone": "+447700900123",
    "signed": "signature-1.png",
    "true": True,
}


def test_a_form_is_filled_in_and_sent_once() -> None:
    filler = Filler().begin(Language.GU).to("check")
    assert not filler.told(a.Keep)
    filler.do(a.Send(), a.Send())
    keeps = filler.told(a.Keep)
    assert len(keeps) == 1
    keep = keeps[0]
    assert keep.kind is HandedIn.FORM
    assert keep.begun.answers == ANSWERS
    assert (keep.begun.slug, keep.begun.version, keep.begun.language) == (MOVE.slug, 3, Language.GU)
    assert keep.begun.strokes == {"signature-1.png": (((0.1, 0.2), (0.5, 0.6)),)}
    assert keep.phone == "+447700900123"
    assert filler.at == "sending"
    filler.kept()
    assert filler.at == "sent"
    assert filler.filling.receipt is not None
    assert filler.filling.receipt.reference == "BCDFGHJW"
    assert filler.effect(a.PrintReceipt).receipt.paper is PaperState.SENT
    filler.kiosk.send(e.Received("p" * 32))
    assert filler.filling.receipt.received
    filler.do(e.Done())
    use = filler.effect(a.TellUse)
    assert (use.ended, use.step, use.slug, use.packet) == (UseEnd.DONE, "sent", MOVE.slug, "p" * 32)
    assert filler.told(a.Wipe)
    assert filler.model.visitor == Visitor()


def test_the_tile_shows_only_where_forms_can_be_sent() -> None:
    def tiles(rows: dict[str, Any]) -> list[str]:
        filler = Filler(rows)
        filler.do(e.ChooseLanguage(Language.EN))
        return [tile.id for tile in filler.model.choices]

    assert "_form" in tiles(with_forms())
    assert "_form" not in tiles(york_house())
    assert "_form" not in tiles({k: v for k, v in with_forms().items() if k != "hand_in"})
    assert "_form" not in tiles(york_house() | {"form:x": form_row(version=0)})


def test_an_answer_that_is_not_right_is_said_at_its_question_and_stays() -> None:
    filler = Filler().begin().to("moved_on")
    filler.say("31022026")
    assert filler.at == "moved_on"
    wrong = filler.filling.wrong
    assert wrong is not None
    assert filler.filling.typed == {"day": "31", "month": "02", "year": "2026"}
    filler.do(a.Into("day"), a.Delete(), a.Delete())
    assert filler.filling.wrong is None
    filler.type("12")
    filler.do(a.GoOn())
    assert filler.at == "old"


def test_fields_of_a_date_are_left_by_themselves_and_entered_again_by_delete() -> None:
    filler = Filler().begin().to("moved_on")
    filler.type("9")
    assert filler.filling.part == "month"
    filler.type("1")
    assert filler.filling.part == "month"
    filler.type("2")
    assert filler.filling.part == "year"
    filler.type("20267")
    assert filler.filling.value("year") == "2026"
    filler.do(*[a.Delete()] * 5)
    assert filler.filling.part == "month"
    assert filler.filling.value("month") == "12"


def test_back_loses_nothing_that_was_typed() -> None:
    filler = Filler().begin()
    filler.say("Asha")
    filler.type("Pat")
    filler.back()
    assert filler.at == "start"
    filler.do(a.StartForm())
    assert filler.filling.typed == {"first": "Asha", "last": "Pat"}
    filler.do(a.GoOn())
    filler.to("rents")
    filler.back()
    assert filler.at == "old"
    assert filler.filling.typed["line_1"] == "3 York Street"
    filler.back()  # from the address to its postcode
    filler.back()
    assert filler.at == "moved_on"
    assert filler.filling.typed == {"day": "12", "month": "11", "year": "2026"}


def test_from_the_start_page_and_the_list_one_comes_back_to_what_was_typed() -> None:
    filler = Filler().begin().to("moved_on")
    filler.back()
    filler.back()
    filler.back()
    assert filler.at == "list"
    filler.do(a.ChooseForm(MOVE.slug))
    assert filler.at == "start"
    filler.do(a.StartForm())
    assert filler.filling.typed == {"first": "Asha", "last": "Patel"}
    for _ in range(3):
        filler.back()
    assert filler.model.screen is Screen.NEEDS
    assert filler.model.visitor.filling is None


def test_an_answer_is_changed_from_the_check_and_leads_back_there() -> None:
    filler = Filler().begin().to("check")
    filler.do(a.Change(Place("name")))
    filler.do(a.Into("last"), *[a.Delete()] * 5)
    filler.say("Shah")
    assert filler.at == "check"
    assert filler.filling.answers["name"] == {"first": "Asha", "last": "Shah"}
    filler.do(a.Change(Place("rents")), a.Choose("yes"))
    assert filler.at == "rent", "what the change has brought up is asked"
    filler.say("512.50")
    assert filler.at == "check"
    assert filler.filling.answers["rent"] == 51250
    filler.do(a.Change(Place("rents")), a.Choose("no"), a.Send())
    assert "rent" not in filler.effect(a.Keep).begun.answers


def test_back_from_a_change_leads_to_the_check_and_changes_nothing() -> None:
    filler = Filler().begin().to("check")
    filler.do(a.Change(Place("name")), a.Into("last"), a.Delete())
    filler.back()
    assert filler.at == "check"
    assert filler.filling.answers["name"] == {"first": "Asha", "last": "Patel"}


def test_choosing_none_of_these_puts_the_others_out() -> None:
    filler = Filler().begin().to("pets")
    filler.do(a.Choose("cat"), a.Choose("dog"))
    assert filler.filling.chosen == ("cat", "dog")
    filler.do(a.Choose("none"))
    assert filler.filling.chosen == ("none",)
    filler.do(a.Choose("dog"), a.Choose("elephant"))
    assert filler.filling.chosen == ("dog",)
    filler.do(a.GoOn())
    assert filler.filling.answers["pets"] == ["dog"]


def test_people_are_added_and_taken_away() -> None:
    filler = Filler().begin().to("people")
    filler.do(a.AddOne())
    assert filler.at == "called"
    filler.say("Ravi")
    filler.say("10")
    assert filler.at == "people"
    filler.do(a.AddOne())
    filler.say("Mina")
    filler.do(a.Skip())
    filler.do(a.RemoveOne(0))
    assert filler.filling.answers["people"] == [{"called": "Mina", "pays": None}]
    filler.do(a.AddOne(), e.GoBack())
    assert filler.at == "pays", "back from a new one is to the end of the one before"
    filler.do(a.Skip())
    filler.say("Tom")
    filler.do(a.Skip(), a.AddOne())
    filler.say("Ana")
    filler.do(a.Skip(), a.AddOne())
    assert filler.at == "people"
    assert len(filler.filling.answers["people"]) == 3, "no more than the form takes"


def test_one_that_was_added_and_left_empty_is_asked_for_before_sending() -> None:
    filler = Filler().begin().to("check")
    filler.do(a.Change(Place("people")), a.AddOne(), e.GoBack())
    assert filler.at == "check"
    filler.do(a.Send())
    assert filler.at == "called"
    assert filler.filling.wrong is not None
    assert not filler.told(a.Keep)


def test_a_page_that_ends_the_way_lets_nobody_send() -> None:
    filler = Filler().begin().to("rents")
    filler.do(a.Choose("yes"))
    filler.say("9000")
    filler.to("rich")
    filler.do(a.GoOn(), a.Send())
    assert filler.at == "rich"
    filler.back()
    assert filler.at == "pets"


# Addresses ----------------------------------------------------------------------------------------------------


def test_an_address_is_looked_up_by_its_postcode_or_typed() -> None:
    filler = Filler().begin().to("old")
    assert filler.filling.address is Address.POSTCODE
    filler.say("le16rn")
    assert filler.effect(a.LookForAddresses).postcode == "le16rn"
    found = tuple(FoundAddress((f"{number} York Street", "Leicester"), "LE1 6RN") for number in range(3))
    filler.kiosk.send(a.AddressesFound(filler.filling.session, filler.filling.working, found))
    assert filler.filling.address is Address.LIST
    filler.do(a.TypeAddress())
    assert filler.filling.address is Address.TYPING
    filler.type("Flat 4")
    filler.do(a.Into("line_3"))
    filler.type("Leicester")
    filler.do(a.GoOn())
    assert filler.filling.answers["old"] == {"lines": ["Flat 4", "Leicester"], "postcode": "LE1 6RN"}


def test_nobody_waits_for_addresses_and_without_a_line_they_are_typed_at_once() -> None:
    filler = Filler().begin().to("old")
    filler.say("le16rn")
    late = filler.filling.working
    filler.kiosk.wait(9)
    assert filler.filling.address is Address.TYPING
    assert filler.filling.value("postcode") == "le16rn"
    filler.kiosk.send(a.AddressesFound(filler.filling.session, late, (FoundAddress(("x",), "LE1 6RN"),)))
    assert filler.filling.address is Address.TYPING
    other = Filler()
    other.kiosk.send(e.LinkChanged(up=False))
    other.begin().to("old")
    assert other.filling.address is Address.TYPING


def test_a_house_with_many_lines_keeps_all_of_them() -> None:
    filler = Filler().begin().to("old")
    filler.say("le1 6rn")
    found = (FoundAddress(("Flat 4", "The Mill", "3 York Street", "Leicester"), "LE1 6RN", "12"),)
    filler.kiosk.send(a.AddressesFound(filler.filling.session, filler.filling.working, found))
    filler.do(a.PickAddress(0))
    assert filler.filling.answers["old"]["lines"] == ["Flat 4, The Mill", "3 York Street", "Leicester"]


def test_a_picked_address_that_is_changed_is_no_longer_the_picked_one() -> None:
    filler = Filler().begin().to("check")
    filler.do(a.Change(Place("old")))
    filler.type("a")
    filler.do(a.GoOn())
    assert filler.filling.answers["old"] == {"lines": ["3 York Streeta", "Leicester"], "postcode": "LE1 6RN"}


# Sending ------------------------------------------------------------------------------------------------------


def test_what_cannot_be_kept_is_said_and_everything_is_still_there() -> None:
    filler = Filler().begin().to("check")
    filler.do(a.Send())
    keep = filler.effect(a.Keep)
    filler.kiosk.send(a.NotKept(keep.session, keep.order, "disk"))
    assert (filler.at, filler.filling.failed) == ("failed", "disk")
    filler.do(a.Send())
    assert filler.effect(a.Keep).begun.answers == ANSWERS
    filler.kept()
    assert filler.at == "sent"


def test_a_disk_that_answers_late_is_believed() -> None:
    filler = Filler().begin().to("check")
    filler.do(a.Send())
    filler.kiosk.wait(26)
    assert filler.at == "failed"
    filler.kept()
    assert filler.at == "sent"


def test_nothing_typed_stays_in_memory_beside_the_receipt() -> None:
    filler = Filler().begin().to("check")
    filler.do(a.Send())
    filler.kept()
    assert not filler.filling.drafts
    assert not filler.filling.strokes
    assert "signature" not in repr(filler.filling.strokes)


def test_without_paper_the_reference_is_on_the_screen_only() -> None:
    filler = Filler()
    filler.kiosk.send(e.PrinterChanged(PrinterState.OUT))
    filler.begin().to("check")
    filler.do(a.Send())
    filler.kept()
    assert not filler.told(a.PrintReceipt)
    assert filler.filling.receipt is not None
    assert filler.filling.receipt.paper is PaperState.NOT_PRINTED


def test_a_receipt_is_printed_again_a_few_times_only() -> None:
    filler = Filler().begin().to("check")
    filler.do(a.Send())
    filler.kept()
    for _ in range(4):
        filler.kiosk.send(a.ReceiptPrinted(filler.filling.session, PaperState.UNKNOWN))
        filler.do(a.PrintAgain())
    assert [each.receipt.copies for each in filler.told(a.PrintReceipt)] == [0, 1, 2]
