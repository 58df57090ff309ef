"""A kiosk that is meant to have no printer: its tickets are on the screen and on the phone."""

from __future__ import annotations

from PIL.Image import Image

from hardware.devices import NoPrinter, Paper, PrinterStatus, PrintOutcome, Refused


class AbsentPrinter:
    paper = Paper(576)

    def status(self) -> PrinterStatus:
        return NoPrinter()

    def print(self, picture: Image, job: str) -> PrintOutcome:
        return Refused(NoPrinter())

    def close(self) -> None:
        """Nothing was opened."""
