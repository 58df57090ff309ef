"""Makes a scanned PDF searchable (PDF/A, by ocrmypdf and tesseract) and tells how well a machine could read it.

Runs as a process of its own at the lowest priority, with limits of time and memory, one at a time. The pictures stay as they are, byte for byte; text is
laid beneath them. Tesseract works on files, so what is read lies in a folder for as long as that takes: in RAM (`/dev/shm`) where there is such,
otherwise in the server's data folder; for the server's user alone; gone afterwards. A server that was killed meanwhile leaves one, and the next start
removes it: whoever lives holds the lock in their folder.

Whether it is readable is what tesseract says of its own words: below `POOR_BELOW` on average, a page is hard to read. A page with hardly any words
(a photograph, a card) says nothing. In a language that is not set up, words are misread and the page is called poor: set the languages up.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wire.vocabulary import Readable

POOR_BELOW = 60.0
"""Of 100. Clean print at 200 dots an inch is read with over 85."""
FEWEST_WORDS = 8
SECONDS, SECONDS_A_PAGE = 120.0, 20.0
MOST_MEMORY = 3 * 1024 * 1024 * 1024
MOST_FILE = 512 * 1024 * 1024
PREFIX = "foyer-reading-"
LOOK_SECONDS = 0.2
HAS_TEXT = 6
"""What ocrmypdf answers when the PDF is searchable already."""

_WORD = re.compile(r"""class=['"]ocrx_word['"][^>]*x_wconf (\d+)[^>]*>(.*?)</span>""", re.DOTALL)
_MARK = re.compile(r"<[^>]*>|&[a-z#0-9]+;")


@dataclass(frozen=True)
class Read:
    """`body` None: it could not be made searchable, and the plain one is kept."""

    body: bytes | None
    readable: Readable


PLAIN = Read(None, Readable.UNKNOWN)


def place_for(data: Path) -> Path:
    """Where files may lie while they are read."""
    shm = Path("/dev/shm")  # noqa: S108 - RAM, and the folder in it is ours alone
    return shm if os.access(shm, os.W_OK) else data


def clear_away(place: Path) -> int:
    """Remove what a server that was killed has left; how many folders."""
    removed = 0
    for folder in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid != os.getuid():
                continue
            with (folder / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
                removed += 1
    return removed


def languages_of(wanted: str) -> str:
    """Those of `wanted` (`eng+pol`) that tesseract has; empty when it has none, or is not installed."""
    try:
        listed = subprocess.run(
            ["tesseract", "--list-langs"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    there = set(listed.stdout.split())
    return "+".join(each for each in wanted.split("+") if each in there)


def longest(pages: int) -> float:
    """Seconds after which reading so many pages is given up."""
    return SECONDS + SECONDS_A_PAGE * pages


def read(body: bytes, pages: int, languages: str, place: Path, stop: threading.Event | None = None) -> Read:
    """Blocks for seconds a page, or until `stop` is set: call it in a thread."""
    if not languages:
        return PLAIN
    with _folder(place) as folder:
        (folder / "in.pdf").write_bytes(body)
        command = [
            *(sys.executable, "-m", __name__),
            *("--output-type", "pdfa", "--pdfa-backend", "internal", "--optimize", "0", "--jobs", "1"),
            *("--tesseract-timeout", "120", "--keep-temporary-files", "--quiet", "-l", languages),
            *(str(folder / "in.pdf"), str(folder / "out.pdf")),
        ]
        code = _run(command, folder, longest(pages), stop or threading.Event())
        if code == HAS_TEXT:
            return Read(body, Readable.YES)
        if code != 0:
            return PLAIN
        return Read((folder / "out.pdf").read_bytes(), judge(_confidences(folder)))


def judge(pages: Sequence[Sequence[float]]) -> Readable:
    """Given how sure a machine is of each word of each page."""
    means = [sum(words) / len(words) for words in pages if len(words) >= FEWEST_WORDS]
    if not means:
        return Readable.UNKNOWN
    return Readable.POOR if min(means) < POOR_BELOW else Readable.YES


@contextlib.contextmanager
def _folder(place: Path) -> Iterator[Path]:
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))  # 0700
    try:
        with (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str], folder: Path, seconds: float, stop: threading.Event) -> int:
    """How it ended; -1 when it took too long or was to stop. Everything it started ends with it."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "TMPDIR": str(folder),
        "HOME": str(folder),
        "OMP_THREAD_LIMIT": "1",
        **{name: value for name, value in os.environ.items() if name == "TESSDATA_PREFIX"},
    }
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until and not stop.is_set():
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(LOOK_SECONDS)
        return -1
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _confidences(folder: Path) -> list[list[float]]:
    return [
        [
            float(sure)
            for sure, word in _WORD.findall(page.read_text(encoding="utf-8", errors="replace"))
            if sum(sign.isalnum() for sign in _MARK.sub("", word)) >= 2
        ]
        for page in sorted(folder.glob("ocrmypdf.io.*/*_ocr_hocr.hocr"))
    ]


def _confine() -> None:
    """Little memory, no core file, the lowest priority, and an end when the server's is there."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE, MOST_FILE))
    os.nice(19)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


if __name__ == "__main__":
    _confine()
    os.execv(sys.executable, [sys.executable, "-m", "ocrmypdf", *sys.argv[1:]])
