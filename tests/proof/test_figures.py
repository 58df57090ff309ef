"""The bench says what it was asked to say, and tells met from missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import figures
from benchmarks.bound import told
from benchmarks.fanout import percentile

PROMISED = [
    "issue_per_s_32",
    "call_per_s_32",
    "issue_p99_ms_8",
    "call_p99_ms_8",
    "issue_p99_ms_32",
    "call_p99_ms_32",
    "issue_share_with_200k_old",
    "call_share_with_200k_old",
    "back_after_kill_s",
    "call_to_100_displays_p99_ms",
    "call_to_1000_displays_p99_ms",
    "burst_announced_share",
    "slots_month_ms",
    "book_p95_ms_50",
    "touch_to_screen_p95_ms",
    "touch_to_paper_p95_ms",
    "kiosk_start_s",
    "kiosk_rss_mb",
    "kiosk_idle_cpu_percent",
    "server_rss_idle_mb",
    "server_rss_used_mb",
    "server_rss_1000_displays_mb",
    "page_overlap",
    "page_found_percent",
    "page_corner_mm",
    "page_corner_p95_mm",
    "pages_on_empty_plates",
    "papers_of_many_percent",
    "page_fault_where_none_percent",
    "page_fault_on_empty_percent",
    "page_fault_said_percent",
    "page_look_ms",
    "page_look_clock_ms",
    "page_read_points",
    "page_read_flat_percent",
    "page_turned_right_percent",
    "page_turned_wrong_percent",
    "code_read_percent",
    "code_look_ms",
    "code_opencv_read_percent",
    "code_opencv_look_ms",
    "years_page_s",
    "years_report_s",
    "years_report_all_s",
    "years_first_page_s",
    "years_sums_s",
    "years_visits",
    "waits_error_to_rolling_mean",
    "waits_error_to_best_other",
    "waits_right_off_points",
    "waits_ms_200",
    "search_recall_percent",
    "search_nonsense_percent",
    "search_ms",
    "hand_in_call_p95_ms_calm",
    "hand_in_call_p95_ms_3_pages",
    "hand_in_call_worst_ms_100_pages",
    "hand_in_100_pages_s",
    "hand_in_3_pages_ms",
    "hand_in_call_p95_ms_100_pages",
    "limit_group_commits_per_s",
    "limit_fanout_1000_p99_ms",
    "report_call_p95_ms",
    "report_call_p95_ms_alone",
    "report_memory_mb",
    "reports_made",
]


def test_the_keys_are_the_promised_ones() -> None:
    assert sorted(figures.KEYS) == sorted(PROMISED)


@pytest.mark.parametrize(
    ("key", "value", "standing"),
    [
        ("issue_per_s_32", 3300, "aim met"),
        ("issue_per_s_32", 1700, "ok"),
        ("issue_per_s_32", 1699, "MISSED"),
        ("back_after_kill_s", 0.8, "aim met"),
        ("back_after_kill_s", 2.0, "ok"),
        ("back_after_kill_s", 2.1, "MISSED"),
        ("limit_fanout_1000_p99_ms", 1e9, ""),
    ],
)
def test_a_figure_is_held_against_what_was_promised(key: str, value: float, standing: str) -> None:
    figure = next(each for each in figures.FIGURES if each.key == key)
    assert figure.standing(value) == standing


def test_what_was_not_measured_is_not_written_down(tmp_path: Path) -> None:
    figures.keep({"issue_per_s_32": 4000.123456}, tmp_path / "bench.json")
    assert json.loads((tmp_path / "bench.json").read_text()) == {"issue_per_s_32": 4000.1235}
    assert figures.table({"issue_per_s_32": 4000.0}).count("not measured") == len(PROMISED) - 1


def test_a_zero_is_told_with_its_bound() -> None:
    assert told(0, 3000) == "0 of 3,000 (below 0.1% with 95% certainty)"
    assert told(2, 3000) == "2 of 3,000"


def test_the_percentile_is_one_of_the_values() -> None:
    assert percentile([5.0, 1.0, 4.0, 2.0, 3.0], 0.99) == 5.0
    assert percentile([float(each) for each in range(1, 101)], 0.95) == 95.0
    assert percentile([7.0], 0.5) == 7.0
