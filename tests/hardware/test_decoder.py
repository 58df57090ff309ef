"""The stand-in reads like a printer: any bytes, in any pieces, without falling over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hardware.printers import commands
from hardware.printers.decoder import AskDone, AskSensor, Cut, Decoder, Feed, Row, Step, Stray

PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\x1b", b"\x1d", b"\x1dv0\x00", b"\x10\x04\x01", b"\x1d(H\x06\x00", b"\x1dVB\x00", b"\x1d(L"]),
    st.builds(lambda w, h, data: b"\x1dv0\x00" + bytes([w, 0, h, 0]) + data, st.integers(0, 3), st.integers(0, 3), st.binary(max_size=9)),
)  # fmt: skip


def steps_of(*pieces: bytes) -> list[Step]:
    decoder = Decoder()
    found: list[Step] = []
    for piece in pieces:
        decoder.feed(piece)
        found += decoder.steps()
    return found


def joined(steps: list[Step]) -> list[Step]:
    """Neighbouring strays are one: how they were cut up is no matter."""
    merged: list[Step] = []
    for step in steps:
        if merged and isinstance(step, Stray) and isinstance(merged[-1], Stray):
            merged[-1] = Stray(merged[-1].data + step.data)
        else:
            merged.append(step)
    return merged


def test_a_ticket_is_rows_and_a_cut() -> None:
    picture = Image.new("1", (16, 500), 0)
    steps = steps_of(commands.ticket(picture, cutter=True) + commands.ASK_SENSOR_IN_TURN)
    assert steps == [Row(b"\xff\xff")] * 500 + [Feed(0), Cut(), AskSensor(1)]


def test_each_command() -> None:
    assert steps_of(b"\x1b@\x1da\x00\x1bp\x00\x19\xfa\x10\x04\x01") == []
    assert steps_of(commands.ask_done(b"0042")) == [AskDone(b"0042")]
    assert steps_of(b"\x1bd\x02\x1bJ\x07\n") == [Feed(60), Feed(7), Feed(30)]
    assert steps_of(b"\x1dV\x00\x1dV\x41\x10") == [Cut(), Feed(16), Cut()]
    assert steps_of(b"\x1b\x01AB") == [Stray(b"\x1b\x01"), Stray(b"A"), Stray(b"B")]


def test_stored_graphics_are_printed_when_told() -> None:
    body = b"0p0\x01\x011" + (9).to_bytes(2, "little") + (2).to_bytes(2, "little") + b"\x01\x02\x03\x04"
    store = b"\x1d(L" + len(body).to_bytes(2, "little") + body
    assert steps_of(store) == []
    assert steps_of(store + b"\x1d(L\x02\x0002") == [Row(b"\x01\x02"), Row(b"\x03\x04")]


def test_rows_come_out_as_they_arrive() -> None:
    decoder = Decoder()
    decoder.feed(b"\x1dv0\x00\x02\x00\x03\x00ab" + b"c")
    assert list(decoder.steps()) == [Row(b"ab")]
    decoder.feed(b"de")
    assert list(decoder.steps()) == [Row(b"cd")]


@given(st.lists(PIECES, max_size=8), st.data())
def test_any_bytes_in_any_pieces_mean_the_same(pieces: list[bytes], draw: st.DataObject) -> None:
    whole = b"".join(pieces)
    cut, at = [], 0
    while at < len(whole):
        size = draw.draw(st.integers(1, 7))
        cut.append(whole[at : at + size])
        at += size
    assert joined(steps_of(*cut)) == joined(steps_of(whole))
