"""Files of figures, read back by other programs than those that wrote them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest

from server.domain.figure import (
    Bars,
    Cell,
    Chart,
    Column,
    Columns,
    Figure,
    Grid,
    Lines,
    Measure,
    Ranges,
    Series,
    Table,
)
from server.domain.spans import Kind, Span
from server.reports import Booklet, Chapter, Form, Made, make
from server.reports.as_csv import harmless
from server.reports.as_pdf import page
from server.reports.press import PressFailed, press

QUARTER = Span(date(2023, 1, 1), date(2023, 3, 31), Kind.QUARTER)
EVIL = ("=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1")
ACTIVITIES = Figure(
    "by-activity",
    "By activity",
    "1,602 came; more than a third for the scan station.",
    Table(
        (
            Column("activity", "Activity", Measure.TEXT),
            Column("people", "People"),
            Column("share", "Share", Measure.SHARE),
            Column("change", "Change", Measure.CHANGE),
        ),
        (("Scan station", 583, 0.364, 0.04), ("Ωther & <b>", 295, 0.184, None)),
        ("Together", 878, 0.548, -0.1),
    ),
    "activities",
    Bars(("Scan station", "Ωther & <b>"), (583, 295)),
    notes=("A service was renamed.",),
)
DAYS = Figure(
    "by-day",
    "By day",
    "The busiest day was 2 January.",
    Table(
        (
            Column("day", "Day", Measure.DATE),
            Column("at", "At", Measure.TIME),
            Column("wait", "Wait", Measure.MINUTES),
            Column("desks", "Desks", Measure.NUMBER),
        ),
        ((date(2023, 1, 2), "09:30", 6.5, 2.5), (date(2023, 1, 3), "16:00", 12, 3)),
    ),
    "visits",
    Columns(("2 Jan", "3 Jan"), (Series("Wait", (6.5, 12.0)),), Measure.MINUTES),
)
FORMULAS = Figure(
    "formulas", "By formula", "Names that look like formulas.",
    Table((Column("name", "Name", Measure.TEXT), Column("people", "People")), tuple((each, -5) for each in EVIL)),
    "services",
)  # fmt: skip
EMPTY = Figure("nothing", "Nothing", "Nobody came.", Table((Column("a", "A", Measure.TEXT),), ()), "visits")


def booklet(*figures: Figure) -> Booklet:
    made_at = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
    chapter = Chapter(
        "York House", "york-house", "footfall", "Footfall", figures or (ACTIVITIES, DAYS, EMPTY)
    )
    return Booklet(
        "Figures of the customer centre", QUARTER, made_at, (chapter,), notes=("Counted by hand.",)
    )


# CSV -----------------------------------------------------------------------------------------------------------------


def archive(made: Made) -> dict[str, list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(made.body)) as packed:
        assert packed.testzip() is None
        texts = {name: packed.read(name) for name in packed.namelist()}
    assert all(text.startswith(b"\xef\xbb\xbf") for text in texts.values())
    return {
        name: list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
        for name, text in texts.items()
    }


def test_csv_is_clean_for_programs() -> None:
    made = make(booklet(), Form.CSV)
    assert (made.name, made.media_type) == (
        "footfall-york-house-2023-01-01-to-2023-03-31.zip",
        "application/zip",
    )
    files = archive(made)
    assert files["york-house/footfall/by-activity.csv"] == [
        ["activity", "people", "share", "change"],
        ["Scan station", "583", "0.364", "0.04"],
        ["Ωther & <b>", "295", "0.184", ""],
    ]
    assert files["york-house/footfall/by-day.csv"][1] == ["2023-01-02", "09:30", "6.5", "2.5"]
    about = files["about.csv"]
    assert about[0][:7] == [
        "file",
        "centre",
        "topic",
        "figure",
        "what_it_shows",
        "period_start",
        "period_end",
    ]
    assert [row[0] for row in about[1:]] == [name for name in files if name != "about.csv"]
    assert about[1][5:8] == ["2023-01-01", "2023-03-31", "2026-11-24T10:30:00+00:00"]
    assert about[1][-1] == "A service was renamed. Counted by hand."


def test_no_two_tables_have_one_file() -> None:
    names = [name for *_, name in booklet(ACTIVITIES, ACTIVITIES, DAYS).tables()]
    assert len(set(names)) == 3


@pytest.mark.parametrize("text", EVIL)
def test_a_cell_that_begins_like_a_formula_is_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["Scan", "3-1", "a=b", -5, -0.5, 0, None, date(2023, 1, 1), ""])
def test_other_cells_are_left_as_they_are(cell: Cell) -> None:
    assert harmless(cell) == cell


def test_formulas_are_harmless_in_files() -> None:
    rows = archive(make(booklet(FORMULAS), Form.CSV))["york-house/footfall/formulas.csv"][1:]
    assert rows == [[f"'{each}", "-5"] for each in EVIL]


# XLSX ----------------------------------------------------------------------------------------------------------------


def workbook(*figures: Figure) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(make(booklet(*figures), Form.XLSX).body))


def test_a_workbook_has_real_cells_in_one_marked_table_a_sheet() -> None:
    book = workbook()
    assert book.sheetnames == ["Cover", "1 By activity", "2 By day", "3 Nothing", "Definitions"]
    for name in book.sheetnames[1:]:
        assert len(book[name].tables) == 1, name
        assert book[name].freeze_panes is not None
        assert book[name].print_title_rows
    sheet = book["1 By activity"]
    (table,) = sheet.tables.values()
    assert (table.ref, [each.name for each in table.tableColumns]) == (
        "A5:D7",
        ["Activity", "People", "Share", "Change"],
    )
    assert [cell.value for cell in sheet[6]] == ["Scan station", 583, 0.364, 0.04]
    assert [cell.number_format for cell in sheet[6]] == ["General", "#,##0", "0.0%", "+0.0%;-0.0%;0.0%"]
    assert sheet["D7"].value is None
    assert [cell.value for cell in sheet[9]] == ["Together", 878, 0.548, -0.1], (
        "outside the table, so that a sum is right"
    )
    days = book["2 By day"]
    assert [cell.value for cell in days[6]] == [datetime(2023, 1, 2), time(9, 30), 6.5, 2.5]  # noqa: DTZ001 - a spreadsheet knows no zone


def test_the_cover_says_what_where_when_and_what_it_means() -> None:
    book = workbook()
    cover = {row[0].value: row[1].value for row in book["Cover"].iter_rows(min_row=1, max_row=9)}
    assert cover["Time"] == "January to March 2023"
    assert cover["From"] == datetime(2023, 1, 1)  # noqa: DTZ001 - a spreadsheet knows no zone
    assert cover["Centre"] == "York House"
    assert cover["Made"] == datetime(2026, 11, 24, 10, 30)  # noqa: DTZ001 - a spreadsheet knows no zone
    assert cover["Note"] == "Counted by hand."
    assert book["Definitions"]["A4"].value == "Activities"


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    sheet = workbook(FORMULAS)["1 By formula"]
    for number, text in enumerate(EVIL):
        cell = sheet.cell(6 + number, 1)
        assert cell.data_type == "s"
        assert str(cell.value).replace("_x000D_", "\r").strip() == text.strip()
        assert cell.quotePrefix, "it stays a text when somebody edits it"


def test_long_and_odd_names_of_figures_make_sheets_all_the_same() -> None:
    odd = Figure("odd", "What / did: people [say] *about* the waiting room?", "", ACTIVITIES.table, "visits")
    same = Table(
        (Column("a", "Visits", Measure.TEXT), Column("b", "Visits"), Column("c", "visits")), (("x", 1, 2),)
    )
    book = workbook(odd, odd, Figure("same", "Same", "", same, "visits"))
    assert all(len(name) <= 31 for name in book.sheetnames)
    (table,) = book["3 Same"].tables.values()
    assert [each.name for each in table.tableColumns] == ["Visits", "Visits (2)", "visits (3)"]


# PDF -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report() -> Made:
    return make(booklet(), Form.PDF)


def elements(node: pikepdf.Object) -> list[pikepdf.Object]:
    found = [node] if "/S" in node else []
    kids: Any = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") != "/MCR":
            found += elements(kid)
    return found


def test_a_printed_report_is_tagged_for_readers_of_every_kind(report: Made) -> None:
    with pikepdf.open(io.BytesIO(report.body)) as pdf:
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as told:
            assert told["pdfuaid:part"] == "1"
            assert told["dc:title"] == "Figures of the customer centre: January to March 2023"
        every = elements(pdf.Root.StructTreeRoot)
        kinds = [str(each["/S"]) for each in every]
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/Figure"} <= set(kinds)
        alts = [str(each["/Alt"]) for each in every if each["/S"] == "/Figure"]
        assert alts == [
            f"Chart: {each.title}. {each.sentence} The table beside it holds its numbers."
            for each in (ACTIVITIES, DAYS)
        ]
        with pdf.open_outline() as outline:
            assert [each.title for each in outline.root] == [
                "Figures of the customer centre",
                "Footfall",
                "What these figures mean",
            ]


def test_a_printed_report_says_the_findings_first_and_numbers_its_pages(report: Made, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(report.body)
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    first, second, *_ = text.split("\f")
    assert "York House" in first
    assert "What the figures say" in first
    assert ACTIVITIES.sentence in first
    assert "Counted by hand." in first
    assert "Page 1 of" in first
    assert "583" in second
    assert "–10%" in second, "a minus that the font has"
    assert "Made on 24 November 2026 at 10:30." in first


def test_a_printed_chart_of_every_kind_holds_its_words_whole(tmp_path: Path) -> None:
    labels = ("Monday morning", "Tuesday afternoon", "Wednesday")
    one = (Series("This time", (1.0, 2.0, 3.0)),)
    charts: tuple[Chart, ...] = (
        Bars(labels, (1, 2, 3)),
        Columns(labels, one),
        Lines(labels, one),
        Grid(labels, ("Early", "Late"), ((1, 2), (3, 4), (5, 6)), Measure.COUNT),
        Ranges(labels, (1, 2, 3), (4, 5, 6), (2, 3, 4)),
    )
    drawn = tuple(replace(ACTIVITIES, slug=f"c{at}", chart=chart) for at, chart in enumerate(charts))
    (tmp_path / "report.pdf").write_bytes(make(booklet(*drawn), Form.PDF).body)
    text = subprocess.run(
        ["pdftotext", "-raw", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert text.count("Wednesday") == len(charts), "each chart has its labels, and as words"


def test_a_chart_stands_beside_its_table_and_no_page_is_turned_where_words_can_be_wrapped() -> None:
    columns = (Column("a", "Service", Measure.TEXT), *(Column(f"c{at}", "Left unserved") for at in range(7)))
    name = "A service with a name that is quite a bit longer than usual"
    broad = Table(columns, ((name, *range(7)),))
    made = page(booklet(ACTIVITIES, replace(ACTIVITIES, also=(broad,))), {})
    assert (made.count('class="pair"'), made.count("figure wide")) == (2, 0)
    broader = replace(broad, columns=(*columns, *columns[1:]), rows=((name, *range(14)),))
    assert "figure wide" in page(booklet(replace(ACTIVITIES, table=broader)), {})


def test_the_findings_of_many_centres_fit_on_the_first_page_and_each_is_heard() -> None:
    said = (
        "Visitors without an appointment were called 2,581 times: half within 9 minutes, nine in ten within 48 minutes. "
        * 2
    )
    told = replace(ACTIVITIES, sentence=said)
    forecast = replace(ACTIVITIES, sentence="On Wednesday 38 are expected.")
    chapters = [
        Chapter(f"Centre {number}", f"c{number}", topic, topic.title(), (forecast,), finds=False)
        if topic == "staffing"
        else Chapter(f"Centre {number}", f"c{number}", topic, topic.title(), (told, told))
        for number in range(1, 6)
        for topic in ("footfall", "waits", "why", "satisfaction", "staffing")
    ]
    many = replace(booklet(), chapters=tuple(chapters))
    first = page(many, {}).split('<section class="chapter">')[0]
    assert [first.count(f"<h3>Centre {number}</h3>") for number in range(1, 6)] == [1] * 5
    assert 5 <= first.count("<li>") <= 8, "about as many as a page holds"
    assert "are expected" not in first
    one = page(replace(many, chapters=tuple(chapters[:5])), {}).split('<section class="chapter">')[0]
    assert (one.count("<li>"), one.count("<h3>")) == (7, 4), "where there is room, more than one of each"


def test_a_printed_report_holds_its_fonts(report: Made, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(report.body)
    listed = subprocess.run(
        ["pdffonts", str(tmp_path / "report.pdf")], capture_output=True, text=True, check=True
    )
    rows = listed.stdout.splitlines()[2:]
    assert rows
    assert all("Foyer" in row or "Noto" in row for row in rows), listed.stdout
    assert all(row.split()[-5:-4] == ["yes"] for row in rows), "embedded"


def test_a_report_fetches_nothing_from_outside() -> None:
    from server.reports.as_pdf import OutsideRefused, _Shelf

    shelf = _Shelf()
    assert shelf.fetch("foyer:font/FoyerSans-Regular.ttf").read()
    for address in (
        "http://127.0.0.1/x",
        "file:///etc/passwd",
        "foyer:chart/f1",
        "foyer:font/../../../etc/passwd",
        "data:text/plain,x",
    ):
        with pytest.raises(OutsideRefused):
            shelf.fetch(address)


# JSON, and the press -------------------------------------------------------------------------------------------------


def test_json_says_what_each_columns_cells_are() -> None:
    told = json.loads(make(booklet(), Form.JSON).body)
    (table,) = told["chapters"][0]["figures"][0]["tables"]
    assert table["columns"][2] == {"key": "share", "title": "Share", "measure": "share"}
    assert table["rows"][1] == {"activity": "Ωther & <b>", "people": 295, "share": 0.184, "change": None}
    assert told["period"] == {"kind": "quarter", "start": "2023-01-01", "end": "2023-03-31"}
    assert {each["slug"] for each in told["definitions"]} == {"activities", "visits"}


async def test_the_press_tells_how_far_it_is_and_makes_the_same() -> None:
    heard: list[int] = []

    async def so_far(percent: int, say: str) -> None:
        heard.append(percent)

    made = await press(booklet(), Form.PDF, so_far)
    assert made.name.endswith(".pdf")
    assert made.body.startswith(b"%PDF")
    assert heard == sorted(heard)
    assert len(heard) == 3


async def test_what_the_press_cannot_make_is_said() -> None:
    broken = Figure("x", "X", "X", Table((Column("a", "A"), Column("b", "B")), ((1,),)), "visits")

    async def so_far(percent: int, say: str) -> None:
        return None

    with pytest.raises(PressFailed, match="could not be made"):
        await press(booklet(broken), Form.JSON, so_far)
