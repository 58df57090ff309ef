"""A file is a picture and nothing else, or it is not taken."""

import io
import struct
import zlib

import pytest
from PIL import Image

from server.papers.checking import BROKEN, MOST_SCANS, TOO_BIG, TWO_THINGS, check_picture
from server.papers.unfit import Unfit
from tests.support.packets import picture

JPEG, PNG = "image/jpeg", "image/png"


def part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    return jpeg[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def sized(jpeg: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


@pytest.mark.parametrize("progressive", [False, True])
def test_a_plain_picture_comes_out_as_it_went_in(progressive: bool) -> None:
    jpeg = picture(progressive=progressive)
    assert check_picture(JPEG, jpeg).body == jpeg
    png = picture(kind="PNG")
    checked = check_picture(PNG, png)
    assert (checked.body, checked.width, checked.height) == (png, 413, 585)


def test_where_a_camera_was_and_what_was_said_of_it_go_and_the_picture_does_not_change() -> None:
    plain = picture()
    exif = with_segment(plain, 0xE1, b"Exif\0\0GPS of a home")
    for said in (
        exif,
        with_segment(exif, 0xFE, b"a comment"),
        with_segment(plain, 0xE2, b"ICC_PROFILE\0" + b"x" * 99),
    ):
        assert check_picture(JPEG, said).body == plain
    png = picture(kind="PNG")
    told = png[:33] + part(b"tEXt", b"Author\0Jane") + part(b"eXIf", b"GPS") + png[33:]
    assert check_picture(PNG, told).body == png


@pytest.mark.parametrize(
    ("kind", "body", "say"),
    [
        (JPEG, b"", "not"),
        (JPEG, picture(kind="PNG"), "not"),
        (PNG, picture(), "not"),
        (JPEG, picture()[:-2], BROKEN),
        (JPEG, picture()[:400], BROKEN),
        (JPEG, picture() + b"PK\x03\x04", TWO_THINGS),
        (JPEG, picture() + b"\0", TWO_THINGS),
        (JPEG, picture() + picture(), TWO_THINGS),
        (JPEG, b"\xff\xd8" + b"%PDF-1.4 " * 9, BROKEN),
        (JPEG, sized(picture(), 30_000, 30_000), TOO_BIG),
        (JPEG, sized(picture(), 15_000, 15_000), TOO_BIG),
        (JPEG, sized(picture(), 0, 10), TOO_BIG),
        (PNG, picture(kind="PNG") + b"<html>", TWO_THINGS),
        (PNG, picture(kind="PNG")[:-12] + part(b"IEND", b"more"), TWO_THINGS),
        (
            PNG,
            picture(kind="PNG")[:33] + part(b"gAMA", b"more than four") + picture(kind="PNG")[33:],
            TWO_THINGS,
        ),
        (PNG, picture(kind="PNG")[:33] + picture(kind="PNG")[8:], TWO_THINGS),
        (PNG, picture(kind="PNG")[:-12], BROKEN),
        (PNG, picture(kind="PNG")[:60] + b"?" + picture(kind="PNG")[61:], BROKEN),
    ],
)
def test_what_is_no_picture_or_more_than_one_is_refused(kind: str, body: bytes, say: str) -> None:
    with pytest.raises(Unfit) as refused:
        check_picture(kind, body)
    assert say in str(refused.value)


def test_a_pdf_or_a_page_of_html_hidden_where_programs_look_for_it_is_refused() -> None:
    """In a table that must be kept; in a comment it simply goes."""
    plain = picture()
    hidden = with_segment(plain, 0xFE, b"%PDF-1.4 <script>")
    assert b"%PDF" not in check_picture(JPEG, hidden).body
    table = b"\x0f" + b"%PDF-1.7".ljust(64, b"\1")  # a quantisation table that nothing uses
    with pytest.raises(Unfit):
        check_picture(JPEG, with_segment(plain, 0xDB, table))


def test_bombs_are_refused_before_they_go_off() -> None:
    rows = zlib.compress(bytes(1 + 15_000) * 200)
    header = struct.pack(">IIBBBBB", 15_000, 15_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", rows) + part(b"IEND", b"")
    with pytest.raises(Unfit, match=TOO_BIG[:30]):
        check_picture(PNG, bomb)
    jpeg = picture(progressive=True)
    scan = jpeg[jpeg.index(b"\xff\xda") : -2]
    with pytest.raises(Unfit):
        check_picture(JPEG, jpeg[:-2] + scan * MOST_SCANS + jpeg[-2:])


def test_colours_made_for_printing_are_refused() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (50, 50)).save(out, "JPEG")
    with pytest.raises(Unfit, match="printing"):
        check_picture(JPEG, out.getvalue())
