"""Other wires to the stand-in's mechanism: a pseudo-terminal for serial, a USB host controller for pyusb.

Both are at the transport's own boundary (the kernel's tty, pyusb's backend interface), so all of the driver
is run.
"""

from __future__ import annotations

import array
import contextlib
import errno
import os
import threading
import time
import tty
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

from hardware.printers.mechanism import Mechanism


class SerialWire:
    """A pty whose far end is the printer. `device` is what the driver opens."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        self.device = os.ttyname(self._near)
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._far, 4096):
                self._mechanism.receive(data, lambda answer: self._answer(answer))

    def _answer(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._far, data)

    def cut(self) -> None:
        for end in (self._near, self._far):
            with contextlib.suppress(OSError):
                os.close(end)


class UsbWire(usb.backend.IBackend):  # type: ignore[misc]  # pyusb has no types
    """A bus with one printer on it, as libusb would show it: descriptors, claims, bulk pipes with time
    limits."""

    def __init__(
        self, mechanism: Mechanism, *, out: int = 0x03, back: int = 0x81, number: str = "A1"
    ) -> None:
        self._mechanism = mechanism
        self._out, self._back, self._number = out, back, number
        self._answers = bytearray()
        self._came = threading.Condition()
        self.plugged = True
        self.stalled = False
        self.claimed = False
        mechanism.on_plug = self._set_plugged

    def _set_plugged(self, plugged: bool) -> None:
        with self._came:
            self.plugged = plugged
            self._answers.clear()
            self._came.notify_all()

    def _need(self) -> None:
        if not self.plugged:
            raise usb.core.USBError("No such device (it may have been disconnected)", -4, errno.ENODEV)

    def enumerate_devices(self) -> Any:
        return iter([self] if self.plugged else [])

    def get_device_descriptor(self, dev: Any) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=0x04B8, idProduct=0x0202, bcdDevice=0x100, iManufacturer=1, iProduct=2,
            iSerialNumber=3, bNumConfigurations=1, address=5, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: Any, config: int) -> Any:
        if config:
            raise IndexError(config)
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1,
            iConfiguration=0, bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: Any, intf: int, alt: int, config: int) -> Any:
        if intf or alt or config:
            raise IndexError(intf)
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=2,
            bInterfaceClass=7, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: Any, ep: int, intf: int, alt: int, config: int) -> Any:
        address = (self._out, self._back)[ep]
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=address, bmAttributes=2, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: Any) -> Any:
        self._need()
        return self

    def close_device(self, handle: Any) -> None:
        self.claimed = False

    def set_configuration(self, handle: Any, value: int) -> None:
        self._need()

    def get_configuration(self, handle: Any) -> int:
        self._need()
        return 1

    def claim_interface(self, handle: Any, intf: int) -> None:
        self._need()
        self.claimed = True

    def release_interface(self, handle: Any, intf: int) -> None:
        self.claimed = False

    def reset_device(self, handle: Any) -> None:
        self._need()

    def ctrl_transfer(
        self, handle: Any, kind: int, request: int, value: int, index: int, data: Any, limit: int
    ) -> int:
        """Only what pyusb itself asks: string descriptors."""
        self._need()
        text = self._number.encode("utf-16-le") if value & 0xFF == 3 else b""
        whole = b"\x04\x03\x09\x04" if value & 0xFF == 0 else bytes([2 + len(text), 3]) + text
        part = whole[: len(data)]
        data[: len(part)] = array.array("B", part)
        return len(part)

    def bulk_write(self, handle: Any, ep: int, intf: int, data: Any, limit: int) -> int:
        self._need()
        if ep != self._out:
            raise usb.core.USBError("Entity not found", -5, errno.ENOENT)
        if self.stalled:
            time.sleep(limit / 1000)
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        self._mechanism.receive(bytes(data), self._answer)
        return len(data)

    def _answer(self, data: bytes) -> None:
        with self._came:
            self._answers += data
            self._came.notify_all()

    def bulk_read(self, handle: Any, ep: int, intf: int, buff: Any, limit: int) -> int:
        with self._came:
            self._came.wait_for(lambda: self._answers or not self.plugged, limit / 1000)
            self._need()
            if not self._answers:
                raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
            part = bytes(self._answers[: len(buff)])
            del self._answers[: len(part)]
        buff[: len(part)] = array.array("B", part)
        return len(part)
