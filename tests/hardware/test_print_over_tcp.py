"""What comes out of the stand-in is what was drawn, dot by dot, and confirmed only when it is out."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import redirect_stdout

import pytest
from escpos.printer import Dummy
from PIL import Image

from hardware.devices import Confirmed, Low, Out, Paper, Ready, Refused, Unknown
from hardware.printers import commands
from hardware.printers.network import NetworkLink
from hardware.printers.receipt import ReceiptPrinter
from hardware.printers.standin import StandIn

Draw = Callable[..., Image.Image]


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.mode == other.mode and one.size == other.size and one.tobytes() == other.tobytes()


@pytest.mark.parametrize("width", [384, 512, 576])
@pytest.mark.parametrize("height", [1, 239, 240, 241, 910, 1700])
def test_paper_is_the_picture(width: int, height: int, picture: Draw) -> None:
    standin = StandIn(width).start()
    printer = ReceiptPrinter(NetworkLink.at(standin.address), Paper(width))
    drawn = picture(width, height)
    assert printer.print(drawn, "a") == Confirmed(Ready())
    printer.close()
    standin.stop()
    (paper,) = standin.papers()
    assert same(paper, drawn)
    assert standin.levers.stray == b""


def test_bytes_are_those_of_python_escpos(picture: Draw) -> None:
    theirs = Dummy()
    drawn = picture(height=commands.STRIP_ROWS)
    with redirect_stdout(io.StringIO()):
        theirs.image(drawn.convert("L"), impl="bitImageRaster")
    assert commands.raster(drawn) == theirs.output


def test_white_is_white_however_the_picture_was_made(standin: StandIn, printer: ReceiptPrinter) -> None:
    """Pillow keeps white as 1 or as 255 in memory, by how the picture came to be."""
    drawn = Image.new("1", (576, 24), 1)
    drawn.paste(0, (0, 0, 8, 24))
    assert printer.print(drawn, "a") == Confirmed(Ready())
    assert standin.papers()[0].tobytes() == (b"\x00" + b"\xff" * 71) * 24


def test_several_tickets_are_several_papers(standin: StandIn, printer: ReceiptPrinter, picture: Draw) -> None:
    drawn = [picture(seed=seed) for seed in range(5)]
    assert [printer.print(each, "a") for each in drawn] == [Confirmed(Ready())] * 5
    assert all(same(paper, each) for paper, each in zip(standin.papers(), drawn, strict=True))


def test_picture_full_of_real_time_questions_is_printed_as_it_is(
    standin: StandIn, printer: ReceiptPrinter
) -> None:
    """DLE EOT in the dots is answered by real printers in the midst of the ticket; nobody may fall for it."""
    ink = b"\x10\x04\x01\x10\x04\x04\x10\x04\x02" * 8
    drawn = Image.frombytes("1", (576, 200), bytes(255 - byte for byte in ink) * 200)
    standin.levers.set_paper("low")
    assert printer.print(drawn, "a") == Confirmed(Low())
    assert same(standin.papers()[0], drawn)
    assert printer.status() == Low()


def test_confirmed_by_process_id(standin: StandIn, picture: Draw) -> None:
    printer = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576), confirm="process_id")
    assert [printer.print(picture(), "a") for _ in range(3)] == [Confirmed(Ready())] * 3
    assert len(standin.papers()) == 3
    printer.close()


def test_set_up_as_unable_to_tell_is_unknown_at_once(standin: StandIn, picture: Draw) -> None:
    printer = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576), confirm="never")
    outcome = printer.print(picture(), "a")
    assert isinstance(outcome, Unknown)
    assert standin.levers.wait_for_cuts(1, 2)
    printer.close()


def test_without_cutter_it_feeds_to_the_edge(standin: StandIn, picture: Draw) -> None:
    printer = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576), cutter=False)
    assert printer.print(picture(height=100), "a") == Confirmed(Ready())
    uncut = standin.levers.uncut()
    assert uncut is not None
    assert uncut.height == 100 + 5 * 30
    assert standin.papers() == []
    printer.close()


@pytest.mark.parametrize(("mode", "width"), [("L", 576), ("1", 568), ("1", 584)])
def test_picture_that_does_not_fit_is_the_callers_fault(
    printer: ReceiptPrinter, standin: StandIn, mode: str, width: int
) -> None:
    with pytest.raises(ValueError, match="1-bit picture 576"):
        printer.print(Image.new(mode, (width, 10)), "K07")
    assert standin.levers.bytes_received == 0


def test_confirmation_waits_for_the_head(picture: Draw) -> None:
    """The socket has taken all long before the paper is out; only the paper counts."""
    standin = StandIn(576, rows_per_second=600).start()
    printer = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576))
    begun = time.monotonic()
    assert printer.print(picture(height=480), "a") == Confirmed(Ready())
    assert time.monotonic() - begun > 0.6
    assert len(standin.papers()) == 1
    printer.close()
    standin.stop()


def test_last_ticket_of_the_roll_is_confirmed_and_the_next_refused(
    standin: StandIn, printer: ReceiptPrinter, picture: Draw
) -> None:
    standin.levers.set_paper("low")
    assert printer.print(picture(), "a") == Confirmed(Low())
    standin.levers.set_paper("out")
    assert printer.print(picture(), "b") == Refused(Out())
    assert len(standin.papers()) == 1
    assert standin.levers.uncut() is None
