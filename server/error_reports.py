"""Faults of the program told to a Sentry-compatible address, if one is set (`FOYER_ERROR_REPORTS`; off otherwise, and then nothing of it is loaded).

A report is made anew from the log's own rules (`server.logs`): what kind of exception, through which lines of code, our sentence, the release. None of what
such libraries gather by themselves goes: no request, no header, no cookie, no address, no local value, no message of an exception, no name of the
machine, no trail of what happened before. None of the library's integrations is loaded, and `before_send` builds the event a second time from
what is allowed, so that a new release of the library that gathers more sends no more.

The same fault is told once in ten minutes, and no more than `MOST_AN_HOUR` of any kind: a server in trouble must not be a second trouble for whoever listens.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import Any

from server import logs

SAME_SECONDS, MOST_AN_HOUR = 600.0, 60
KEPT = (
    "event_id",
    "timestamp",
    "level",
    "platform",
    "release",
    "logger",
    "exception",
    "message",
    "fingerprint",
)
_KEPT_OF_FRAME = ("filename", "function", "lineno", "in_app")


def only_allowed(event: dict[str, Any], _hint: Any = None) -> dict[str, Any]:
    """What goes, made anew from what came."""
    made = {key: event[key] for key in KEPT if key in event}
    values = (event.get("exception") or {}).get("values", ())
    made["exception"] = {"values": [_value(each) for each in values]}
    return made


def _value(value: dict[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames", ())
    kept = [{key: frame[key] for key in _KEPT_OF_FRAME if key in frame} for frame in frames]
    return {"type": value.get("type", "Fault"), "value": "", "stacktrace": {"frames": kept}}


def report_of(record: logging.LogRecord) -> dict[str, Any]:
    """The report of one line of the log."""
    said, info = logs.sentence(record), record.exc_info
    error = info[1] if isinstance(info, tuple) else None
    trace = info[2] if isinstance(info, tuple) else None
    frames = []
    for place in logs.through(trace):
        where, _, function = place.partition(" ")
        path, _, line = where.rpartition(":")
        frames.append(
            {
                "filename": path,
                "function": function,
                "lineno": int(line),
                "in_app": path.startswith("server/"),
            }
        )
    kinds = logs.kinds(error) or ["Fault"]
    values = [
        {"type": kind, "value": "", "stacktrace": {"frames": frames if not n else []}}
        for n, kind in enumerate(kinds)
    ]
    return {
        "level": "error",
        "platform": "python",
        "logger": record.name,
        "message": said,
        "exception": {"values": values[::-1]},
        "fingerprint": [
            kinds[0],
            frames[-1]["filename"] if frames else record.name,
            str(frames[-1]["lineno"] if frames else record.lineno),
        ],
    }


class Reporter(logging.Handler):
    """Tells faults (errors, and whatever carries an exception) and keeps quiet about the rest."""

    def __init__(self, client: Any) -> None:
        super().__init__(logging.ERROR)
        self._client = client
        self._told: dict[tuple[str, ...], float] = {}
        self._lately: deque[float] = deque()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("sentry_sdk", "urllib3")):
            return  # it would tell of itself, in a ring
        try:
            report = report_of(record)
            if self._may(tuple(report["fingerprint"])):
                self._client.capture_event(report)
        except Exception:  # whatever it is: a report that cannot be made must not be another fault
            self._told.clear()

    def _may(self, fingerprint: tuple[str, ...]) -> bool:
        now = time.monotonic()
        while self._lately and now - self._lately[0] > 3600:
            self._lately.popleft()
        if (
            now - self._told.get(fingerprint, -SAME_SECONDS) < SAME_SECONDS
            or len(self._lately) >= MOST_AN_HOUR
        ):
            return False
        if len(self._told) > 500:
            self._told.clear()
        self._told[fingerprint] = now
        self._lately.append(now)
        return True

    def close(self) -> None:
        self._client.close(timeout=2.0)
        super().close()


def set_up(address: str, release: str) -> Reporter | None:
    """From now on faults are told to `address`; nothing happens when it is empty."""
    if not address:
        return None
    import sentry_sdk

    client = sentry_sdk.Client(
        dsn=address,
        release=release,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[],
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        server_name="",
        attach_stacktrace=False,
        auto_session_tracking=False,
        send_client_reports=False,
        max_request_body_size="never",
        before_send=only_allowed,  # type: ignore[arg-type]  # its event is a dictionary with a name of its own
    )
    reporter = Reporter(client)
    logging.getLogger().addHandler(reporter)
    return reporter
