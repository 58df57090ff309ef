"""`/metrics`: what this server counted, as Prometheus reads it.

Told to whoever shows the key of `FOYER_METRICS_KEY`, and where none is set to nobody: that somebody comes from this machine proves nothing, for so does
everybody by a proxy that runs here and says nothing of itself. A house without a proxy may let programs on its machine read without a key
(`FOYER_METRICS_OPEN`): those that come from a loopback address, for a loopback name, and with no word of a proxy. Nothing in it is
personal and every label comes from a list of ours (routes as they are written, kinds of asks, jobs), so there are only so many of them.

The numbers are gathered when they are asked for, on a registry made for the purpose; between two readings nobody pays but for adding (`server.measures`).
"""

from __future__ import annotations

import ipaddress
import secrets
from collections import Counter
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from server.domain.refusals import Refused
from server.domain.troubles import Level
from server.edge import House
from server.live.process import version
from server.measures import Spread
from server.store.sql import Sql, Statement
from server.web.gate import house_of
from server.web.socket import open_conversations
from wire.vocabulary import RefusalCode

router = APIRouter()

PROXIED = ("x-forwarded-for", "forwarded", "x-forwarded-host", "x-real-ip", "via")
WAITING = {
    "messages": Statement("SELECT COUNT(*), MIN(due_at) FROM post WHERE state = 'queued' AND due_at <= :now"),
    "webhooks": Statement(
        "SELECT COUNT(*), MIN(due_at) FROM hook_call WHERE done_at IS NULL AND dead_at IS NULL AND due_at <= :now"
    ),
    "hand_offs": Statement(
        "SELECT COUNT(*), MIN(due_at) FROM hand_off WHERE sent_at IS NULL AND dead_at IS NULL AND due_at <= :now"
    ),
}
"""What goes out by itself and is due: each has an index of what is open."""


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    house = house_of(request)
    settings = house.settings
    if not may_read(request, settings.metrics_key.get_secret_value(), is_open=settings.metrics_open):
        raise Refused(RefusalCode.NOT_ALLOWED, "These figures are for whoever has their key.")
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.process_collector import ProcessCollector

    waiting = await _waiting(house)
    registry = CollectorRegistry()
    registry.register(_Told(house, waiting))
    ProcessCollector(registry=registry)
    return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})


def may_read(request: Request, key: str, *, is_open: bool) -> bool:
    if key:
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and secrets.compare_digest(shown.encode(), key.encode())
    if not is_open or any(name in request.headers for name in PROXIED):
        return False
    return _is_here(request.client.host if request.client else "") and _is_here(request.url.hostname or "")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _waiting(house: House) -> dict[str, tuple[int, float]] | None:
    """How many are due, and for how many seconds the oldest; None when the database cannot be asked."""
    now = house.clock.micros()

    def count(connection: Connection) -> dict[str, tuple[int, float]]:
        sql, found = Sql(connection), {}
        for name, statement in WAITING.items():
            number, oldest = sql.one(statement, {"now": now}) or (0, None)
            found[name] = (int(number), max(0.0, (now - int(oldest)) / 1e6) if oldest else 0.0)
        return found

    try:
        return await house.look(count)
    except Exception:  # a database that is away is itself what these figures must tell
        return None


class _Told:
    """One reading of everything, in Prometheus's words."""

    def __init__(self, house: House, waiting: dict[str, tuple[int, float]] | None) -> None:
        self._house, self._waiting = house, waiting

    def collect(self) -> Iterable[Any]:
        yield from self._work()
        yield from self._web()
        yield from self._standing()

    def _work(self) -> Iterable[Any]:
        measures = self._house.measures
        yield _spread("foyer_lane_seconds", "From a change being asked for until its commit.", measures.lane)
        yield _spread("foyer_lane_batch", "Commands in one commit.", measures.batches)
        yield _count("foyer_lane_failed_commits", "Commits that failed.", [((), measures.failed_commits)])
        asks = [(labels, number) for labels, number in measures.asks.items()]
        yield _count("foyer_asks", "What was asked, by kind and outcome.", asks, ("kind", "outcome"))
        yield _spread("foyer_refresh_seconds", "Reading one centre's screens anew.", measures.readings)
        yield _spread("foyer_feed_lag_seconds", "From a commit until its screens were told.", measures.lags)

    def _web(self) -> Iterable[Any]:
        measures = self._house.measures
        requests = [((m, r, str(s)), n) for (m, r, s), n in list(measures.requests.items())]
        yield _count("foyer_http_requests", "Requests, by route.", requests, ("method", "route", "status"))
        from prometheus_client.core import HistogramMetricFamily

        family = HistogramMetricFamily("foyer_http_seconds", "How long requests took.", labels=["part"])
        for part, spread in list(measures.request_seconds.items()):
            family.add_metric([part], spread.up_to(), spread.total)
        yield family
        sockets = Counter(each.topic.audience.value for each in tuple(open_conversations))
        yield _gauge(
            "foyer_sockets", "Live sockets.", [((name,), n) for name, n in sockets.items()], ("audience",)
        )

    def _standing(self) -> Iterable[Any]:
        house = self._house
        process = house.process
        yield _gauge("foyer_info", "The release that runs.", [((version(),), 1)], ("version",))
        yield _gauge(
            "foyer_ready",
            "Whether it may be sent visitors.",
            [((), int(not process.unready and not process.stopping))],
        )
        yield _gauge(
            "foyer_database_up",
            "Whether the database could be asked.",
            [((), int(self._waiting is not None))],
        )
        for name, place, what in (
            ("foyer_outbox", 0, "What is due to go out."),
            ("foyer_outbox_oldest_seconds", 1, "For how long the oldest has been due."),
        ):
            yield _gauge(
                name,
                what,
                [((each,), told[place]) for each, told in (self._waiting or {}).items()],
                ("what",),
            )
        done = [((job,), process.when(at) / 1e6) for job, at in process.done.items()]
        yield _gauge(
            "foyer_job_done_timestamp_seconds", "When a job's round last came to its end.", done, ("work",)
        )
        failing = [((job,), int(job in process.failing)) for job in {*process.done, *process.failing}]
        yield _gauge("foyer_job_failing", "Whether a job's last round failed.", failing, ("work",))
        levels = Counter(verdict.level for verdict in process.verdicts.values())
        wrong = [(("wrong",), levels[Level.WRONG]), (("worth_knowing",), levels[Level.WORTH_KNOWING])]
        yield _gauge("foyer_troubles", "What the house finds wrong with itself.", wrong, ("level",))
        yield _gauge("foyer_database_connections", "Connections lent out.", _lent(house), ("pool",))


def _lent(house: House) -> list[tuple[tuple[str, ...], float]]:
    pools: tuple[tuple[str, Any], ...] = (
        ("reader", house.database.reader.pool),
        ("writer", house.database.writer.pool),
    )
    return [((name,), float(pool.checkedout())) for name, pool in pools]


Points = Iterable[tuple[tuple[str, ...], float]]


def _spread(name: str, what: str, spread: Spread) -> Any:
    from prometheus_client.core import HistogramMetricFamily

    return HistogramMetricFamily(name, what, buckets=spread.up_to(), sum_value=spread.total)


def _count(name: str, what: str, points: Points, labels: tuple[str, ...] = ()) -> Any:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(name, what, labels=labels)
    for values, number in points:
        family.add_metric(values, number)
    return family


def _gauge(name: str, what: str, points: Points, labels: tuple[str, ...] = ()) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, what, labels=labels)
    for values, number in points:
        family.add_metric(values, number)
    return family
