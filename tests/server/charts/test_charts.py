"""Charts as shapes and words: right at nothing, one and a hundred thousand, with one label and with a hundred and thirty, in both widths and by themselves."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.charts import alone, draw
from server.charts.drawing import NARROW, WIDE
from server.charts.grids import shade_of
from server.charts.look import STYLE
from server.charts.scale import scale_of
from server.charts.sheet import LETTERS, width_of, wrapped
from server.domain.figure import Bars, Chart, Columns, Grid, Lines, Measure, Ranges, Series

SVG = "{http://www.w3.org/2000/svg}"
SHEET = Path(__file__).resolve().parents[3] / "server/web/static/charts.css"
MANY = tuple(f"Label {number}" for number in range(130))
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

CHARTS: dict[str, Chart] = {
    "bars": Bars(("Scan station", "Advice"), (583, 191), other=(540, None), names=("This time", "Before")),
    "bars with a target": Bars(("Resolved", "Left"), (0.97, 0.31), Measure.SHARE, target=0.95),
    "bars of nothing known": Bars(("Advice",), (None,)),
    "bars of nobody": Bars(("Advice",), (0,)),
    "bars of one": Bars(("Advice",), (1,)),
    "bars of a hundred thousand": Bars(("Advice", "Forms"), (100_000, 1)),
    "bars both ways": Bars(("Advice", "Forms"), (-0.12, 0.34), Measure.CHANGE),
    "bars with long names": Bars(("Help with a very long name that has to be wrapped", "W" * 80), (3, 4)),
    "130 bars": Bars(MANY, tuple(range(130))),
    "columns with what is usual": Columns(
        WEEK,
        (
            Series(
                "now",
                (60, 71, 40, None, 80, 0, 1),
                (50, 60, 35, 60, 70, None, 0),
                (75, 80, 60, 80, 90, None, 8),
            ),
        ),
    ),
    "columns beside each other": Columns(
        WEEK, (Series("a", (1, 2, 3, 4, 5, None, 0)), Series("b", (100_000,) * 7))
    ),
    "columns stacked": Columns(
        WEEK, (Series("a", (1, 2, 3, 4, 5, None, 0)), Series("b", (1,) * 7)), stacked=True
    ),
    "one column": Columns(("Mon",), (Series("a", (5,)),)),
    "130 columns": Columns(MANY, (Series("a", tuple(range(130))),)),
    "lines with a gap": Lines(
        tuple(f"{n} Mar" for n in range(1, 32)),
        (Series("a", tuple(None if n in (9, 10) else n for n in range(31)), (0,) * 31, (40,) * 31),),
        target=20,
    ),
    "five lines": Lines(
        ("Apr", "May"), tuple(Series(f"Centre {n}", (0.5, n / 5)) for n in range(5)), Measure.SHARE
    ),
    "a line of one point": Lines(("Apr",), (Series("a", (4,)),)),
    "a line of nothing": Lines(("Apr", "May"), (Series("a", (None, None)),)),
    "130 points": Lines(MANY, (Series("a", tuple(float(n) for n in range(130))), Series("b", (None,) * 130))),
    "a grid": Grid(
        WEEK[:5],
        tuple(f"{h}:00" for h in range(9, 17)),
        tuple(tuple(a * b for b in range(8)) for a in range(5)),
    ),
    "a grid of none": Grid(WEEK[:2], ("9:00",), ((None,), (0,))),
    "a grid of thousands": Grid(
        ("York House", "A centre with a rather long name"),
        ("Scan station", "Helped at the door"),
        ((99_999, 0), (1, None)),
    ),
    "ranges": Ranges(("Council tax", "Housing"), (7, None), (25, None), (10.2, None), (20, 10)),
}


def drawn(chart: Chart) -> list[Xml.Element]:
    """Both drawings for a page."""
    return list(Xml.fromstring(f"<page>{draw(chart, 'key', 'A title', 'What it shows')}</page>"))


def texts(svg: Xml.Element) -> list[str]:
    return [each.text or "" for each in svg.iter(f"{SVG}text")]


def looks(svg: Xml.Element) -> set[str]:
    return {look for each in svg.iter() for look in each.get("class", "").split()}


def of_look(svg: Xml.Element, look: str) -> list[Xml.Element]:
    return [each for each in svg.iter() if look in each.get("class", "").split()]


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_an_image_with_a_name_and_nothing_runs_out_of_it(name: str) -> None:
    wide, narrow = drawn(CHARTS[name])
    assert [wide.get("viewBox", "").split()[2], narrow.get("viewBox", "").split()[2]] == [
        f"{WIDE:.0f}",
        f"{NARROW:.0f}",
    ]
    ids: list[str] = []
    for svg in (wide, narrow):
        assert svg.get("role") == "img"
        named = {
            each.get("id"): each.text
            for each in (svg.find(f"{SVG}title"), svg.find(f"{SVG}desc"))
            if each is not None
        }
        assert named == {svg.get("aria-labelledby"): "A title", svg.get("aria-describedby"): "What it shows"}
        ids += [str(each) for each in named]
        assert not [each.tag for each in svg.iter() if each.tag in (f"{SVG}script", f"{SVG}style")]
        assert not [
            each
            for each in svg.iter()
            if each.get("style") or any(key.startswith("on") for key in each.attrib)
        ]
        width, height = (float(each) for each in svg.get("viewBox", "").split()[2:])
        for shape in svg.iter(f"{SVG}rect"):
            x, y, wide_, tall = (float(shape.get(key, "nan")) for key in ("x", "y", "width", "height"))
            assert -3 <= x <= x + wide_ <= width + 3, Xml.tostring(shape)
            assert -1 <= y <= y + tall <= height + 1, Xml.tostring(shape)
        for words in svg.iter(f"{SVG}text"):
            begin = float(words.get("x", "nan"))
            long = width_of(words.text or "", 11.5 if "small" in words.get("class", "") else LETTERS)
            begin -= {"end": long, "middle": long / 2}.get(words.get("text-anchor", ""), 0.0)
            assert begin >= -2, (words.text, begin)
            assert begin + long <= width + 2, (words.text, begin + long)
            assert 0 < float(words.get("y", "nan")) <= height
    assert len(set(ids)) == 4, "ids are a page's own"


@pytest.mark.parametrize("name", CHARTS)
def test_every_look_is_there_on_a_page_and_in_print(name: str) -> None:
    on_page = SHEET.read_text()
    for look in looks(drawn(CHARTS[name])[0]) - {"chart", "chart-wide", "t"}:
        assert re.search(rf"\.chart[^{{]*\.{look}\b", on_page), look
        assert re.search(rf"\.{look}\b", STYLE), look


@pytest.mark.parametrize("name", CHARTS)
def test_by_itself_it_holds_its_looks_and_its_size(name: str) -> None:
    svg = Xml.fromstring(alone(CHARTS[name], "A title", "What it shows"))
    assert svg.get("width") == f"{WIDE:.0f}"
    assert float(svg.get("height", "0")) > 20
    (style,) = svg.iter(f"{SVG}style")
    assert "font-family: Noto Sans" in (style.text or "")
    assert "var(" not in (style.text or "")
    assert texts(svg) == texts(drawn(CHARTS[name])[0])


def test_without_a_label_there_is_no_chart() -> None:
    for chart in (
        Bars((), ()),
        Columns((), (Series("a", ()),)),
        Lines((), ()),
        Grid((), (), ()),
        Ranges((), (), ()),
    ):
        assert draw(chart, "key", "A title", "What it shows") == ""
        assert alone(chart, "A title", "What it shows") == ""


def test_bars_are_as_long_as_their_values_and_begin_at_nothing() -> None:
    for svg in drawn(Bars(("a", "b", "c", "d"), (100, 50, 0, None))):
        bars = [each for each in of_look(svg, "s1") if each.tag == f"{SVG}rect"]
        begins, lengths = {each.get("x") for each in bars}, [float(each.get("width", "0")) for each in bars]
        (axis,) = of_look(svg, "axis")
        assert begins == {axis.get("x1")}
        assert lengths[0] == pytest.approx(2 * lengths[1], abs=0.2)
        assert len(bars) == 2, "nothing has no length, and what is not known has no bar"
        assert {"100", "50", "0", "–"} <= set(texts(svg))


def test_what_is_not_known_is_a_gap_in_the_line_and_not_a_nought() -> None:
    wide, _ = drawn(Lines(tuple("abcdefg"), (Series("x", (1, 2, None, 4, 5, None, 7)),)))
    paths = [each.get("d", "") for each in of_look(wide, "line")]
    assert [path.count("L") for path in paths] == [1, 1], "two stretches of two points"
    assert len(of_look(wide, "dot")) == 5, "and one point by itself"


def test_lines_carry_their_names_and_their_own_dashes() -> None:
    chart = CHARTS["five lines"]
    assert isinstance(chart, Lines)
    three = Lines(chart.labels, chart.series[:3], Measure.SHARE)
    wide, narrow = drawn(three)
    for svg in (wide, narrow):
        assert {"Centre 0", "Centre 1", "Centre 2"} <= set(texts(svg))
        assert {"l1", "l2", "l3"} <= looks(svg)
    dashes = re.findall(r"\.(l\d) \{[^}]*?stroke-dasharray: ([^;]+);", STYLE)
    assert len({dash for _, dash in dashes}) == len(dashes) == 3, "all but the first, each another"


def test_lines_that_end_together_have_their_names_apart() -> None:
    wide, _ = drawn(Lines(("a", "b"), tuple(Series(f"Name {n}", (n, 50 + n / 10)) for n in range(4))))
    at = sorted(
        float(each.get("y", "0")) for each in wide.iter(f"{SVG}text") if (each.text or "").startswith("Name")
    )
    assert len(at) == 4
    assert min(after - before for before, after in itertools.pairwise(at)) >= LETTERS


def test_words_of_a_label_do_not_meet_those_of_the_next() -> None:
    for chart in (
        CHARTS["130 columns"],
        CHARTS["130 points"],
        Columns(tuple(f"{h}:00" for h in range(24)), (Series("a", (1,) * 24),)),
    ):
        for svg in drawn(chart):
            foot = max(float(each.get("y", "0")) for each in svg.iter(f"{SVG}text"))
            labels = [each for each in svg.iter(f"{SVG}text") if float(each.get("y", "0")) == foot]
            places = [(float(each.get("x", "0")), width_of(each.text or "")) for each in labels]
            assert len(places) >= 3
            for (x, wide), (after, next_wide) in itertools.pairwise(places):
                assert x + wide / 2 <= after - next_wide / 2


def test_a_key_names_the_band_as_its_series_does() -> None:
    told = Series("a", (1, 2), (0, 1), (3, 4), band="four times in five")
    usual = Series("b", (1, 2), (0, 1), (3, 4))
    for chart in (Columns(("Mon", "Tue"), (told, usual)), Lines(("Mon", "Tue"), (told, usual))):
        for svg in drawn(chart):
            assert "four times in five, usual" in [each.text for each in svg.iter(f"{SVG}text")]


def test_no_name_becomes_markup() -> None:
    bad = "<script>alert(1)</script> & \"so'"
    for chart in (
        Bars((bad,), (1,), other=(1,), names=(bad, bad)),
        Columns((bad,), (Series(bad, (1,)), Series(bad, (1,)))),
        Lines((bad, "b"), (Series(bad, (1, 2)), Series(bad, (1, 2)))),
        Grid((bad,), (bad,), ((1,),)),
        Ranges((bad,), (1,), (2,)),
    ):
        whole = draw(chart, 'k"<', bad, bad) + alone(chart, bad, bad)
        assert "<script" not in whole
        Xml.fromstring(f"<page>{whole}</page>")


def test_a_grid_has_its_longer_side_downwards_and_every_number_in_its_cell() -> None:
    chart = CHARTS["a grid"]
    assert isinstance(chart, Grid)
    for svg in drawn(chart):
        words = texts(svg)
        assert words[:5] == list(chart.rows), "weekdays beside each other"
        cells = [str(chart.values[day][hour]) for hour in range(8) for day in range(5)]
        assert [each for each in words[5:] if ":" not in each] == cells
    assert [shade_of(value, 100) for value in (None, 0, 1, 20, 21, 81, 100)] == [0, 0, 1, 1, 2, 5, 5]


@given(st.lists(st.one_of(st.none(), st.integers(0, 200_000)), max_size=8), st.integers(2, 6))
def test_an_axis_of_people_holds_all_of_them_in_few_whole_steps(values: list[int | None], most: int) -> None:
    scale = scale_of(values, Measure.COUNT, most)
    known = [each for each in values if each is not None]
    assert scale.low == 0
    assert scale.high >= max(known, default=0)
    assert 2 <= len(scale.ticks) <= most + 2
    assert all(tick == int(tick) for tick in scale.ticks)
    assert len({round(b - a, 6) for a, b in zip(scale.ticks, scale.ticks[1:], strict=False)}) == 1
    assert [scale.part(scale.low), scale.part(scale.high)] == [0, 1]


@given(
    st.lists(st.floats(-500, 3000), min_size=1, max_size=6),
    st.sampled_from([Measure.MINUTES, Measure.CHANGE, Measure.NUMBER]),
)
def test_an_axis_that_goes_both_ways_has_nothing_on_it(values: list[float], measure: Measure) -> None:
    scale = scale_of(values, measure)
    assert 0 in scale.ticks
    assert scale.low <= min(0, *values) + 1e-6
    assert scale.high >= max(0, *values) - 1e-6


@given(st.text(max_size=120), st.floats(20, 300))
def test_wrapped_words_fit_and_none_is_lost(words: str, width: float) -> None:
    lines = wrapped(words, width)
    assert "".join("".join(lines).split()) == "".join(words.split())
    assert all(width_of(line) <= width or len(line) == 1 for line in lines)
