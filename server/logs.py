"""What the server writes into the log: lines of our own words, with nothing of a visitor in them, whatever goes wrong.

Nobody can promise that an exception's message, a library's line or a value in a frame holds no name, so none of them is written:

* Of our own loggers (`foyer...`) goes the sentence as it stands in the code, with its numbers and the few words of ours that are put into it. Which
  those are is a list that a test holds against the code (`tests/repo/test_logs.py`); what still looks like an address, a number or a key is struck out.
* Of a library goes its sentence without what was put into it if we know the library's sentences, otherwise only where it stands in its source.
* Of an exception goes what kind it was and the lines of code it came through: no message, no values. Numbers of the system and of the databases
  (ENOSPC, 40001) go too.
* Whatever else somebody hangs on a line goes only if its key is on `KEPT`.

Lines are JSON for machines or a line for people (`FOYER_LOGS`), to stdout, with the priority journald understands. Each line of a request carries the
request's number, and of an ask the ask's.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
ask_id: ContextVar[str] = ContextVar("ask_id", default="")

KEPT = ("at", "level", "event", "logger", "request", "ask", "error", "code", "through", "module", "line")
KNOWN_SENTENCES = ("uvicorn", "asyncio", "sqlalchemy.pool", "websockets.server", "py.warnings")
"""Libraries whose sentences are theirs alone when nothing is put into them. Of asyncio's only the first line: then comes what it is about."""
MOST_SIGNS, MOST_FRAMES = 600, 12
_ROOT = str(Path(__file__).resolve().parents[1])
_PRIORITY = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
_PUT_IN = re.compile(r"%[-+ #0-9.]*[a-zA-Z]")
_STRUCK = (
    (re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+"), "(address)"),
    (re.compile(r"(?<![\w.])\+?\d[\d ()-]{6,}\d(?![\w.])"), "(number)"),
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}\b"), "(key)"),
    (re.compile(r"\b[A-Z]{2,4}-?\d{4,}\b|\b[A-Z]{4}-[0-9A-Z]{4}\b"), "(reference)"),
)
WITNESSED = ("the audit is sealed up to link %s",)
"""Sentences that stand as they are: the newest link of the audit's chain is in the log so that it can be held against it, and looks like a key."""
OF_STRANGERS = ("Invalid HTTP request received", "Unsupported upgrade request")
"""What the web server says when somebody sends what is no request. It is no fault of ours, and whoever scans ports could fill the log with it."""
_ID = re.compile(r"[0-9a-f-]{8,36}")


def strike(text: str) -> str:
    """Without what looks as if it were somebody's; the second net, for the first is what is put in at all."""
    for pattern, word in _STRUCK:
        text = pattern.sub(word, text)
    return text[:MOST_SIGNS]


def shown_id(text: str) -> str:
    """An id as we make them; another's is not repeated."""
    return text if _ID.fullmatch(text) else "other"


def sentence(record: logging.LogRecord, filled: str | None = None) -> str:
    """What may be written of what a line says. `filled`: what it says when all is put into it, where that is known already."""
    if record.name.split(".")[0] == "foyer":
        told = _filled(record) if filled is None else filled
        return told if record.msg in WITNESSED else strike(told)
    template = str(record.msg).strip().split("\n")[0]
    if record.name.startswith(KNOWN_SENTENCES) and not record.name.startswith("uvicorn.access"):
        return strike(_PUT_IN.sub("…", template))
    return f"{record.name.split('.')[0]} has something to say"


def _filled(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


def kinds(error: BaseException | None) -> list[str]:
    """What kind it is, and those it came of, the outermost first."""
    found: list[str] = []
    while error is not None and len(found) < 5:
        found.append(type(error).__name__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def code_of(error: BaseException | None) -> str:
    """The system's or the database's number of it, which names nobody."""
    while error is not None:
        state = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
        if isinstance(state, str):
            return state
        if isinstance(error, OSError) and error.errno is not None:
            return errno.errorcode.get(error.errno, str(error.errno))
        error = error.__cause__ or error.__context__
    return ""


def through(trace: TracebackType | None) -> list[str]:
    """The lines of code, the innermost last: ours by their path in the house, others' by their package."""
    frames = [_place(frame) for frame in traceback.extract_tb(trace)]
    return frames[-MOST_FRAMES:]


def _place(frame: traceback.FrameSummary) -> str:
    path = frame.filename.removeprefix(_ROOT + os.sep)
    if "site-packages" in path:
        path = path.rpartition("site-packages" + os.sep)[2]
    elif path == frame.filename:
        path = Path(path).name
    return f"{path}:{frame.lineno} {frame.name}"


def of_record(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The first processor: a line made anew from what may be said of the record."""
    record: logging.LogRecord = event["_record"]
    line: dict[str, Any] = {
        "event": sentence(record, str(event["event"])),
        "level": record.levelname.lower(),
        "logger": record.name,
        "_record": record,
        "_from_structlog": False,
    }
    if request_id.get():
        line["request"] = request_id.get()
    if ask_id.get():
        line["ask"] = shown_id(ask_id.get())
    if record.name.split(".")[0] != "foyer":
        line |= {"module": record.module, "line": record.lineno}
    info = record.exc_info
    if info and isinstance(info, tuple) and info[1] is not None:
        line |= {"error": " < ".join(kinds(info[1])), "through": through(info[2])}
        if code := code_of(info[1]):
            line["code"] = code
    record.exc_info, record.exc_text, record.stack_info = None, None, None
    return line


def only_kept(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last before it is written."""
    return {key: event[key] for key in KEPT if key in event}


class _Journal(logging.StreamHandler[Any]):
    """To stdout; under systemd with each line's priority before it."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__(sys.stdout)
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        level = record.levelname.lower()
        text = super().format(record)
        return f"<{_PRIORITY.get(level, 6)}>{text}" if self._journal else text

    def filter(self, record: logging.LogRecord) -> bool:
        """What we told of ourselves the web server tells a second time when it comes to it."""
        info = record.exc_info
        error = info[1] if isinstance(info, tuple) else None
        if error is not None and record.name.startswith("foyer"):
            error.__dict__["_foyer_told"] = True
        elif error is not None and error.__dict__.get("_foyer_told"):
            return False
        if record.name == "uvicorn.error" and str(record.msg).startswith(OF_STRANGERS):
            return False
        return bool(super().filter(record))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library names it
        """A log that cannot be written (a full disk, a closed pipe) stops nobody's work, and the line is not written elsewhere instead."""


def _for_people(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> str:
    about = " ".join(
        f"{key}={event[key]}" for key in ("request", "ask", "error", "code", "module", "line") if key in event
    )
    line = f"{event['at']} {event['level'].upper():8}{event['logger']}: {event['event']}{f' [{about}]' if about else ''}"
    return "\n    ".join([line, *event.get("through", ())])


def _structlog() -> Any:
    """Without Rich, which it would load where that is installed, and Pygments with it, to paint tracebacks that are never written here: four megabytes."""
    hidden = "rich" not in sys.modules
    if hidden:
        sys.modules["rich"] = None  # type: ignore[assignment]  # as Python has it: not to be had
    try:
        import structlog
    finally:
        if hidden:
            del sys.modules["rich"]
    return structlog


def set_up(form: str = "auto", level: str = "info", journal: bool | None = None) -> None:
    """Every logger of this process writes through here from now on. `form`: `json`, `plain`, or `auto`: plain at a terminal."""
    structlog = _structlog()
    as_json = form == "json" or (form == "auto" and not sys.stdout.isatty())
    under_systemd = bool(os.environ.get("JOURNAL_STREAM")) if journal is None else journal
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else _for_people
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")
    handler = _Journal(journal=under_systemd)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[of_record, stamp, only_kept, renderer], keep_exc_info=True
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("foyer").setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
    logging.captureWarnings(True)
