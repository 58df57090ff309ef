"""The square on the screen is read by a reader that is not ours, whatever secret is in it."""

import secrets

import cv2
import numpy

SIDES = (4, 6, 9)
"""Pixels a module. OpenCV's reader misses about one square in a hundred at any one size, of whatever maker, and one in three hundred at all
of these (5 of 1,500 when measured), so a few of sixty may go unread; what is read must be right."""
MOST_UNREAD = 3


def test_every_secret_is_read_back() -> None:
    from kiosk.widgets.qr import matrix

    detector, unread = cv2.QRCodeDetector(), 0
    for _ in range(60):
        text = f"https://queue.example.gov.uk/t/{secrets.token_urlsafe(16)}"
        dark = numpy.array(matrix(text), dtype=bool)
        picture = numpy.where(dark, 0, 255).astype(numpy.uint8)
        read = {detector.detectAndDecode(picture.repeat(side, 0).repeat(side, 1))[0] for side in SIDES}
        unread += text not in read
        assert read <= {text, ""}
    assert unread <= MOST_UNREAD
