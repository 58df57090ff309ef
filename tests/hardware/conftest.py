"""A stand-in printer on a real port, drivers wired to it, and pictures to print."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from hardware.devices import Paper
from hardware.printers.network import NetworkLink
from hardware.printers.receipt import ReceiptPrinter
from hardware.printers.standin import StandIn


@pytest.fixture
def standin() -> Iterator[StandIn]:
    each = StandIn(576, late_seconds=5.0).start()
    yield each
    each.stop()


@pytest.fixture
def printer(standin: StandIn) -> Iterator[ReceiptPrinter]:
    each = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576))
    yield each
    each.close()


@pytest.fixture
def hasty(standin: StandIn) -> Iterator[ReceiptPrinter]:
    """The same with less patience, for tests in which it is only a matter of more or less."""
    each = ReceiptPrinter(NetworkLink.at(standin.address), Paper(576), time_out=0.8)
    yield each
    each.close()


@pytest.fixture
def picture() -> Callable[..., Image.Image]:
    """A picture of noise: any byte that is lost, doubled or moved makes another one."""

    def draw(width: int = 576, height: int = 300, seed: int = 1) -> Image.Image:
        return Image.frombytes("1", (width, height), random.Random(seed).randbytes(width * height // 8))

    return draw
