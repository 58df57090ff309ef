"""The figures that are promised: what each means, at least, aim, and how it is written down.

`KEYS` are the keys of `build/bench.json`, in the order of the table. A figure better than `aim` is marked so, one worse than `least` makes the
whole run fail; limits of the machine have neither.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    key: str
    what: str
    unit: str = ""
    least: float | None = None
    aim: float | None = None
    more_is_better: bool = False
    decimals: int = 1

    def standing(self, value: float) -> str:
        if self.least is None or self.aim is None:
            return ""
        sign = 1 if self.more_is_better else -1
        if sign * value >= sign * self.aim:
            return "aim met"
        return "ok" if sign * value >= sign * self.least else "MISSED"


def _more(key: str, what: str, unit: str, least: float, aim: float, decimals: int = 0) -> Figure:
    return Figure(key, what, unit, least, aim, more_is_better=True, decimals=decimals)


FIGURES = (
    _more("issue_per_s_32", "tickets issued a second, 32 kiosks", "/s", 1700, 3300),
    _more("call_per_s_32", "call next a second, 32 counters, 200 waiting", "/s", 1500, 3900),
    Figure("issue_p99_ms_8", "issue, 99th percentile, 8 kiosks", "ms", 15, 6),
    Figure("call_p99_ms_8", "call next, 99th percentile, 8 counters", "ms", 15, 6),
    Figure("issue_p99_ms_32", "issue, 99th percentile, 32 kiosks", "ms", 40, 12),
    Figure("call_p99_ms_32", "call next, 99th percentile, 32 counters", "ms", 40, 12),
    _more(
        "issue_share_with_200k_old",
        "issue rate with 200,000 old tickets, share of the empty rate",
        "",
        0.9,
        0.97,
        2,
    ),
    _more(
        "call_share_with_200k_old",
        "call rate with 200,000 old tickets, share of the empty rate",
        "",
        0.9,
        0.97,
        2,
    ),
    Figure("back_after_kill_s", "first answer after kill -9", "s", 2, 0.8, decimals=2),
    Figure("call_to_100_displays_p99_ms", "call to the last of 100 displays, 99th percentile", "ms", 25, 12),
    Figure(
        "call_to_1000_displays_p99_ms", "call to the last of 1,000 displays, 99th percentile", "ms", 120, 60
    ),
    _more("burst_announced_share", "8 calls at once: announced once by every display", "", 1, 1, 3),
    Figure("slots_month_ms", "free slots of a month, 20 people, busy diary, median", "ms", 50, 20),
    Figure("book_p95_ms_50", "booking, 95th percentile, 50 clients", "ms", 100, 60),
    Figure(
        "years_page_s", "slowest manager page, ten years of five centres, median", "s", 1.0, 0.5, decimals=2
    ),
    Figure("years_report_s", "printed report of a year of one centre", "s", 10, 6, decimals=1),
    Figure("years_report_all_s", "the same of all five centres, some 145 pages", "s", 10, 6, decimals=1),
    Figure(
        "report_call_p95_ms", "call next beside reports being made, 95th percentile, 8 counters", "ms", 40, 20
    ),
    Figure("report_call_p95_ms_alone", "the same with none", "ms"),
    Figure("report_memory_mb", "memory of the process that makes a report", "MB", 500, 250, decimals=0),
    Figure("reports_made", "reports made meanwhile", decimals=0),
    Figure("years_first_page_s", "first page after a start, over all ten years", "s", decimals=2),
    Figure("years_sums_s", "summing up ten years of five centres, once", "s", decimals=0),
    Figure("years_visits", "visits in them", decimals=0),
    Figure("touch_to_screen_p95_ms", "touch to ticket on screen, 95th percentile", "ms", 100, 50),
    Figure("touch_to_paper_p95_ms", "touch to the printer's last byte, 95th percentile", "ms", 250, 120),
    Figure("kiosk_start_s", "kiosk start to first screen", "s", 2, 1, decimals=2),
    Figure("kiosk_rss_mb", "kiosk memory", "MB", 200, 150, decimals=0),
    Figure("kiosk_idle_cpu_percent", "kiosk idle processor", "%", 1, 0.2, decimals=2),
    Figure("server_rss_idle_mb", "server memory, idle", "MB", 110, 75, decimals=0),
    Figure(
        "server_rss_used_mb", "the same after 100 displays, 8 counters and their visitors", "MB", decimals=0
    ),
    Figure("server_rss_1000_displays_mb", "server memory with 1,000 displays", "MB", 180, 120, decimals=0),
    _more("page_overlap", "scan station: overlap (IoU) of the found page, mean", "", 0.97, 0.99, 4),
    _more("page_found_percent", "scan station: found in good pictures", "%", 98, 99.5, 1),
    Figure("page_corner_mm", "scan station: worst corner is off, median", "mm", 1.5, 0.5, decimals=2),
    Figure(
        "page_corner_p95_mm", "scan station: worst corner is off, 95th percentile", "mm", 5, 2, decimals=2
    ),
    Figure("pages_on_empty_plates", "scan station: false pages on 500 empty plates", "", 0, 0, decimals=0),
    _more(
        "papers_of_many_percent",
        "scan station: small papers found, two to five beside each other",
        "%",
        93,
        97,
    ),
    Figure("page_fault_where_none_percent", "scan station: good pictures said to be faulty", "%", 5, 1),
    Figure("page_fault_on_empty_percent", "scan station: empty plates said to hold a faulty page", "%", 3, 1),
    _more("page_fault_said_percent", "scan station: faults that are said, of six kinds", "%", 80, 90),
    Figure("page_look_ms", "scan station: a look at a frame of 1280 x 960, processor time", "ms", 40, 30),
    Figure("page_look_clock_ms", "the same by the clock", "ms"),
    _more(
        "page_read_points",
        "scan station: words read of a flattened page, against the flat one",
        "points",
        -2,
        0,
        2,
    ),
    _more("page_read_flat_percent", "scan station: words read of the flat one", "%", 80, 90, 1),
    _more("page_turned_right_percent", "scan station: set upright by its print", "%", 80, 95, 1),
    Figure("page_turned_wrong_percent", "scan station: turned wrongly", "%", 2, 0),
    _more("code_read_percent", "codes read: turned, aslant, small, noisy, dim", "%", 99, 100, 1),
    Figure("code_look_ms", "codes: a look at a frame of 1280 x 720", "ms", 5, 4),
    Figure("code_opencv_read_percent", "beside it: OpenCV's own detector", "%"),
    Figure("code_opencv_look_ms", "beside it: OpenCV's own detector, a look", "ms"),
    Figure("hand_in_call_p95_ms_calm", "call next, 95th percentile, 8 counters, nothing handed in", "ms"),
    Figure("hand_in_call_p95_ms_3_pages", "the same while 3 pages after 3 pages are taken in", "ms", 30, 15),
    Figure("hand_in_call_p95_ms_100_pages", "the same while 100 pages are taken in", "ms", 40, 20),
    Figure("hand_in_call_worst_ms_100_pages", "the longest meanwhile", "ms", 300, 120),
    Figure(
        "hand_in_3_pages_ms",
        "3 pages taken in: checked, bound, sealed, written, median",
        "ms",
        2000,
        800,
        decimals=0,
    ),
    Figure("hand_in_100_pages_s", "100 pages taken in", "s", 30, 12),
    Figure(
        "waits_error_to_rolling_mean",
        "waits told: error, beside a rolling mean's of 60 minutes",
        "",
        0.6,
        0.5,
        decimals=2,
    ),
    Figure(
        "waits_error_to_best_other",
        "waits told: error, beside the best other way's",
        "",
        0.95,
        0.9,
        decimals=2,
    ),
    Figure("waits_right_off_points", "waits told: ranges of 80% are right, off by", "points", 6, 4),
    Figure(
        "waits_ms_200",
        "waits told: one estimate, 200 waiting at 8 desks, processor time",
        "ms",
        100,
        50,
        decimals=0,
    ),
    _more(
        "search_recall_percent",
        "search: a name with a slip in every word is among three, worst language",
        "%",
        93,
        97,
        1,
    ),
    Figure(
        "search_nonsense_percent", "search: nonsense words that find something, worst language", "%", 4, 2
    ),
    Figure("search_ms", "search: one sign more of a long question", "ms", 8, 3, decimals=2),
    Figure(
        "limit_group_commits_per_s",
        "limit: the same rows into bare SQLite, 32 tickets a commit, FULL",
        "/s",
        decimals=0,
    ),
    Figure("limit_fanout_1000_p99_ms", "limit: 1,000 bare sockets, 99th percentile", "ms"),
)
KEYS = tuple(figure.key for figure in FIGURES)


def line_of(figure: Figure, value: float | None) -> str:
    def number(each: float | None) -> str:
        return "" if each is None else f"{each:,.{figure.decimals}f}"

    measured = "not measured" if value is None else f"{number(value)} {figure.unit}".rstrip()
    standing = "" if value is None else figure.standing(value)
    return f"{figure.what:<66} {number(figure.least):>7} {number(figure.aim):>7}  {measured:>14}  {standing}".rstrip()


def table(values: Mapping[str, float]) -> str:
    head = f"{'what':<66} {'least':>7} {'aim':>7}  {'measured':>14}"
    return "\n".join((head, "-" * len(head), *(line_of(each, values.get(each.key)) for each in FIGURES)))


def missed(values: Mapping[str, float]) -> list[str]:
    return [f.key for f in FIGURES if f.key in values and f.standing(values[f.key]) == "MISSED"]


def keep(values: Mapping[str, float], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {key: round(values[key], 4) for key in KEYS if key in values}
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
