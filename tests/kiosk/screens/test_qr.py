"""The square on the screen is read by a reader that is not ours, whatever secret is in it."""

import secrets

import cv2
import numpy

SIDES = (4, 6, 9)
"""Pixels a module. OpenCV's reader misses about one square in a hundred at any one size, of whatever maker."""


def test_every_secret_is_read_back() -> None:
    from kiosk.widgets.qr import matrix

    detector = cv2.QRCodeDetector()
    for _ in range(60):
        text = f"https://queue.example.gov.uk/t/{secrets.token_urlsafe(16)}"
        dark = numpy.array(matrix(text), dtype=bool)
        picture = numpy.where(dark, 0, 255).astype(numpy.uint8)
        read = {detector.detectAndDecode(picture.repeat(side, 0).repeat(side, 1))[0] for side in SIDES}
        assert text in read
        assert read <= {text, ""}
