"""What the house notices by itself, and what it must not say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from server.domain import concerns
from server.domain.concerns import MINUTE, Apart, Concern, Missed, Print, Seen, notice
from wire.body import Subject
from wire.vocabulary import AttentionKind, DeviceKind, PrinterState

NOW = 1_000_000 * MINUTE
SUBJECT = re.compile(Subject.__metadata__[0].pattern)


@dataclass(frozen=True)
class Device:
    id: int = 3
    kind: str = DeviceKind.KIOSK
    name: str = "The kiosk"
    health: dict[str, Any] = field(default_factory=dict)
    heard_at: int = NOW


@dataclass(frozen=True)
class Ticket:
    id: str = "a" * 32
    code: str = "K07"
    service: int = 1
    service_name: str = "Council tax"
    target_minutes: int = 20
    arrived_at: int = NOW
    discreet: bool = False
    private: bool = False
    device: int | None = 3
    device_name: str = "The kiosk"


def of(health: dict[str, Any], **more: Any) -> list[Concern]:
    return notice(Seen(devices=[Device(health=health, **more)]), NOW)


def waiting(*tickets: Ticket, target: int = 20) -> list[Concern]:
    return notice(Seen(waiting=tickets, discreet_target=target), NOW)


def late(minutes: int, letter: str = "a", **more: Any) -> Ticket:
    return Ticket(id=letter * 32, code=f"K{ord(letter)}", arrived_at=NOW - minutes * MINUTE, **more)


def test_one_person_is_not_told_of_twice() -> None:
    both = waiting(late(30, private=True, discreet=True), late(30, "b"))
    assert [each.kind for each in both].count(AttentionKind.LONG_WAIT) == 2
    told = concerns.once_a_person(both)
    assert [(each.kind, each.ticket) for each in told] == [
        (AttentionKind.PRIVATE, "a" * 32),
        (AttentionKind.LONG_WAIT, "b" * 32),
    ]
    seen_to = [each for each in both if each.kind is not AttentionKind.PRIVATE]
    assert concerns.once_a_person(seen_to) == seen_to, "whoever still waits when they were gone to is told of"


def test_a_quiet_house_has_no_concerns() -> None:
    assert notice(Seen(devices=[Device(health={"printer": "ready"})], waiting=[Ticket()]), NOW) == []


@pytest.mark.parametrize(
    ("health", "kind", "says"),
    [
        ({"printer": "low"}, AttentionKind.PAPER, "The kiosk: Paper is low."),
        ({"printer": "out"}, AttentionKind.PAPER, "The kiosk: No paper."),
        ({"printer": "cover_open"}, AttentionKind.PAPER, "The kiosk: The printer's cover is open."),
        ({"printer": "missing"}, AttentionKind.PAPER, "The kiosk: The printer is not connected."),
        (
            {"out_of_order": "The disk is full."},
            AttentionKind.OUT_OF_ORDER,
            "Out of order: The disk is full.",
        ),
        ({"sound": False}, AttentionKind.OUT_OF_ORDER, "Its sound is off"),
        ({"clock_off_ms": 5 * 60_000}, AttentionKind.OUT_OF_ORDER, "Its clock is 5 minutes fast"),
        ({"clock_off_ms": -3 * 3_600_000}, AttentionKind.OUT_OF_ORDER, "Its clock is 3 hours slow"),
        ({"clock_off_ms": 9 * 366 * 86_400_000}, AttentionKind.OUT_OF_ORDER, "Its clock is 3294 days fast"),
    ],
)
def test_what_is_wrong_with_a_device_is_said(health: dict[str, Any], kind: AttentionKind, says: str) -> None:
    (concern,) = of(health)
    assert concern.kind is kind
    assert says in concern.say
    assert concern.device == 3
    assert SUBJECT.match(concern.subject)


def test_a_clock_two_minutes_wrong_is_let_be() -> None:
    assert of({"clock_off_ms": 120_000}) == []
    assert len(of({"clock_off_ms": 120_001})) == 1


def test_paper_that_is_low_and_then_out_are_two_concerns() -> None:
    assert of({"printer": "low"})[0].subject != of({"printer": "out"})[0].subject


def test_a_device_not_heard_is_silent_and_nothing_else() -> None:
    (concern,) = of({"printer": "out"}, heard_at=NOW - 3 * MINUTE - 1)
    assert concern.kind is AttentionKind.SILENT
    assert concern.since_at == NOW - 1
    assert of({}, heard_at=NOW - 3 * MINUTE) == []
    assert of({}, heard_at=0, kind=DeviceKind.DOOR_COUNTER) == []


def test_every_printer_state_is_judged_for_printing_and_told() -> None:
    cannot = {state for state in PrinterState if concerns.cannot_print({"printer": state.value})}
    assert cannot == {PrinterState.OUT, PrinterState.COVER_OPEN, PrinterState.MISSING, PrinterState.NONE}
    assert concerns.cannot_print({}) == ""


def test_a_wait_over_the_target_is_told_and_again_at_twice() -> None:
    assert waiting(late(20)) == []
    (once,) = waiting(late(21))
    (twice,) = waiting(late(41))
    assert once.kind is twice.kind is AttentionKind.LONG_WAIT
    assert once.subject != twice.subject
    assert "more than 20 minutes for Council tax" in once.say
    assert "more than 40 minutes for Council tax" in twice.say
    assert once.since_at == NOW
    assert waiting(late(40))[0].subject == once.subject
    assert SUBJECT.match(twice.subject)


def test_the_sentence_of_a_wait_stays_while_only_time_passes() -> None:
    assert waiting(late(21))[0].say == waiting(late(39))[0].say


def test_a_long_discreet_wait_names_no_service_and_no_target_of_its_own() -> None:
    (concern,) = waiting(late(31, discreet=True, service_name="Housing", target_minutes=5), target=30)
    assert "Housing" not in concern.say
    assert "more than 30 minutes." in concern.say
    crowd = [late(31, letter, discreet=True, service_name="Housing") for letter in "abcdef"]
    assert not [each for each in waiting(*crowd) if "Housing" in each.say or "service" in each.subject]


def test_many_who_wait_too_long_for_one_service_are_one_concern() -> None:
    assert len(waiting(*(late(21, letter) for letter in "abc"))) == 3
    (concern,) = waiting(*(late(21 + place, letter) for place, letter in enumerate("abcd")))
    assert "4 people have waited more than 20 minutes for Council tax, K100 the longest" in concern.say
    assert SUBJECT.match(concern.subject)
    two_services = [late(21, letter, service=place % 2) for place, letter in enumerate("abcdef")]
    assert len(waiting(*two_services)) == 6


def test_who_asked_for_a_private_talk_at_a_kiosk_is_gone_to() -> None:
    (concern,) = waiting(Ticket(private=True, discreet=True))
    assert concern.kind is AttentionKind.PRIVATE
    assert concern.say == "K07 asked to talk in private and waits near The kiosk. Go to them."
    assert waiting(Ticket(private=True, discreet=True, device=None, device_name="")) == []


def test_a_no_show_is_looked_for_ten_minutes_long() -> None:
    def told(minutes: int) -> list[Concern]:
        return notice(Seen(missed=[Missed("a" * 32, "K07", NOW - minutes * MINUTE)]), NOW)

    assert [each.kind for each in told(9)] == [AttentionKind.NO_SHOW]
    assert told(10) == []


def job(paper: str, *, minutes: int = 1, at: int = 0, name: str = "j") -> Print:
    return Print(name, "a" * 32, "K07", 3, "The kiosk", NOW + at, NOW - minutes * MINUTE, paper)


@pytest.mark.parametrize("paper", ["", "not_printed", "unknown"])
def test_a_paper_that_did_not_come_is_told(paper: str) -> None:
    (concern,) = notice(Seen(prints=[job(paper)]), NOW)
    assert concern.kind is AttentionKind.PAPER
    assert "K07 may not have come out at The kiosk" in concern.say


def test_a_paper_that_came_or_is_on_its_way_again_is_no_concern() -> None:
    assert notice(Seen(prints=[job("confirmed")]), NOW) == []
    assert notice(Seen(prints=[job("", minutes=15)]), NOW) == []
    assert notice(Seen(prints=[job(""), job("", at=1, name="k")._replace(done_at=None)]), NOW) == []
    assert notice(Seen(prints=[job("confirmed"), job("unknown", at=1, name="k")]), NOW) != []


def apart(visit: str, code: str, reference: str = "HG-12", at: int = 0) -> Apart:
    return Apart(visit * 32, visit * 32, code, reference, NOW + at)


def test_visits_of_one_case_that_meet_are_told_with_their_codes_and_the_reference() -> None:
    assert notice(Seen(apart=[apart("a", "K07"), apart("b", "K08", "OTHER")]), NOW) == []
    (concern,) = notice(Seen(apart=[apart("b", "G01", at=1), apart("a", "K07")]), NOW)
    assert concern.say.startswith("K07 and G01 must not meet (HG-12)")
    assert SUBJECT.match(concern.subject)


def test_a_visit_with_two_tickets_does_not_meet_itself() -> None:
    twice = [apart("a", "K07"), apart("a", "K07")._replace(ticket="c" * 32)]
    assert notice(Seen(apart=twice), NOW) == []


def test_one_more_of_the_case_is_another_concern_whenever_they_came() -> None:
    """Done was said of two; the third, who came before them but was recognised later, must not keep quiet."""
    two = notice(Seen(apart=[apart("b", "K08"), apart("c", "K09", at=1)]), NOW)
    three = notice(Seen(apart=[apart("a", "K07", at=-9), apart("b", "K08"), apart("c", "K09", at=1)]), NOW)
    assert two[0].subject != three[0].subject
    assert three[0].say.startswith("K07, K08 and K09 must not meet")


def test_people_in_danger_come_first_and_the_oldest_first_among_equals() -> None:
    seen = Seen(
        devices=[Device(health={"printer": "out"}), Device(id=4, heard_at=0)],
        waiting=[late(30, "b"), late(35, "a"), Ticket(private=True, id="f" * 32)],
        missed=[Missed("d" * 32, "K01", NOW)],
        apart=[apart("a", "K07"), apart("b", "K08")],
    )
    kinds = [each.kind for each in notice(seen, NOW)]
    assert kinds == [
        AttentionKind.APART,
        AttentionKind.PRIVATE,
        AttentionKind.NO_SHOW,
        AttentionKind.PAPER,
        AttentionKind.SILENT,
        AttentionKind.LONG_WAIT,
        AttentionKind.LONG_WAIT,
    ]
    assert notice(seen, NOW)[-1].code == "K98"
    assert set(concerns.URGENCY) == set(AttentionKind)


def test_done_keeps_quiet_for_a_quarter_of_an_hour_or_until_it_came_back() -> None:
    for kind in AttentionKind:
        assert concerns.still_quiet(kind, NOW, NOW + 15 * MINUTE - 1, gone=False)
        assert not concerns.still_quiet(kind, NOW, NOW + 1, gone=True)
        later = concerns.still_quiet(kind, NOW, NOW + 15 * MINUTE, gone=False)
        assert later is (kind in (AttentionKind.PRIVATE, AttentionKind.ANSWER_DUE))


def test_one_sentence_tells_the_worst_of_a_device() -> None:
    assert (
        concerns.trouble_of({"out_of_order": "Broken.", "printer": "out"}, NOW, NOW)
        == "Out of order: Broken."
    )
    assert concerns.trouble_of({"printer": "out"}, NOW - 4 * MINUTE, NOW) == concerns.NOT_HEARD
    assert "See the requests" in concerns.trouble_of({"set_aside": 2}, NOW, NOW)
    assert concerns.trouble_of({"printer": "ready"}, NOW, NOW) == ""


def test_a_camera_that_sees_nothing_is_told_and_a_scanner_that_has_read_nothing_is_not() -> None:
    well = {"printer": "ready", "camera": "ready", "scanner": "silent"}
    assert of(well) == []
    assert concerns.trouble_of(well, NOW, NOW) == ""
    for part, state, words in (
        ("camera", "missing", "Its camera cannot be found"),
        ("camera", "dark", "Its camera sees nothing"),
        ("camera", "silent", "Its camera gives no picture"),
        ("scanner", "missing", "Its scanner cannot be found"),
        ("plate", "missing", "Its page camera cannot be found"),
        ("plate", "stopped", "Its page scanner has stopped"),
    ):
        (told,) = of(well | {part: state})
        assert SUBJECT.fullmatch(told.subject)
        assert told.say.startswith(f"The kiosk: {words}")
        assert concerns.trouble_of(well | {part: state}, NOW, NOW).startswith(words)
    assert of(well | {"packets": 3, "packets_age_ms": 3_000_000}) == [], "the line may be slow"
    (told,) = of(well | {"packets": 3, "packets_age_ms": 3 * 3_600_000})
    assert SUBJECT.fullmatch(told.subject)
    assert told.say.startswith(
        "The kiosk: Papers or forms handed in here 3 hours ago have not reached the server."
    )
    both = well | {"camera": "dark", "printer": "out"}
    assert {each.kind for each in of(both)} == {AttentionKind.PAPER, AttentionKind.OUT_OF_ORDER}
    assert concerns.trouble_of(both, NOW, NOW).startswith("No paper"), "the worst first"
