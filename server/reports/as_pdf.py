"""Figures as a printed report for councillors: a tagged PDF (PDF/UA-1) with a page of findings in plain sentences first, then charts with their tables, and the definitions at the end.

Made by WeasyPrint from one HTML document: headings are bookmarks, tables have header cells, every chart has the figure's own sentence as its alternative text, and title and language are set.
Nothing is fetched from anywhere: the fonts are the house's own, charts are drawn by us (`chart_image`), and every other address is refused. It is drawn for paper and for a grey printer: the
charts tell things apart by shape and words, not by colour alone.

A chart stands beside its table where both fit next to each other, and above it where they do not; names of services are wrapped sooner before a table is turned sideways, because every
change of direction leaves the rest of a page empty.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from itertools import zip_longest
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.html import UA
from weasyprint.pdf import pydyf
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from server.charts import NARROW, WIDE, alone
from server.domain.definitions import Definition
from server.domain.figure import Cell, Figure, Measure, Table
from server.domain.telling.writing import written
from server.reports.booklet import Booklet, Chapter
from server.reports.chart_image import ChartImage

FONTS = Path(__file__).resolve().parents[2] / "kiosk" / "fonts"
FAMILIES = ("Sans", "Gujarati", "Gurmukhi", "Arabic")
LETTERS = ("Foyer Sans", "Foyer Arabic", "Foyer Gujarati", "Foyer Gurmukhi", "Noto Sans", "sans-serif")
STYLE = Path(__file__).with_name("report.css")
SCHEME = "foyer:"
MINUS, DASH = "−", "–"
MOST_LETTERS, LEAST_LETTERS, NUMBER_LETTERS = 34, 16, 18
"""Where words of a table are wrapped: in a table that has room, in one that has not, and where numbers are."""
PADDING, BOLD = 2.2, 1.12
PAGE, LETTER, UNIT, BETWEEN = 176.0, 1.672, 0.21, 6.0
"""In millimetres: how wide what is printed on a page is, how wide a letter of a table, a unit of a chart (whose letters are then nearly as large as a table's), and what is left between a
chart and the table beside it."""
WIDEST_CHART, EASY_CHART, EASY_LETTERS = 480.0, 420.0, 24
"""In units: a chart beside a table has no use for more, and is easy to read down to this; so is a table whose words are wrapped after so many letters."""
STEP = 4
"""Widths and heights of what stands on a page come in steps of so many millimetres."""
SHORT = 16
"""So many rows stay together on a page."""
ROOM, LINE, HEADING, GAP = 34.0, 80, 1.9, 0.5
"""Of the first page, in lines of so many letters: how many there are for findings, what a heading takes, and the space after a sentence."""
NOTHING = "There is nothing to tell of this time."
Progress = Callable[[int, str], None]


class OutsideRefused(ValueError):
    """A report must not fetch anything."""


class _Shelf(URLFetcher):  # type: ignore[misc]  # the library has no types
    """Gives out the fonts, by names of ours; refuses every other address."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=())

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        kind, _, name = url.removeprefix(SCHEME).partition("/")
        if url.startswith(SCHEME) and kind == "font" and name in _FONT_FILES:
            return URLFetcherResponse(url, (FONTS / name).read_bytes(), {"Content-Type": "font/ttf"})
        raise OutsideRefused("A report fetches nothing from outside.")


_FONT_FILES = frozenset(
    f"Foyer{family}-{weight}.ttf" for family in FAMILIES for weight in ("Regular", "Bold")
)


def _page_references(pdf: Any) -> tuple[bytes, ...]:
    """How a file names its pages, for every header cell and number that says on which page it stands: worked out once, not for each of thirty thousand."""
    kids = pdf.pages["Kids"]
    known: tuple[bytes, ...] = vars(pdf).get("known_references", ())
    if len(known) != len(kids) // 3:
        known = pdf.known_references = tuple(b"%d 0 R" % each for each in kids[::3])
    return known


pydyf.PDF.page_references = property(_page_references)


class _Page(HTML):  # type: ignore[misc]  # the library has no types
    """With the typesetter's own looks but for those it lays down for notes at the foot of a page, six for every cell: we have none, and they took a twentieth of the time."""

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        kept = (line.replace("::marker", "li::marker") for line in UA.splitlines())
        return [CSS(string="\n".join(line for line in kept if not line.startswith("::")))]


def document(booklet: Booklet, progress: Progress = lambda percent, say: None) -> bytes:
    """The whole report. `progress` is told how far it is, in percent, and with what."""
    charts: dict[str, str] = {}
    progress(2, "drawing the charts")
    html = page(booklet, charts)
    shelf = _Shelf()
    fonts = FontConfiguration()
    drawn = {f"{SCHEME}chart/{key}": ChartImage(svg, UNIT, fonts, LETTERS) for key, svg in charts.items()}
    progress(15, "setting the pages")
    style = CSS(
        string=_faces() + STYLE.read_text(encoding="utf-8"),
        url_fetcher=shelf,
        font_config=fonts,
        base_url=SCHEME,
    )
    laid_out = _Page(string=html, url_fetcher=shelf, base_url=SCHEME).render(
        stylesheets=[style], font_config=fonts, cache=drawn, pdf_variant="pdf/ua-1", pdf_tags=True
    )
    progress(75, f"writing {len(laid_out.pages)} pages")
    into = io.BytesIO()
    laid_out.write_pdf(into, pdf_variant="pdf/ua-1", pdf_tags=True)
    return into.getvalue()


def page(booklet: Booklet, charts: dict[str, str]) -> str:
    """The HTML; the charts it names are put into `charts`."""
    body = "".join(_parts(booklet, charts)).replace(MINUS, DASH)  # our font has no minus sign
    title = _text(f"{booklet.title}: {booklet.when}")
    about = _text(f"{', '.join(booklet.centres)}. Made on {_moment(booklet)}.")
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="description" content="{about}"><meta name="author" content="Foyer">'
        f'<meta name="dcterms.created" content="{booklet.made_at.isoformat(timespec="seconds")}"></head><body>{body}</body></html>'
    )


def _parts(booklet: Booklet, charts: dict[str, str]) -> Iterator[str]:
    yield _findings(booklet)
    number, centre = 0, None
    for chapter in booklet.chapters:
        begins = "chapter" if chapter.centre != centre else "chapter on"
        centre = chapter.centre
        yield f'<section class="{begins}"><h1>{_text(_heading(booklet, chapter))}</h1>'
        for figure in chapter.figures:
            number += 1
            yield _figure(figure, f"f{number}", charts)
        if not chapter.figures:
            yield f"<p>{NOTHING}</p>"
        yield "</section>"
    if booklet.definitions:
        yield '<section class="chapter"><h1>What these figures mean</h1>'
        yield from (_definition(each) for each in booklet.definitions)
        yield "</section>"


def _heading(booklet: Booklet, chapter: Chapter) -> str:
    return f"{chapter.centre}: {chapter.title}" if len(booklet.centres) > 1 else chapter.title


def _findings(booklet: Booklet) -> str:
    """The first page: what came out, in plain sentences, as many as fit on it."""
    parts = [
        f'<header class="front"><p class="where">{_text(", ".join(booklet.centres))}</p>',
        f'<h1>{_text(booklet.title)}</h1><p class="when">{_text(booklet.when)}</p>',
        f'<p class="made">Made on {_text(_moment(booklet))}'
        f"{' for publication' if booklet.public else ''}.</p></header><h2>What the figures say</h2>",
    ]
    many = len(booklet.centres) > 1
    groups: dict[str, list[list[str]]] = {}
    chapters = [each for each in booklet.chapters if each.finds] or booklet.chapters
    for chapter in chapters:
        sentences = [figure.sentence for figure in chapter.figures if figure.sentence and figure.table.rows]
        groups.setdefault(chapter.centre if many else chapter.title, []).append(sentences)
    for heading, sentences in _fitting(groups):
        if len(groups) > 1:
            parts.append(f"<h3>{_text(heading)}</h3>")
        said = "".join(f"<li>{_text(sentence)}</li>" for sentence in sentences)
        parts.append(f'<ul class="findings">{said}</ul>' if said else f"<p>{NOTHING}</p>")
    parts.extend(f'<p class="note">{_text(note)}</p>' for note in booklet.notes)
    return f'<section class="first">{"".join(parts)}</section>'


def _fitting(groups: Mapping[str, list[list[str]]]) -> list[tuple[str, list[str]]]:
    """Of each heading's chapters the first sentences, then the second, as far as there is room; the first of each heading whether there is or not."""
    room = ROOM - HEADING * len(groups)
    turns = {heading: _in_turn(chapters) for heading, chapters in groups.items()}
    kept: dict[str, list[str]] = {heading: [] for heading in groups}
    for turn in range(max(map(len, turns.values()), default=0)):
        for heading, sentences in turns.items():
            if turn >= len(sentences):
                continue
            takes = -(-len(sentences[turn]) // LINE) + GAP
            if takes <= room or not turn:
                kept[heading].append(sentences[turn])
                room -= takes
    return list(kept.items())


def _in_turn(chapters: list[list[str]]) -> list[str]:
    """The first of each, then the second of each ..."""
    return [each for some in zip_longest(*chapters) for each in some if each is not None]


def _figure(figure: Figure, key: str, charts: dict[str, str]) -> str:
    tables = [each for each in (figure.table, *figure.also) if each.rows]
    wide = any(_letters(each, LEAST_LETTERS) * LETTER > PAGE for each in tables)
    said = f'<h2>{_text(figure.title)}</h2><p class="sentence">{_text(figure.sentence)}</p>'
    parts = [f'<section class="figure{" wide" if wide else ""}"><div class="said">{said}']
    parts.extend(f'<p class="note">{_text(note)}</p>' for note in figure.notes)
    beside = _beside(figure, tables)
    chart = ""
    if figure.chart is not None and tables:
        svg = alone(figure.chart, figure.title, figure.sentence, beside or WIDE)
        if svg:
            charts[key] = svg.replace(MINUS, DASH)
            alt = _text(
                f"Chart: {figure.title}. {figure.sentence} The table {'beside it' if beside else 'below'} holds its numbers."
            )
            chart = f'<p class="chart"><img src="{SCHEME}chart/{key}" alt="{alt}"></p>'
    if beside and chart:
        tall = ChartImage.height_of(charts[key]) * UNIT
        parts.append(
            f'</div><div class="pair" style="min-height:{_step(tall)}mm">{chart}{_table(tables[0], figure.title, PAGE - BETWEEN - beside * UNIT)}</div>'
        )
        tables = tables[1:]
    else:
        parts.append(f"{chart}</div>")
    parts.extend(_table(each, figure.title, PAGE) for each in tables)
    return "".join((*parts, "</section>"))


def _beside(figure: Figure, tables: Sequence[Table]) -> float:
    """How wide the chart can be, in units, with its table beside it; nought where that is too narrow for one of them."""
    if figure.chart is None or not tables or len(rows_of(tables[0])) > SHORT + 2:
        return 0.0
    easy = ((EASY_CHART, most) for most in (MOST_LETTERS, EASY_LETTERS, LEAST_LETTERS))
    for least, most in (*easy, (NARROW, LEAST_LETTERS)):
        left = (PAGE - BETWEEN - _letters(tables[0], most) * LETTER) / UNIT
        if left >= least:
            return min(left, WIDEST_CHART)
    return 0.0


def _table(table: Table, caption: str, room: float) -> str:
    """`room`: how wide it may be, in millimetres."""
    heads = "".join(
        f'<th scope="col"{_side(column.measure)}>{_text(column.title)}</th>' for column in table.columns
    )
    body = "".join(_row(table, row) for row in table.rows)
    foot = f'<tr class="total">{_cells(table, table.total)}</tr>' if table.total else ""
    most = next(
        (each for each in range(MOST_LETTERS, LEAST_LETTERS, -2) if _letters(table, each) * LETTER <= room),
        LEAST_LETTERS,
    )
    widths = _widths(table, most)
    share = sum(widths)
    columns = "".join(f'<col style="width:{100 * width / share:.1f}%">' for width in widths)
    short = " class=short" if len(rows_of(table)) <= SHORT else ""
    return (
        f'<table{short} style="width:{min(int(room), _step(share * LETTER))}mm"><caption>{_text(caption)}</caption><colgroup>{columns}</colgroup>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}{foot}</tbody></table>"
    )


def _step(millimetres: float) -> int:
    """Up to one of few sizes: what is of the same size has its looks worked out once, and a report has two hundred tables."""
    return -(-round(millimetres) // STEP) * STEP


def rows_of(table: Table) -> tuple[tuple[Cell, ...], ...]:
    """With its total."""
    return (*table.rows, table.total) if table.total else table.rows


def _letters(table: Table, most: int) -> float:
    return sum(_widths(table, most))


def _widths(table: Table, wrapped: int) -> list[float]:
    """How wide each column should be, in letters, where words are wrapped after so many. Told outright, the typesetter need not try every cell twice, which halves its time."""
    rows = rows_of(table)
    found = []
    for across, column in enumerate(table.columns):
        cells = [len(written(row[across], column.measure)) for row in rows]
        longest_word = max((len(word) for word in column.title.split()), default=1)
        most = wrapped if column.measure is Measure.TEXT else NUMBER_LETTERS
        found.append(
            PADDING + max(longest_word * BOLD, len(column.title) / 3, min(most, max(cells, default=1)))
        )
    return found


def _row(table: Table, row: tuple[Cell, ...]) -> str:
    return f"<tr>{_cells(table, row)}</tr>"


def _cells(table: Table, row: tuple[Cell, ...]) -> str:
    first, *rest = zip(row, table.columns, strict=True)
    cells = [f'<th scope="row">{_text(written(first[0], first[1].measure))}</th>']
    cells += [
        f"<td{_side(column.measure)}>{_text(written(cell, column.measure))}</td>" for cell, column in rest
    ]
    return "".join(cells)


def _side(measure: Measure) -> str:
    return "" if measure is Measure.TEXT else ' class="num"'


def _definition(meant: Definition) -> str:
    return (
        f"<h2>{_text(meant.name)}</h2><p>{_text(meant.counts)}</p><p>{_text(meant.times)}</p>"
        f"<p><b>Not in it:</b> {_text(meant.leaves_out)}</p>"
    )


def _faces() -> str:
    return "".join(
        f'@font-face {{ font-family: "Foyer {family}"; font-weight: {weight}; src: url("{SCHEME}font/Foyer{family}-{name}.ttf") }}\n'
        for family in FAMILIES
        for name, weight in (("Regular", 400), ("Bold", 700))
    )


def _moment(booklet: Booklet) -> str:
    at = booklet.made_at
    return f"{at.day} {at:%B %Y} at {at:%H:%M}"


def _text(words: str) -> str:
    return escape(words)
