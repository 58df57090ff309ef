"""A simulated printer: the real driver, on a real socket, to a stand-in in the same process.

So what a dev dock shows went through the bytes a real printer would get, and what its levers pull is met by
the code that meets it in a centre. Only `hardware.catalogue` and tests import this.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL.Image import Image

from hardware.devices import Levers, Paper, PrinterStatus, PrintOutcome
from hardware.printers.network import NetworkLink
from hardware.printers.receipt import ReceiptPrinter, paper_of
from hardware.printers.standin import REAL_ROWS_PER_SECOND, StandIn

if TYPE_CHECKING:
    from hardware.catalogue import PrinterConfig


class SimulatedPrinter:
    """A `Printer` and a `Simulated`."""

    def __init__(self, driver: ReceiptPrinter, standin: StandIn) -> None:
        self._driver, self.standin = driver, standin

    @classmethod
    def start(cls, config: PrinterConfig) -> SimulatedPrinter:
        """Its stand-in listens at once, on a free port of this machine."""
        folder = Path(config.address) if config.address else None
        standin = StandIn(paper_of(config).dots, folder=folder, rows_per_second=REAL_ROWS_PER_SECOND).start()
        return cls(ReceiptPrinter.of(config, NetworkLink.at(standin.address)), standin)

    @property
    def paper(self) -> Paper:
        return self._driver.paper

    @property
    def levers(self) -> Levers:
        return self.standin.levers

    def papers(self) -> list[Image]:
        return self.standin.papers()

    def status(self) -> PrinterStatus:
        return self._driver.status()

    def print(self, picture: Image, job: str) -> PrintOutcome:
        return self._driver.print(picture, job)

    def close(self) -> None:
        """The stand-in goes with it; unlike a real printer it does not come back."""
        self._driver.close()
        self.standin.stop()
