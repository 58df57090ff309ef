"""A printer on USB, found by vendor and product id (`lsusb` shows them), and by serial number where there are
two.

The endpoints are read from the device: python-escpos takes 0x82 and 0x01 unless told otherwise, and a good
half of the clones have others. The kernel's own printer driver is let go of by python-escpos when it opens
the device.
"""

from __future__ import annotations

import contextlib
import re
import time
from typing import Any

import usb.core
import usb.util

from hardware.printers.links import LinkError
from hardware.printers.pyescpos import EscposError, Usb

PRINTER_CLASS = 7
_PIECE = 4096
_ADDRESS = re.compile(r"^([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::(\S+))?$")


class UsbLink:
    forgets = False
    bytes_per_second: float | None = None

    def __init__(self, vendor: int, product: int, number: str | None = None, backend: Any = None) -> None:
        self.vendor, self.product, self.number = vendor, product, number
        self._backend = backend
        self._escpos: Usb | None = None
        self._device: Any = None
        self._out = self._in = 0

    @classmethod
    def at(cls, address: str) -> UsbLink:
        match = _ADDRESS.match(address)
        if not match:
            raise ValueError(f"printer: a usb address is vendor:product like 04b8:0202, not {address!r}")
        return cls(int(match[1], 16), int(match[2], 16), match[3])

    @property
    def is_open(self) -> bool:
        return self._device is not None

    def open(self, seconds: float) -> None:
        self.close()
        printer = Usb(self.vendor, self.product, usb_args=self._arguments(), timeout=int(seconds * 1000))
        try:
            printer.open()
            self._device = printer.device
            self._out, self._in = _endpoints(self._device)
        except (EscposError, usb.core.USBError, usb.core.NoBackendError, LookupError, OSError) as fault:
            self._device = None
            raise LinkError(f"there is no printer {self.vendor:04x}:{self.product:04x} on USB") from fault
        self._escpos = printer

    def _arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        if self._backend is not None:
            arguments["backend"] = self._backend
        if self.number is not None:
            arguments["custom_match"] = lambda device: _serial_number(device) == self.number
        return arguments

    def write(self, data: bytes, seconds: float) -> None:
        device, ends, sent = self._wire(), time.monotonic() + seconds, 0
        try:
            while sent < len(data):
                milliseconds = max(1, int((ends - time.monotonic()) * 1000))
                sent += device.write(self._out, data[sent : sent + _PIECE], milliseconds)
        except usb.core.USBTimeoutError as fault:
            raise LinkError(
                "the printer takes no more", sent + 1
            ) from fault  # part of the piece may have gone
        except (usb.core.USBError, OSError) as fault:
            raise LinkError("the printer was unplugged", sent) from fault

    def read(self, seconds: float) -> bytes:
        device, ends = self._wire(), time.monotonic() + seconds
        while True:
            milliseconds = max(1, int((ends - time.monotonic()) * 1000))
            try:
                data = bytes(device.read(self._in, 64, milliseconds))
            except usb.core.USBTimeoutError:
                return b""
            except (usb.core.USBError, OSError) as fault:
                raise LinkError("the printer was unplugged") from fault
            if data or time.monotonic() >= ends:
                return data
            time.sleep(0.005)  # an empty packet is no answer; some printers send them without end

    def close(self) -> None:
        if self._escpos is not None:
            with contextlib.suppress(usb.core.USBError, OSError):
                self._escpos.close()
        self._escpos = self._device = None

    def _wire(self) -> Any:
        if self._device is None:
            raise LinkError("the printer is not open")
        return self._device


def _serial_number(device: Any) -> str | None:
    try:
        number: str | None = usb.util.get_string(device, device.iSerialNumber)
    except (usb.core.USBError, ValueError, NotImplementedError):
        return None
    return number


def _endpoints(device: Any) -> tuple[int, int]:
    """The bulk endpoints out and in of the printer's interface. Raises `LookupError` where there is none."""
    for interface in device.get_active_configuration():
        if interface.bInterfaceClass not in (PRINTER_CLASS, 0xFF):
            continue
        bulk = [e for e in interface if usb.util.endpoint_type(e.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK]
        out = [e.bEndpointAddress for e in bulk if not e.bEndpointAddress & 0x80]
        back = [e.bEndpointAddress for e in bulk if e.bEndpointAddress & 0x80]
        if out and back:
            return out[0], back[0]
    raise LookupError("no printer interface")
