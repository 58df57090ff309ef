"""The same driver over a serial line and over USB, where a late answer cannot be shaken off by opening
anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from hardware.devices import Confirmed, Low, Missing, Out, Paper, Ready, Refused, Silent, Unknown
from hardware.printers.mechanism import Mechanism
from hardware.printers.receipt import ReceiptPrinter
from hardware.printers.serial import SerialLink
from hardware.printers.usb import UsbLink
from tests.hardware.wires import SerialWire, UsbWire

Draw = Callable[..., Image.Image]
PAPER = Paper(384)


@pytest.fixture
def mechanism() -> Iterator[Mechanism]:
    each = Mechanism(384, late_seconds=0.7)
    yield each
    each.stop()


@pytest.fixture
def serial_wire(mechanism: Mechanism) -> Iterator[SerialWire]:
    wire = SerialWire(mechanism)
    yield wire
    wire.cut()


@pytest.fixture
def serial(serial_wire: SerialWire) -> Iterator[ReceiptPrinter]:
    printer = ReceiptPrinter(SerialLink(serial_wire.device), PAPER, time_out=0.6)
    yield printer
    printer.close()


@pytest.fixture
def bus(mechanism: Mechanism) -> UsbWire:
    return UsbWire(mechanism)


@pytest.fixture
def by_usb(bus: UsbWire) -> Iterator[ReceiptPrinter]:
    printer = ReceiptPrinter(UsbLink(0x04B8, 0x0202, backend=bus), PAPER, time_out=0.6)
    yield printer
    printer.close()


@pytest.fixture(params=["serial", "by_usb"])
def printer(request: pytest.FixtureRequest) -> ReceiptPrinter:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, ReceiptPrinter)
    return found


def test_paper_is_the_picture(printer: ReceiptPrinter, mechanism: Mechanism, picture: Draw) -> None:
    drawn = picture(384, 950)
    assert printer.print(drawn, "a") == Confirmed(Ready())
    assert printer.print(drawn, "b") == Confirmed(Ready())
    assert [paper.tobytes() for paper in mechanism.papers()] == [drawn.tobytes()] * 2
    assert mechanism.stray == b""


def test_status_tells_each_state(printer: ReceiptPrinter, mechanism: Mechanism) -> None:
    assert printer.status() == Ready()
    mechanism.set_paper("low")
    assert printer.status() == Low()
    mechanism.set_paper("out")
    assert printer.status() == Out()
    mechanism.set_manner("mute")
    assert isinstance(printer.status(), Silent)


def test_late_answers_are_let_pass_before_one_counts(printer: ReceiptPrinter, mechanism: Mechanism) -> None:
    """0x12 was "online" a moment ago and would now read as "plenty of paper"."""
    mechanism.set_manner("late")
    assert isinstance(printer.status(), Silent)
    mechanism.set_manner("honest")
    mechanism.set_paper("low")
    deadline = time.monotonic() + 5
    while (status := printer.status()) != Low():
        assert isinstance(status, Silent), "unknown until it is sure, and never fine"
        assert time.monotonic() < deadline


def test_late_confirmation_does_not_confirm_the_next_ticket(
    printer: ReceiptPrinter, mechanism: Mechanism, picture: Draw
) -> None:
    mechanism.late_seconds = 1.0 if isinstance(printer._link, UsbLink) else 3.0
    mechanism.set_manner("late")
    assert isinstance(printer.print(picture(384), "K07"), Unknown)
    mechanism.set_manner("honest")
    mechanism.run_out_after(10)
    assert isinstance(printer.print(picture(384), "K08"), Unknown)


def test_serial_that_is_not_there_is_missing() -> None:
    printer = ReceiptPrinter(SerialLink("/dev/ttyFOYER9"), PAPER)
    assert printer.status() == Missing("there is no serial line /dev/ttyFOYER9")
    printer.close()


def test_serial_adapter_pulled_is_missing(
    serial: ReceiptPrinter, serial_wire: SerialWire, picture: Draw
) -> None:
    assert serial.status() == Ready()
    serial_wire.cut()
    assert isinstance(serial.status(), Missing)
    assert isinstance(serial.print(picture(384), "K07"), Refused)


def test_slow_serial_line_is_given_the_time_its_bytes_need(mechanism: Mechanism, picture: Draw) -> None:
    mechanism._rows_per_second = 500.0
    wire = SerialWire(mechanism)
    printer = ReceiptPrinter(SerialLink(wire.device, 38_400), PAPER, time_out=0.6)
    begun = time.monotonic()
    assert printer.print(picture(384, 600), "a") == Confirmed(Ready())
    assert time.monotonic() - begun > 1.0, "it printed for longer than the time-out, and was waited for"
    printer.close()
    wire.cut()


def test_usb_endpoints_are_read_from_the_device(mechanism: Mechanism, picture: Draw) -> None:
    for out, back in ((0x01, 0x82), (0x02, 0x81)):
        link = UsbLink(0x04B8, 0x0202, backend=UsbWire(mechanism, out=out, back=back))
        printer = ReceiptPrinter(link, PAPER)
        assert printer.print(picture(384, 24), "a") == Confirmed(Ready())
        printer.close()


def test_usb_of_another_make_or_number_is_missing(bus: UsbWire) -> None:
    assert ReceiptPrinter(UsbLink(0x04B8, 0x0202, "A1", backend=bus), PAPER).status() == Ready()
    for link in (UsbLink(0x0519, 1, backend=bus), UsbLink(0x04B8, 0x0202, "B2", backend=bus)):
        assert isinstance(ReceiptPrinter(link, PAPER).status(), Missing)


def test_usb_unplugged_and_back(by_usb: ReceiptPrinter, mechanism: Mechanism, picture: Draw) -> None:
    assert by_usb.status() == Ready()
    mechanism.set_plugged(plugged=False)
    assert isinstance(by_usb.status(), Missing)
    assert isinstance(by_usb.print(picture(384), "a"), Refused)
    mechanism.set_plugged(plugged=True)
    assert by_usb.print(picture(384), "b") == Confirmed(Ready())


def test_usb_that_takes_no_more_is_unknown_in_time(
    by_usb: ReceiptPrinter, bus: UsbWire, picture: Draw
) -> None:
    assert by_usb.status() == Ready()
    bus.stalled = True
    begun = time.monotonic()
    outcome = by_usb.print(picture(384), "a")
    assert time.monotonic() - begun < 1.3
    assert isinstance(outcome, Refused | Unknown)


@pytest.mark.parametrize("address", ["", "04b8", "04b8:020", "lp0", "04b8:0202:"])
def test_usb_address_that_cannot_be_one(address: str) -> None:
    with pytest.raises(ValueError, match="usb address"):
        UsbLink.at(address)


@pytest.mark.parametrize(
    "address", ["", "ttyUSB0", "/dev/ttyUSB0@", "/dev/ttyUSB0@99", "/dev/ttyUSB0@9600,cts"]
)
def test_serial_address_that_cannot_be_one(address: str) -> None:
    with pytest.raises(ValueError, match="serial address"):
        SerialLink.at(address)


def test_addresses_are_read() -> None:
    serial = SerialLink.at("/dev/ttyUSB0@19200,rts")
    assert (serial.device, serial.baud, serial.flow) == ("/dev/ttyUSB0", 19200, "rts")
    usb = UsbLink.at("04B8:0e15:J4KF")
    assert (usb.vendor, usb.product, usb.number) == (0x04B8, 0x0E15, "J4KF")
