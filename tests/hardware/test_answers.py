"""Only an answer that can be one is taken for one, whatever else comes, however it is cut up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hardware.devices import CoverOpen, Low, Out, Paper, Ready, Silent
from hardware.printers.answers import Answers, Kind
from hardware.printers.receipt import ReceiptPrinter


def sorted_out(data: bytes) -> tuple[list[tuple[Kind, bytes]], int]:
    answers = Answers()
    answers.feed(data)
    found = []
    for kind in Kind:
        while (answer := answers.pop(kind)) is not None:
            found.append((kind, answer))
    return found, answers.garbage


def test_each_kind_is_known() -> None:
    assert sorted_out(b"\x12") == ([(Kind.REAL_TIME, b"\x12")], 0)
    assert sorted_out(b"\x7e") == ([(Kind.REAL_TIME, b"\x7e")], 0)
    assert sorted_out(b"\x00\x0f") == ([(Kind.SENSOR, b"\x00"), (Kind.SENSOR, b"\x0f")], 0)
    assert sorted_out(b'7"0042\x00') == ([(Kind.DONE, b"0042")], 0)


def test_unasked_reports_and_flow_control_are_passed_over() -> None:
    assert sorted_out(b"\x14\x00\x00\x0f\x13\x12\x11") == ([(Kind.REAL_TIME, b"\x12")], 0)


def test_what_cannot_be_an_answer_is_garbage() -> None:
    for byte in b"\xff\x80\x93\x01\x04 A":
        assert sorted_out(bytes([byte])) == ([], 1), hex(byte)
    assert sorted_out(b"7x")[1] >= 1
    assert sorted_out(b'7"0042x')[1] >= 1


@given(st.binary(max_size=64), st.data())
def test_cutting_the_stream_up_changes_nothing(data: bytes, draw: st.DataObject) -> None:
    answers, at = Answers(), 0
    while at < len(data):
        size = draw.draw(st.integers(1, 5))
        answers.feed(data[at : at + size])
        at += size
    found = []
    for kind in Kind:
        while (answer := answers.pop(kind)) is not None:
            found.append((kind, answer))
    assert (found, answers.garbage) == sorted_out(data)


class Parrot:
    """A link whose other end answers each question with the next of the given bytes."""

    forgets = False
    bytes_per_second = None
    is_open = True

    def __init__(self, said: list[bytes]) -> None:
        self._said = said
        self._waiting = b""

    def open(self, seconds: float) -> None: ...

    def close(self) -> None: ...

    def write(self, data: bytes, seconds: float) -> None:
        self._waiting += self._said.pop(0) if self._said else b""

    def read(self, seconds: float) -> bytes:
        data, self._waiting = self._waiting, b""
        return data


class Ticks:
    """A clock on which each look takes a tenth of a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.1
        return self.now


def status_after(*said: bytes) -> object:
    return ReceiptPrinter(Parrot(list(said)), Paper(576), clock=Ticks()).status()


def test_status_words() -> None:
    assert status_after(b"\x12", b"\x12") == Ready()
    assert status_after(b"\x12", b"\x1e") == Low()
    assert status_after(b"\x12", b"\x7e") == Out()
    assert status_after(b"\x16", b"\x12") == Ready(), "an open drawer is no fault of the printer"
    assert status_after(b"\x1a", b"\x72", b"\x16") == CoverOpen(), "its sensor sees no paper, too"
    assert status_after(b"\x1a", b"\x12", b"\x32") == Out()


def test_offline_without_a_reason_has_stopped_all_the_same() -> None:
    """Clones that answer only DLE EOT 1 and 4."""
    assert status_after(b"\x1a", b"\x7e", b"") == Out()
    status = status_after(b"\x1a", b"\x12", b"")
    assert isinstance(status, Silent)
    assert status.stopped


def test_what_came_before_the_question_is_no_answer_to_it() -> None:
    link = Parrot([b"", b""])
    link._waiting = b"\x12\x12\x12"
    assert isinstance(ReceiptPrinter(link, Paper(576), clock=Ticks()).status(), Silent)


@given(st.lists(st.binary(max_size=6), max_size=6))
def test_ready_is_said_only_after_two_answers_that_say_so(said: list[bytes]) -> None:
    status = status_after(*said)
    if isinstance(status, Ready | Low):
        online, paper = said[0], said[1]
        assert not any(b & 0x93 == 0x12 and b & 0x08 for b in online[:1])
        assert any(b & 0x93 == 0x12 and not b & 0x60 for b in paper)
    if not any(byte & 0x93 == 0x12 for each in said for byte in each):
        assert isinstance(status, Silent)
