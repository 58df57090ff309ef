"""The table of ASVS 5.0.0 names each requirement of levels 1 and 2 once, and its head counts what stands in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tests.repo.tree import ROOT

PAGE = ROOT / "docs" / "asvs.md"

REQUIRED = """
V1.1 -/1-2, V1.2 1-5/6-9, V1.3 1-2/3-11, V1.4 -/1-3, V1.5 1/2,
V2.1 1/2-3, V2.2 1-2/3, V2.3 1/2-4, V2.4 -/1,
V3.2 1-2/-, V3.3 1/2-4, V3.4 1-2/3-6, V3.5 1-3/4-5, V3.7 -/1-2,
V4.1 1/2-3, V4.2 -/1, V4.3 -/1-2, V4.4 1/2-4,
V5.1 -/1, V5.2 1-2/3, V5.3 1-2/-, V5.4 -/1-3,
V6.1 1/2-3, V6.2 1-8/9-12, V6.3 1-2/3-4, V6.4 1-2/3-4, V6.5 -/1-5, V6.6 -/1-3, V6.8 -/1-4,
V7.1 -/1-3, V7.2 1-4/-, V7.3 -/1-2, V7.4 1-2/3-5, V7.5 -/1-2, V7.6 -/1-2,
V8.1 1/2, V8.2 1-2/3, V8.3 1/-, V8.4 -/1,
V9.1 1-3/-, V9.2 1/2-4,
V10.1 -/1-2, V10.2 -/1-2, V10.3 -/1-4, V10.4 1-5/6-11, V10.5 -/1-5, V10.6 -/1-2, V10.7 -/1-3,
V11.1 -/1-2, V11.2 -/1-3, V11.3 1-2/3, V11.4 1/2-4, V11.5 -/1, V11.6 -/1,
V12.1 1/2-3, V12.2 1-2/-, V12.3 -/1-4,
V13.1 -/1, V13.2 -/1-5, V13.3 -/1-2, V13.4 1/2-5,
V14.1 -/1-2, V14.2 1/2-4, V14.3 1/2-3,
V15.1 1/2-3, V15.2 1/2-3, V15.3 1/2-7,
V16.1 -/1, V16.2 -/1-5, V16.3 -/1-4, V16.4 -/1-3, V16.5 -/1-3,
V17.1 -/1, V17.2 -/1-4, V17.3 -/1-2
"""
"""Section, then the numbers of level 1 and those of level 2."""
VERDICTS = ("met", "partly", "not met", "none")


def required() -> Iterator[tuple[str, int]]:
    for each in REQUIRED.replace("\n", " ").split(","):
        section, levels = each.split()
        for level, span in enumerate(levels.split("/"), start=1):
            if span != "-":
                first, _, last = span.partition("-")
                for number in range(int(first), int(last or first) + 1):
                    yield f"{section}.{number}", level


def rows() -> Iterator[tuple[str, int, str, str]]:
    """Requirement, level, verdict, how."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| V"):
            ids, level, _, verdict, how = (cell.strip() for cell in line.strip("|").split("|", 4))
            for each in ids.split(", "):
                yield each, int(level), verdict.strip("*"), how


def test_each_requirement_of_levels_1_and_2_is_answered_once() -> None:
    asked = list(required())
    assert len(asked) == 253
    assert sorted((each, level) for each, level, _, _ in rows()) == sorted(asked)


def test_the_head_counts_what_the_table_says() -> None:
    counted = Counter(verdict for _, _, verdict, _ in rows())
    assert set(counted) <= set(VERDICTS)
    head = PAGE.read_text(encoding="utf-8").split("\n## ", 1)[0]
    told = {
        verdict: int(found[1])
        for verdict in VERDICTS
        if (found := re.search(rf"^\| {verdict} \| (\d+) \|$", head, re.M))
    }
    assert told == {verdict: counted[verdict] for verdict in VERDICTS}
    assert f"| {sum(counted.values())} requirements |" in head


def test_whatever_is_met_says_where_that_is_seen() -> None:
    for each, _, verdict, how in rows():
        files = [
            path
            for path, _ in re.findall(r"`([\w-][\w./-]*[/.][\w./-]*\w)(::\w+)?`", how)
            if not path.startswith("owasp")
        ]
        missing = [path for path in files if "/" in path and not (ROOT / path).exists()]
        assert not missing, (each, missing)
        assert verdict != "met" or files or "](" in how, f"{each} is met, it says; where is that seen?"


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 150
    gone = [
        f"{path}::{test}"
        for path, test in named
        if not re.search(rf"^(async )?def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.M)
    ]
    assert gone == []
