"""How well papers are found, flattened and read: the rows of the table for scan stations, on photographs that nobody tuned the finder to.

Each picture is made from a seed of `SEEDS`, which only this report uses; the finder was changed while looking at others. Found means an overlap of
0.9 or more with the true outline, and a picture in which nothing was found counts as an overlap of nothing. Time is of one thread's processor time,
picture in memory to corners, because other programs run on the same two processors. Reading is tesseract's, of the flattened page
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
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

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
GOOD, EMPTY, MANY, READ, TIMED, TURNED = 300, 500, 40, 12, 40, 24
FOUND = 0.9
FAILED = ROOT / "build" / "pages"
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Looked:
    """One good picture. `off`: the worst corner, in millimetres of the paper; of no meaning where it was not found."""

    seed: int
    overlap: float
    off: float
    fault: str


def rows(bench: Bench) -> None:
    measure(bench.values, bench.count)


def measure(values: dict[str, float], count: Callable[[int], int]) -> None:
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=_alone) as pool:
        looked = list(pool.map(_look, range(SEEDS, SEEDS + count(GOOD)), chunksize=4))
        false = list(pool.map(_false, range(SEEDS + 10_000, SEEDS + 10_000 + count(EMPTY)), chunksize=4))
        many = list(pool.map(_several, range(SEEDS + 20_000, SEEDS + 20_000 + count(MANY))))
        read = list(pool.map(_read, range(SEEDS + 30_000, SEEDS + 30_000 + count(READ))))
        turned = list(pool.map(_turned, range(SEEDS + 40_000, SEEDS + 40_000 + count(TURNED))))
    found = [each for each in looked if each.overlap >= FOUND]
    values["page_overlap"] = statistics.fmean(each.overlap for each in looked)
    values["page_found_percent"] = 100 * len(found) / len(looked)
    values["page_corner_mm"] = statistics.median(each.off for each in found)
    values["page_corner_p95_mm"] = float(np.percentile([each.off for each in found], 95))
    values["page_fault_where_none_percent"] = 100 * sum(bool(each.fault) for each in found) / len(found)
    values["pages_on_empty_plates"] = sum(false)
    values["papers_of_many_percent"] = 100 * sum(hit for hit, _ in many) / sum(of for _, of in many)
    values["page_read_points"] = 100 * statistics.fmean(flattened - flat for flattened, flat in read)
    values["page_read_flat_percent"] = 100 * statistics.fmean(flat for _, flat in read)
    values["page_turned_right_percent"] = 100 * sum(each == 1 for each in turned) / len(turned)
    values["page_turned_wrong_percent"] = 100 * sum(each == -1 for each in turned) / len(turned)
    values["page_look_ms"] = _milliseconds(range(SEEDS + 50_000, SEEDS + 50_000 + count(TIMED)))
    values.update(qr.codes(count(120)))


# One picture each ---------------------------------------------------------------------------------------------


def _alone() -> None:
    cv2.setNumThreads(1)


def _look(seed: int) -> Looked:
    taken = photographs.photograph(seed)
    truth = shapes.in_order(taken.corners[0])
    found = pages.find(taken.picture)
    if found is None:
        _keep(f"missed-{seed}", taken.picture, [truth], [])
        return Looked(seed, 0.0, 0.0, "")
    overlap = shapes.overlap(found.corners, truth)[0]
    if overlap < FOUND:
        _keep(f"missed-{seed}", taken.picture, [truth], [found.corners])
    off = float(np.linalg.norm(found.corners - truth, axis=1).max()) / taken.dots_per_mm
    return Looked(seed, overlap, off, pages.judge(taken.picture, found).fault or "")


def _false(seed: int) -> int:
    picture = photographs.empty(seed)
    found = pages.find_all(picture)
    if found:
        _keep(f"false-{seed}", picture, [], [each.corners for each in found])
    return len(found)


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


def _milliseconds(seeds: Iterable[int]) -> float:
    """A look at a frame of the live size, the median."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    spent = []
    for seed in seeds:
        picture = photographs.photograph(seed).picture if seed % 2 else photographs.empty(seed)
        pages.find(picture)
        begun = time.thread_time()
        pages.find(picture)
        spent.append((time.thread_time() - begun) * 1000)
    cv2.setNumThreads(threads)
    return statistics.median(spent)


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
