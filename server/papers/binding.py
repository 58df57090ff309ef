"""Papers as one PDF, and what staff do with its pages. Works on bytes; never changes a picture.

The JPEGs a station made are put into the PDF as they are (img2pdf), each page as large as its paper was: so many dots an inch as the picture
says, 200 when it says nothing. Every paper is a bookmark. Splitting, joining and turning move pages about and leave their content alone.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import img2pdf
import pikepdf

from server.domain.papers import PAPER_WORDS
from wire.vocabulary import PaperKind

DPI = 200.0
LEAST_DPI, MOST_DPI = 50.0, 1_200.0
UNSAID = 96.0
"""What img2pdf takes for a picture that does not say. No scanner makes 96 dots an inch."""

LEAST_POINTS, MOST_POINTS = 3.0, 14_400.0


@dataclass(frozen=True)
class Paper:
    """One paper: what it is called, and its pages as pictures."""

    title: str
    pages: Sequence[bytes]


def titles(kinds: Sequence[PaperKind]) -> list[str]:
    """`1 Letter`, `2 Bank statement`: what papers are called in their order."""
    return [f"{number} {PAPER_WORDS[kind]}" for number, kind in enumerate(kinds, 1)]


def bind(papers: Sequence[Paper]) -> bytes:
    """One PDF of all pages in their order. The pictures are checked ones (`checking`)."""
    pictures = [page for paper in papers for page in paper.pages]
    with (
        io.BytesIO(
            img2pdf.convert(pictures, layout_fun=_layout, rotation=img2pdf.Rotation.none, nodate=True)
        ) as made,
        pikepdf.open(made) as pdf,
    ):
        with pdf.open_outline() as outline:
            at = 0
            for paper in papers:
                outline.root.append(pikepdf.OutlineItem(paper.title, at))
                at += len(paper.pages)
        return _written(pdf)


def count(body: bytes) -> int:
    """Pages of a PDF."""
    with pikepdf.open(io.BytesIO(body)) as pdf:
        return len(pdf.pages)


def some(body: bytes, pages: Sequence[int]) -> bytes:
    """Those pages, numbered from 0, in that order, as a PDF of their own; the bookmarks stay behind. Raises ValueError."""
    with pikepdf.open(io.BytesIO(body)) as pdf, pikepdf.new() as made:
        if not pages or any(not 0 <= page < len(pdf.pages) for page in pages):
            raise ValueError("There is no such page.")
        for page in pages:
            made.pages.append(pdf.pages[page])
        return _written(made)


def split(body: bytes, before: Sequence[int]) -> list[bytes]:
    """Cut before each of those pages (from 0): `split(pdf, [2])` gives pages 0 and 1, and the rest. Raises ValueError."""
    pages = count(body)
    cuts = sorted(set(before))
    if any(not 0 < cut < pages for cut in cuts):
        raise ValueError("A cut is outside of the pages.")
    edges = [0, *cuts, pages]
    return [some(body, range(first, last)) for first, last in itertools.pairwise(edges)]


def join(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """PDFs one after the other, each a bookmark with its title."""
    with pikepdf.new() as made:
        places = []
        for title, body in parts:
            places.append((title, len(made.pages)))
            with pikepdf.open(io.BytesIO(body)) as pdf:
                made.pages.extend(pdf.pages)
        with made.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(title, at) for title, at in places)
        return _written(made)


def turn(body: bytes, pages: Sequence[int], degrees: int) -> bytes:
    """Turn those pages (from 0) clockwise by a multiple of 90. Raises ValueError."""
    if degrees % 90:
        raise ValueError("Pages are turned by quarters.")
    with pikepdf.open(io.BytesIO(body)) as pdf:
        for page in pages:
            if not 0 <= page < len(pdf.pages):
                raise ValueError("There is no such page.")
            pdf.pages[page].rotate(degrees, relative=True)
        return _written(pdf)


def _written(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _layout(width: int, height: int, dpi: tuple[float, float]) -> tuple[float, float, float, float]:
    """The page and the picture on it, in points."""
    across, down = (_said(each) for each in dpi)
    size = _side(width, across), _side(height, down)
    return (*size, *size)


def _side(dots: int, dpi: float) -> float:
    """In points; never shorter or longer than a PDF's page can be."""
    return min(max(dots / dpi * 72, LEAST_POINTS), MOST_POINTS)


def _said(dpi: float) -> float:
    return DPI if abs(dpi - UNSAID) < 0.5 else min(max(float(dpi), LEAST_DPI), MOST_DPI)
