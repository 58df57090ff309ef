"""A printer out of paper, open, jammed, unplugged, mute, late, lying or talking nonsense: never fine, never
for long."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from PIL import Image

from hardware.devices import (
    Confirmed,
    CoverOpen,
    Low,
    Missing,
    Out,
    Paper,
    Ready,
    Refused,
    Silent,
    Unknown,
)
from hardware.printers.network import NetworkLink
from hardware.printers.receipt import ReceiptPrinter
from hardware.printers.standin import StandIn

Draw = Callable[..., Image.Image]
LIMIT_SECONDS = 3.5


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def after(act: Callable[[], object], ready: Callable[[], object]) -> threading.Thread:
    """Pull a lever as soon as the printer has come so far."""

    def run() -> None:
        ready()
        act()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


# How it is --------------------------------------------------------------------------------------------------


def test_status_tells_each_state(standin: StandIn, printer: ReceiptPrinter) -> None:
    levers = standin.levers
    assert printer.status() == Ready()
    levers.set_paper("low")
    assert printer.status() == Low()
    levers.set_paper("out")
    assert printer.status() == Out()
    levers.set_cover(is_open=True)
    assert printer.status() == CoverOpen(), "an open cover lets the roll's sensor see no paper, too"
    levers.set_cover(is_open=False)
    levers.set_paper("full")
    levers.set_jammed(jammed=True)
    status = printer.status()
    assert isinstance(status, Silent)
    assert status.stopped
    levers.set_jammed(jammed=False)
    assert printer.status() == Ready()


def test_unplugged_is_missing_and_comes_back(standin: StandIn, printer: ReceiptPrinter) -> None:
    assert printer.status() == Ready()
    standin.levers.set_plugged(plugged=False)
    with within(LIMIT_SECONDS):
        assert isinstance(printer.status(), Missing)
    standin.levers.set_plugged(plugged=True)
    assert printer.status() == Ready()


def test_replugged_between_two_questions_is_not_noticed(standin: StandIn, printer: ReceiptPrinter) -> None:
    assert printer.status() == Ready()
    standin.levers.set_plugged(plugged=False)
    standin.levers.set_plugged(plugged=True)
    assert printer.status() == Ready()


@pytest.mark.parametrize("manner", ["mute", "late", "garbage"])
def test_no_answer_and_nonsense_are_silent(
    standin: StandIn,
    printer: ReceiptPrinter,
    hasty: ReceiptPrinter,
    manner: Literal["mute", "late", "garbage"],
) -> None:
    standin.levers.set_manner(manner)
    if manner == "mute":
        printer = hasty
    with within(LIMIT_SECONDS):
        status = printer.status()
    assert isinstance(status, Silent)
    assert not status.stopped
    assert status.why


def test_a_late_answer_is_not_taken_for_the_next_ones(standin: StandIn) -> None:
    """The answer "online" of before looks, to the bit, like "plenty of paper" now."""
    printer = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576), time_out=1.6)
    standin.levers.late_seconds = 1.7
    standin.levers.set_manner("late")
    assert isinstance(printer.status(), Silent)
    standin.levers.set_manner("honest")
    standin.levers.set_paper("low")
    with within(0.7):
        assert printer.status() == Low(), "a new connection is owed nothing, so nothing is waited for"
    printer.close()


def test_a_port_that_takes_all_and_says_nothing_is_silent() -> None:
    """A half-open connection, or some other device at the printer's address."""
    server = socket.create_server(("127.0.0.1", 0))
    printer = ReceiptPrinter(NetworkLink("127.0.0.1", server.getsockname()[1]), Paper(576), time_out=0.8)
    with within(1.3):
        assert isinstance(printer.status(), Silent)
    server.close()
    printer.close()


# What became of the ticket ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["out", "cover", "jam", "unplugged"])
def test_a_printer_that_cannot_print_refuses_and_prints_nothing(
    standin: StandIn, printer: ReceiptPrinter, picture: Draw, fault: str
) -> None:
    levers = standin.levers
    match fault:
        case "out":
            levers.set_paper("out")
        case "cover":
            levers.set_cover(is_open=True)
        case "jam":
            levers.set_jammed(jammed=True)
        case "unplugged":
            levers.set_plugged(plugged=False)
    with within(LIMIT_SECONDS):
        outcome = printer.print(picture(), "K07")
    assert isinstance(outcome, Refused)
    assert outcome.status.word == {"cover": "cover_open", "jam": "silent", "unplugged": "missing"}.get(
        fault, fault
    )
    levers.set_paper("full")
    levers.set_cover(is_open=False)
    levers.set_jammed(jammed=False)
    levers.set_plugged(plugged=True)
    assert printer.print(picture(seed=2), "K08") == Confirmed(Ready())
    (paper,) = standin.papers()
    assert paper.tobytes() == picture(seed=2).tobytes(), "nothing of the refused ticket is on the paper"


def test_paper_out_in_mid_ticket_is_unknown_and_told_at_once(
    standin: StandIn, printer: ReceiptPrinter, picture: Draw
) -> None:
    drawn = picture(height=900)
    standin.levers.run_out_after(400)
    with within(2.0):
        outcome = printer.print(drawn, "K07")
    assert outcome == Unknown("the paper ran out in the middle of the ticket", Out())
    uncut = standin.levers.uncut()
    assert uncut is not None
    assert uncut.tobytes() == drawn.crop((0, 0, 576, 400)).tobytes()
    assert printer.print(picture(), "K08") == Refused(Out())
    standin.levers.set_paper("full")
    assert standin.levers.wait_for_cuts(1, 2)
    assert standin.papers()[0].tobytes() == drawn.tobytes(), "the rest comes out of the buffer"
    assert printer.print(picture(), "K08") == Confirmed(Ready())


def test_cover_opened_in_mid_ticket_is_unknown(picture: Draw) -> None:
    standin = StandIn(576, rows_per_second=400).start()
    printer = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576))
    puller = after(
        lambda: standin.levers.set_cover(is_open=True), lambda: standin.levers.wait_for_rows(100, 2)
    )
    with within(LIMIT_SECONDS):
        outcome = printer.print(picture(height=900), "K07")
    puller.join()
    assert outcome == Unknown("the cover was opened in the middle of the ticket", CoverOpen())
    printer.close()
    standin.stop()


def test_printer_pulled_in_mid_ticket_is_unknown(picture: Draw) -> None:
    standin = StandIn(576, rows_per_second=400).start()
    printer = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576))
    puller = after(
        lambda: standin.levers.set_plugged(plugged=False), lambda: standin.levers.wait_for_rows(100, 2)
    )
    with within(LIMIT_SECONDS):
        outcome = printer.print(picture(height=900), "K07")
    puller.join()
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.status, Missing)
    uncut = standin.levers.uncut()
    assert uncut is not None
    assert 100 <= uncut.height < 900
    printer.close()
    standin.stop()


@pytest.mark.parametrize("manner", ["mute", "late"])
def test_silent_printer_prints_and_is_not_believed(
    standin: StandIn,
    printer: ReceiptPrinter,
    hasty: ReceiptPrinter,
    picture: Draw,
    manner: Literal["mute", "late"],
) -> None:
    standin.levers.set_manner(manner)
    if manner == "mute":
        printer = hasty
    drawn = picture(height=900)
    with within(LIMIT_SECONDS):
        outcome = printer.print(drawn, "K07")
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.status, Silent)
    assert standin.levers.wait_for_cuts(1, 2)
    assert standin.papers()[0].tobytes() == drawn.tobytes(), "printed once, whole"


def test_nonsense_is_unknown_at_once(standin: StandIn, printer: ReceiptPrinter, picture: Draw) -> None:
    standin.levers.set_manner("garbage")
    with within(1.0):
        outcome = printer.print(picture(), "K07")
    assert isinstance(outcome, Unknown)
    assert outcome.status == Silent("the printer answers with nonsense")


def test_a_late_confirmation_does_not_confirm_the_next_ticket(
    standin: StandIn, hasty: ReceiptPrinter, picture: Draw
) -> None:
    standin.levers.late_seconds = 0.9
    standin.levers.set_manner("late")
    assert isinstance(hasty.print(picture(), "K07"), Unknown)
    assert standin.levers.wait_for_cuts(1, 2)
    standin.levers.set_manner("honest")
    standin.levers.run_out_after(50)
    assert isinstance(hasty.print(picture(seed=2), "K08"), Unknown)


def test_always_fine_is_believed_only_as_far_as_it_says(
    standin: StandIn, printer: ReceiptPrinter, picture: Draw
) -> None:
    """Nothing can unmask a printer that lies about everything in time; with `process_id` it cannot even
    try."""
    standin.levers.set_manner("always_fine")
    standin.levers.set_paper("out")
    assert printer.status() == Ready()
    certain = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576), confirm="process_id", time_out=0.8)
    with within(1.3):
        outcome = certain.print(picture(), "K07")
    assert isinstance(outcome, Unknown)
    certain.close()


def test_a_printer_that_stops_reading_does_not_hold_the_caller(picture: Draw) -> None:
    """Its buffer is full and it takes no more: as many do when the paper is out."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    server.bind(("127.0.0.1", 0))
    server.listen(1)
    printer = ReceiptPrinter(NetworkLink("127.0.0.1", server.getsockname()[1]), Paper(576), time_out=0.8)
    with within(1.6):
        outcome = printer.print(picture(height=60_000), "K07")
    assert isinstance(outcome, Unknown)
    assert outcome.why == "the printer takes no more in the middle of the ticket"
    server.close()
    printer.close()


def test_close_is_harmless_when_repeated_and_opens_again(printer: ReceiptPrinter) -> None:
    printer.close()
    assert printer.status() == Ready()
    printer.close()
    printer.close()
    assert printer.status() == Ready()
