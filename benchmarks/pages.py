"""How well papers are found, flattened and read: the rows of the table for scan stations, on photographs that nobody tuned the finder to.

Each picture is made from a seed of `SEEDS`, which only this report uses; the finder was changed while looking at others. Found means an overlap of
0.9 or more with the true outline, and a picture in which nothing was found counts as an overlap of nothing. Time is one thread's own processor time
(`time.thread_time`), picture in memory to corners, so that other programs on the same processors matter little; the clock's time stands beside it. Reading is tesseract's, of the flattened page
against what it reads of the very paper, flat, at the same 200 dpi: the share of its printed words that come back.

    python -m benchmarks.pages 8    # one eighth of it, and pictures of what failed in build/pages
"""

from __future__ import annotations

import collections
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import papers, photographs, qr
from benchmarks.process import ROOT
from benchmarks.speed import Bench
from hardware.devices import Colour
from hardware.vision import pages
from hardware.vision.pages import shapes

SEEDS = 9_000_000
GOOD, EMPTY, MANY, READ, WRONG, TURNED = 300, 500, 40, 12, 10, 24
FOUND = 0.9
FAILED = ROOT / "build" / "pages"
Floats = NDArray[np.float32]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds of a look: the thread's own, and by the clock."""

    own: float
    clock: float


@dataclass(frozen=True, slots=True)
class Looked:
    """One good picture. `off`: the worst corner, in millimetres of the paper; of no meaning where it was not found."""

    seed: int
    overlap: float
    off: float
    fault: str
    spent: Spent


def rows(bench: Bench) -> None:
    measure(bench.values, bench.count)


def measure(values: dict[str, float], count: Callable[[int], int]) -> None:
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=_alone) as pool:
        looked = _told("good pictures", pool, _look, SEEDS, count(GOOD))
        empty = _told("empty plates", pool, _empty, SEEDS + 10_000, count(EMPTY))
        many = _told("papers beside each other", pool, _several, SEEDS + 20_000, count(MANY))
        read = _told("pages read", pool, _read, SEEDS + 30_000, count(READ))
        turned = _told("pages set upright", pool, _turned, SEEDS + 40_000, count(TURNED))
        wrong = _told("faulty pictures", pool, _wrong, SEEDS + 60_000, len(photographs.WRONG) * count(WRONG))
    found = [each for each in looked if each.overlap >= FOUND]
    values["page_overlap"] = statistics.fmean(each.overlap for each in looked)
    values["page_found_percent"] = 100 * len(found) / len(looked)
    values["page_corner_mm"] = statistics.median(each.off for each in found)
    values["page_corner_p95_mm"] = float(np.percentile([each.off for each in found], 95))
    values["page_fault_where_none_percent"] = 100 * sum(bool(each.fault) for each in found) / len(found)
    values["pages_on_empty_plates"] = sum(pages for pages, _, _ in empty)
    values["page_fault_on_empty_percent"] = 100 * sum(said for _, said, _ in empty) / len(empty)
    values["page_fault_said_percent"] = 100 * sum(right for _, right in wrong) / len(wrong)
    for fault in photographs.WRONG:
        told = [right for name, right in wrong if name == fault]
        print(f"  {fault}: said of {sum(told)} of {len(told)}", file=sys.stderr, flush=True)
    values["papers_of_many_percent"] = 100 * sum(hit for hit, _ in many) / sum(of for _, of in many)
    values["page_read_points"] = 100 * statistics.fmean(flattened - flat for flattened, flat in read)
    values["page_read_flat_percent"] = 100 * statistics.fmean(flat for _, flat in read)
    values["page_turned_right_percent"] = 100 * sum(each == 1 for each in turned) / len(turned)
    values["page_turned_wrong_percent"] = 100 * sum(each == -1 for each in turned) / len(turned)
    spent = [*(each.spent for each in looked), *(each for _, _, each in empty)]
    values["page_look_ms"] = statistics.median(each.own for each in spent)
    values["page_look_clock_ms"] = statistics.median(each.clock for each in spent)
    values.update(qr.codes(count(120)))


# One picture each ---------------------------------------------------------------------------------------------


def _told(
    what: str, pool: ProcessPoolExecutor, ask: Callable[[int], Answer], first: int, many: int
) -> list[Answer]:
    """All answers, and on the way how far it is."""
    made: list[Answer] = []
    begun = time.monotonic()
    for answer in pool.map(ask, range(first, first + many), chunksize=2):
        made.append(answer)
        if len(made) % 50 == 0 or len(made) == many:
            said = f"  {what}: {len(made)} of {many}, {time.monotonic() - begun:.0f} s"
            print(said, file=sys.stderr, flush=True)
    return made


def _alone() -> None:
    cv2.setNumThreads(1)


def _look(seed: int) -> Looked:
    taken = photographs.photograph(seed)
    truth = shapes.in_order(taken.corners[0])
    found, spent = _timed(taken.picture)
    if found is None:
        _keep(f"missed-{seed}", taken.picture, [truth], [])
        return Looked(seed, 0.0, 0.0, "", spent)
    overlap = shapes.overlap(found.corners, truth)[0]
    if overlap < FOUND:
        _keep(f"missed-{seed}", taken.picture, [truth], [found.corners])
    off = float(np.linalg.norm(found.corners - truth, axis=1).max()) / taken.dots_per_mm
    return Looked(seed, overlap, off, pages.look(taken.picture).fault or "", spent)


def _empty(seed: int) -> tuple[int, bool, Spent]:
    """How many pages were found there, and whether anything was said of one that is none."""
    picture = photographs.empty(seed)
    one, spent = _timed(picture)
    found = pages.find_all(picture) if one is not None else []
    if found:
        _keep(f"false-{seed}", picture, [], [each.corners for each in found])
    return len(found), not found and pages.look(picture).found is not None, spent


def _wrong(seed: int) -> tuple[str, bool]:
    """A picture with a fault, and whether that is what is said of it."""
    fault = photographs.WRONG[seed % len(photographs.WRONG)]
    taken = photographs.photograph(seed, wrong=fault)
    looked = pages.look(taken.picture)
    if looked.fault != fault:
        corners = [looked.found.corners] if looked.found is not None else []
        _keep(f"{fault}-{seed}-{looked.fault}", taken.picture, [shapes.in_order(taken.corners[0])], corners)
    return fault, looked.fault == fault


def _timed(picture: Colour) -> tuple[pages.Found | None, Spent]:
    own, clock = time.thread_time(), time.perf_counter()
    found = pages.find(picture)
    return found, Spent((time.thread_time() - own) * 1000, (time.perf_counter() - clock) * 1000)


def _several(seed: int) -> tuple[int, int]:
    taken = photographs.photograph(seed, count=2 + seed % 4)
    found = pages.find_all(taken.picture)
    truths = [shapes.in_order(each) for each in taken.corners]
    hit = [any(shapes.overlap(one.corners, truth)[0] >= FOUND for one in found) for truth in truths]
    if not all(hit):
        _keep(f"many-{seed}", taken.picture, truths, [each.corners for each in found])
    return sum(hit), len(hit)


def _read(seed: int) -> tuple[float, float]:
    """Which part of the words is read of the flattened page, and of the flat paper."""
    kind = papers.PROSE[seed % len(papers.PROSE)]
    taken = photographs.photograph(seed, kind=kind, size=photographs.STILL, straight=True)
    paper, truth = taken.papers[0], taken.corners[0]
    found = pages.find(taken.picture)
    if found is None:
        return 0.0, _words_back(paper, paper.flat)
    # Which way up it lies is another row's matter.
    first = int(np.argmin(np.linalg.norm(found.corners - truth[0], axis=1)))
    corners = np.roll(found.corners, -first, axis=0)
    flat = pages.flatten(taken.picture, corners)
    return _words_back(paper, pages.even(flat)), _words_back(paper, paper.flat)


def _words_back(paper: papers.Paper, page: Colour) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.jpg"
        path.write_bytes(pages.jpeg(page))
        told = subprocess.run(
            ["tesseract", str(path), "-", "--dpi", "200"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        ).stdout
    want, have = collections.Counter(paper.words), collections.Counter(told.split())
    return sum((want & have).values()) / max(1, sum(want.values()))


def _turned(seed: int) -> int:
    """1: set upright, 0: left as it lay though it was not upright, -1: turned wrongly."""
    kind = papers.PROSE[seed % len(papers.PROSE)]
    taken = photographs.photograph(seed, kind=kind)
    found = pages.find(taken.picture)
    if found is None:
        return 0
    first = int(np.argmin(np.linalg.norm(found.corners - taken.corners[0][0], axis=1)))
    needs = (-90 * first) % 360
    told = pages.upright(pages.flatten(taken.picture, found.corners))
    return 1 if told == needs else 0 if told == 0 else -1


def _keep(name: str, picture: Colour, truths: list[Floats], found: list[Floats]) -> None:
    FAILED.mkdir(parents=True, exist_ok=True)
    shown = picture.copy()
    for corners, ink in [*((each, (0, 255, 0)) for each in truths), *((each, (0, 0, 255)) for each in found)]:
        cv2.polylines(shown, [np.rint(corners).astype(np.int32)], True, ink, 3)
    cv2.imwrite(str(FAILED / f"{name}.jpg"), shown)


def main() -> int:
    part = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    values: dict[str, float] = {}
    measure(values, lambda usual: max(4, usual // part))
    for name, value in values.items():
        print(f"{name:36}{value:10.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
