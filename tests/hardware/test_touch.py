"""Fingers from the kernel's events: as panels of both kinds send them, turned, lost, unplugged and plugged again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hardware.touch import (
    ABS,
    DROPPED,
    EVENT,
    KEY,
    MT_SLOT,
    MT_TRACK,
    MT_X,
    MT_Y,
    REPORT,
    SYN,
    TOUCHED,
    Decoder,
    Moved,
    TouchPanel,
    X,
    Y,
    find,
)

SPAN = (0, 1000, 0, 500)
Event = tuple[int, int, int]
SYNC: Event = (SYN, REPORT, 0)


def finger(track: int, x: int, y: int, slot: int = 0) -> list[Event]:
    return [(ABS, MT_SLOT, slot), (ABS, MT_TRACK, track), (ABS, MT_X, x), (ABS, MT_Y, y), SYNC]


def told(decoder: Decoder, events: list[Event]) -> list[Moved]:
    return [moved for event in events for moved in decoder.take(*event)]


def test_two_fingers_come_move_and_go_each_for_itself() -> None:
    decoder = Decoder(SPAN)
    assert told(decoder, finger(7, 250, 125)) == [Moved(0, "down", 0.25, 0.25)]
    assert told(decoder, finger(8, 1000, 500, slot=1)) == [Moved(1, "down", 1.0, 1.0)]
    assert told(decoder, [(ABS, MT_X, 500), SYNC]) == [Moved(1, "move", 0.5, 1.0)]
    assert told(decoder, [SYNC]) == []
    assert told(decoder, [(ABS, MT_SLOT, 0), (ABS, MT_TRACK, -1), SYNC]) == [Moved(0, "up", 0.25, 0.25)]


def test_what_a_panel_says_besides_for_old_programs_is_no_second_tap() -> None:
    events = [*finger(7, 250, 125)[:-1], (KEY, TOUCHED, 1), (ABS, X, 250), (ABS, Y, 125), SYNC]
    assert len(told(Decoder(SPAN), events)) == 1
    single = Decoder(SPAN, several=False)
    assert told(single, [(KEY, TOUCHED, 1), (ABS, X, 250), (ABS, Y, 125), SYNC]) == [
        Moved(0, "down", 0.25, 0.25)
    ]
    assert told(single, [(KEY, TOUCHED, 0), SYNC]) == [Moved(0, "up", 0.25, 0.25)]


@pytest.mark.parametrize(
    ("turn", "place"), [(0, (0.2, 0.1)), (90, (0.9, 0.2)), (180, (0.8, 0.9)), (270, (0.1, 0.8))]
)
def test_a_layer_mounted_otherwise_is_turned_onto_the_picture(turn: int, place: tuple[float, float]) -> None:
    (down,) = told(Decoder(SPAN, turn), finger(1, 200, 50))
    assert (down.x, down.y) == pytest.approx(place)


def test_edges_told_the_other_way_round_mirror_and_nothing_leaves_the_glass() -> None:
    (down,) = told(Decoder((1000, 0, 0, 500)), finger(1, 1200, -3))
    assert (down.x, down.y) == (0.0, 0.0)


def test_events_that_were_lost_lift_every_finger() -> None:
    decoder = Decoder(SPAN)
    told(decoder, finger(7, 10, 10))
    assert [moved.what for moved in told(decoder, [(SYN, DROPPED, 0), SYNC])] == ["up"]
    assert [moved.what for moved in told(decoder, finger(9, 10, 10))] == ["down"]


def test_the_rest_of_a_report_whose_beginning_was_lost_is_no_tap() -> None:
    """Half of a place is another place: the kernel says to pass over what comes before the report's end."""
    decoder = Decoder(SPAN)
    assert told(decoder, [(SYN, DROPPED, 0), (ABS, MT_TRACK, 7), (ABS, MT_X, 60), SYNC]) == []
    assert [each.what for each in told(decoder, finger(8, 60, 40))] == ["down"]


@pytest.mark.parametrize("lifted", [[(ABS, MT_TRACK, -1)], []])
def test_a_finger_that_is_gone_and_another_within_one_report_are_two(lifted: list[Event]) -> None:
    decoder = Decoder(SPAN)
    told(decoder, finger(7, 250, 125))
    both = told(decoder, [*lifted, *finger(8, 1000, 500)])
    assert both == [Moved(0, "up", 0.25, 0.25), Moved(0, "down", 1.0, 1.0)]
    assert told(decoder, [(ABS, MT_TRACK, -1), SYNC]) == [Moved(0, "up", 1.0, 1.0)]
    short = told(decoder, [*finger(9, 10, 10)[:-1], (ABS, MT_TRACK, -1), SYNC])
    assert short == [], "shorter than a report: nobody meant that"


def test_a_panel_that_was_unplugged_lifts_its_fingers_and_comes_back(tmp_path: Path) -> None:
    now = [0.0]
    panel = TouchPanel(tmp_path / "panel", span=SPAN, steady=lambda: now[0])
    assert panel.read() == []
    os.mkfifo(tmp_path / "panel")
    cable = os.open(tmp_path / "panel", os.O_RDWR)
    assert panel.read() == [], "not looked for again at once"
    for at in (2.0, 9.0):
        now[0] = at
        assert panel.read() == []
        assert panel.fileno() is not None
        data = b"".join(EVENT.pack(0, 0, *event) for event in finger(7, 250, 125))
        os.write(cable, data[:30])
        assert panel.read() == []
        os.write(cable, data[30:])
        assert panel.read() == [Moved(0, "down", 0.25, 0.25)]
        os.close(cable)
        assert panel.read() == [Moved(0, "up", 0.25, 0.25)]
        assert not panel.there
        cable = os.open(tmp_path / "panel", os.O_RDWR)
    os.close(cable)
    panel.close()


def test_the_panel_among_keyboards_pads_and_mice_is_found(tmp_path: Path) -> None:
    told = (
        'N: Name="A keyboard"\nH: Handlers=sysrq kbd event0\nB: PROP=0\n\n'
        'N: Name="A pad"\nH: Handlers=mouse0 event1\nB: PROP=5\n\n'
        'N: Name="A panel"\nH: Handlers=mouse1 event2\nB: PROP=2\n\n'
    )
    (tmp_path / "devices").write_text(told)
    assert find(tmp_path / "devices", tmp_path) == tmp_path / "event2"
    (tmp_path / "devices").write_text(told.replace("PROP=2", "PROP=0"))
    assert find(tmp_path / "devices", tmp_path) is None
