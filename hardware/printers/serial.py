"""A printer on a serial line, or on USB that plays one (`/dev/ttyUSB0`, `/dev/ttyACM0`).

115,200 baud carry 11 KB a second and a ticket is 65 KB, so a ticket takes six seconds here however fast the
printer is; the driver allows for that. Prefer USB or the network. How the printer says "wait" depends on its
switches and its cable: `rts` for a cable that carries the printer's DTR to CTS (most do), `xon` for XON/XOFF,
nothing where the baud rate is slower than the printer.
"""

from __future__ import annotations

import contextlib
import re
import termios
import time

import serial

from hardware.printers.links import LinkError
from hardware.printers.pyescpos import EscposError, Serial

BAUD = 115_200
_BITS_A_BYTE = 10
_PIECE = 1024
_FAULTS = (serial.SerialException, OSError, termios.error)
"""What a line that went away raises; termios has an error of its own that is no OSError."""
_ADDRESS = re.compile(r"^(/dev/[^@,\s]+)(?:@(\d{4,6})(?:,(rts|xon))?)?$")


class SerialLink:
    forgets = False

    def __init__(self, device: str, baud: int = BAUD, flow: str = "") -> None:
        self.device, self.baud, self.flow = device, baud, flow
        self.bytes_per_second: float | None = baud / _BITS_A_BYTE
        self._escpos: Serial | None = None
        self._line: serial.Serial | None = None

    @classmethod
    def at(cls, address: str) -> SerialLink:
        match = _ADDRESS.match(address)
        if not match or not 1200 <= int(match[2] or BAUD) <= 921_600:
            raise ValueError(
                f"printer: a serial address is /dev/name[@baud[,rts]] or /dev/name[@baud[,xon]], not {address!r}"
            )
        return cls(match[1], int(match[2] or BAUD), match[3] or "")

    @property
    def is_open(self) -> bool:
        return self._line is not None

    def open(self, seconds: float) -> None:
        self.close()
        printer = Serial(
            self.device, baudrate=self.baud, timeout=seconds, dsrdtr=False, xonxoff=self.flow == "xon"
        )
        try:
            printer.open()
            printer.device.rtscts = self.flow == "rts"
        except (EscposError, *_FAULTS) as fault:
            raise LinkError(f"there is no serial line {self.device}") from fault
        self._escpos, self._line = printer, printer.device
        with contextlib.suppress(*_FAULTS):
            self._line.reset_input_buffer()

    def write(self, data: bytes, seconds: float) -> None:
        line, ends, sent = self._wire(), time.monotonic() + seconds, 0
        try:
            while sent < len(data):
                line.write_timeout = max(0.001, ends - time.monotonic())
                sent += line.write(data[sent : sent + _PIECE]) or 0
        except serial.SerialTimeoutException as fault:
            raise LinkError("the printer takes no more", sent + 1) from fault
        except _FAULTS as fault:
            raise LinkError("the serial line broke", sent) from fault

    def read(self, seconds: float) -> bytes:
        line = self._wire()
        try:
            line.timeout = max(0.001, seconds)
            first: bytes = line.read(1)
            return first + (line.read(line.in_waiting) if first and line.in_waiting else b"")
        except _FAULTS as fault:
            raise LinkError("the serial line broke") from fault

    def close(self) -> None:
        # Not python-escpos's close: it flushes first, which waits for a printer that takes no more.
        if self._line is not None:
            with contextlib.suppress(*_FAULTS):
                self._line.reset_output_buffer()
            with contextlib.suppress(*_FAULTS):
                self._line.close()
        if self._escpos is not None:
            self._escpos._device = False
        self._escpos = self._line = None

    def _wire(self) -> serial.Serial:
        if self._line is None:
            raise LinkError("the serial line is closed")
        return self._line
