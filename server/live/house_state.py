"""What an administrator sees of the house itself: what is wrong and since when, which servers run, the last backups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from server.clock import from_micros
from server.live.process import JOBS
from server.store import heard
from server.store.sql import Sql
from server.store.tables import BackupRun, ServerProcess, Trouble

MOST_BACKUPS = 5


@dataclass(frozen=True)
class Server:
    row: ServerProcess
    late: tuple[str, ...]
    """Jobs that fail at it now."""
    stopping: bool


@dataclass(frozen=True)
class HouseState:
    troubles: list[Trouble] = field(default_factory=list)
    """Grave ones first, then the oldest."""
    servers: list[Server] = field(default_factory=list)
    backups: list[BackupRun] = field(default_factory=list)

    @property
    def grave(self) -> int:
        return sum(each.grave for each in self.troubles)

    def host_of(self, process: str) -> str:
        """The machine a trouble is one of; empty when it concerns all, or there is but one."""
        if len(self.servers) < 2:
            return ""
        return next((each.row.host for each in self.servers if each.row.id == process), "")


def house_state(session: Session, own: int) -> HouseState:
    """`own`: this machine's time in microseconds."""
    since = from_micros(heard.now_by(Sql(session.connection()), own) - heard.GONE)
    alive = select(ServerProcess).where(col(ServerProcess.seen_at) >= since)
    rows = session.exec(alive.order_by(col(ServerProcess.started_at))).all()
    servers = [Server(row, _failing(row.told), bool(row.told.get("stopping"))) for row in rows]
    living = {"", *(row.id for row in rows)}
    troubles = session.exec(select(Trouble).order_by(col(Trouble.grave).desc(), col(Trouble.since_at)))
    backups = session.exec(select(BackupRun).order_by(col(BackupRun.began_at).desc()).limit(MOST_BACKUPS))
    return HouseState([each for each in troubles if each.process in living], servers, list(backups))


def _failing(told: Mapping[str, object]) -> tuple[str, ...]:
    failing = told.get("failing")
    return tuple(job for job in JOBS if isinstance(failing, dict) and job in failing)
