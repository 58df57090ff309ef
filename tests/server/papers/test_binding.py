"""Pages are bound as they are and as large as they were; split, joined and turned they stay what they were."""

import io

import pikepdf
import pytest

from server.papers.binding import Paper, bind, count, join, some, split, titles, turn
from tests.support.packets import picture
from wire.vocabulary import PaperKind

PAGES = [picture(f"Page {number}") for number in range(5)]


def pictures(pdf: bytes) -> list[bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as one:
        return [image.read_raw_bytes() for page in one.pages for image in page.get_images().values()]


def bookmarks(pdf: bytes) -> list[tuple[str, int]]:
    with pikepdf.open(io.BytesIO(pdf)) as one, one.open_outline() as outline:
        places = {page.objgen: number for number, page in enumerate(one.pages)}
        return [(item.title, places[item.destination[0].objgen]) for item in outline.root]  # type: ignore[index]  # ours lead to a page


def size(pdf: bytes) -> tuple[int, ...]:
    with pikepdf.open(io.BytesIO(pdf)) as one:
        return tuple(round(float(side)) for side in one.pages[0].mediabox.as_list()[2:])


def test_each_picture_is_in_it_byte_for_byte_and_each_paper_a_bookmark() -> None:
    named = titles([PaperKind.LETTER, PaperKind.BANK])
    pdf = bind([Paper(named[0], PAGES[:2]), Paper(named[1], PAGES[2:])])
    assert pictures(pdf) == PAGES
    assert bookmarks(pdf) == [("1 Letter", 0), ("2 Bank statement", 2)]


@pytest.mark.parametrize(
    ("pixels", "dpi", "points"),
    [
        ((1654, 2339), 200, (595, 842)),
        ((827, 1169), 100, (595, 842)),
        ((1654, 2339), 96, (595, 842)),
        ((100, 100), 1, (144, 144)),
        ((1, 1), 1200, (3, 3)),
        ((15_000, 10), 50, (14_400, 14)),
    ],
)
def test_a_page_is_as_large_as_its_paper_was(
    pixels: tuple[int, int], dpi: int, points: tuple[int, int]
) -> None:
    """96 is what a picture that does not say is taken for: then 200 are meant."""
    assert size(bind([Paper("1", [picture(size=pixels, dpi=dpi)])])) == points


def test_a_pdf_is_split_joined_and_turned() -> None:
    pdf = bind([Paper("1 Letter", PAGES)])
    parts = split(pdf, [2, 4])
    assert [pictures(part) for part in parts] == [PAGES[:2], PAGES[2:4], PAGES[4:]]
    joined = join([("A", parts[2]), ("B", parts[0])])
    assert pictures(joined) == [PAGES[4], *PAGES[:2]]
    assert bookmarks(joined) == [("A", 0), ("B", 1)]
    assert pictures(some(pdf, [3, 0])) == [PAGES[3], PAGES[0]]
    turned = turn(turn(pdf, [1], 90), [1, 2], 90)
    with pikepdf.open(io.BytesIO(turned)) as one:
        assert [int(page.obj.get("/Rotate", 0)) for page in one.pages] == [0, 180, 90, 0, 0]
    assert pictures(turned) == PAGES
    assert count(turned) == 5
    for wrong in (
        lambda: split(pdf, [0]),
        lambda: split(pdf, [5]),
        lambda: some(pdf, []),
        lambda: some(pdf, [5]),
    ):
        with pytest.raises(ValueError, match=r"page|cut"):
            wrong()
    for pages, degrees in (([5], 90), ([0], 45)):
        with pytest.raises(ValueError, match=r"page|quarters"):
            turn(pdf, pages, degrees)
