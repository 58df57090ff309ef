"""The square on the screen is read by a reader that is not ours, whatever secret is in it."""

import secrets

import cv2
import numpy

SIDE = 6


def test_every_secret_is_read_back() -> None:
    from kiosk.widgets.qr import matrix

    detector = cv2.QRCodeDetector()
    for _ in range(60):
        text = f"https://queue.example.gov.uk/t/{secrets.token_urlsafe(16)}"
        dark = numpy.array(matrix(text), dtype=bool)
        picture = numpy.where(dark, 0, 255).astype(numpy.uint8).repeat(SIDE, 0).repeat(SIDE, 1)
        read, *_ = detector.detectAndDecode(picture)
        assert read == text
