"""The house's own work: are its jobs done, does what goes out go out, are there backups, are all servers of one release, are the devices well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from server.clock import from_micros, to_micros
from server.doctor.ground import Ground
from server.domain.backup_state import verdict
from server.domain.concerns import SILENT_KINDS, trouble_of
from server.domain.hours import Open
from server.domain.troubles import Verdict, fine, not_looked_at, worth_knowing, wrong
from server.live.floor import load_set_up
from server.live.process import JOBS
from server.store import heard
from server.store.queries.backups import backup_state
from server.store.sql import Statement, document
from wire.vocabulary import DeviceKind

MICRO = 1_000_000
MINUTE, HOUR, DAY = 60 * MICRO, 3600 * MICRO, 86_400 * MICRO
SEAL_LATE = 2 * HOUR

_PROCESSES = Statement(
    "SELECT id, host, pid, version, started_at, seen_at, told FROM server_process WHERE seen_at >= :since ORDER BY started_at"
)
_POSTS = Statement(
    "SELECT way, COUNT(*), MIN(due_at) FROM post WHERE state = 'queued' AND due_at <= :now GROUP BY way"
)
_HOOKS = Statement(
    "SELECT COUNT(*) FROM hook WHERE retired_at IS NULL AND paused_at IS NOT NULL AND paused_why <> ''"
)
_CALLS = Statement(
    "SELECT COUNT(*), MIN(due_at) FROM hook_call WHERE done_at IS NULL AND dead_at IS NULL AND due_at <= :now"
)
_HAND_OFFS = Statement(
    "SELECT COUNT(*), MIN(made_at) FROM hand_off WHERE sent_at IS NULL AND dead_at IS NULL AND due_at > 0 AND made_at <= :before"
)
_DEAD = Statement(
    """SELECT COUNT(*) FROM submission s JOIN hand_off h ON h.submission_id = s.id AND h.team = s.team
    AND h.round = (SELECT MAX(o.round) FROM hand_off o WHERE o.submission_id = s.id)
    WHERE s.centre_id IN (SELECT id FROM centre) AND s.state IN ('received', 'handed_off') AND s.deleted_at IS NULL AND h.dead_at IS NOT NULL"""
)
"""Those that nobody has sent again, taken back or dealt with since: as staff are told of them (`server.store.queries.concerns`)."""
_FIRST_TICKET = Statement("SELECT MIN(arrived_at) FROM visit")
_ROLLOUT = Statement("SELECT version, stage, why, paused_at FROM rollout WHERE open")
_UNSEALED = Statement("SELECT MIN(at) FROM audit WHERE seal IS NULL")
_DEVICES = Statement(
    """SELECT d.centre_id, c.name, d.name, d.kind, d.health, COALESCE(d.seen_at, d.approved_at) FROM device d JOIN centre c ON c.id = d.centre_id
    WHERE d.revoked_at IS NULL ORDER BY d.centre_id, d.name"""
)


# The servers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Living:
    id: str
    host: str
    pid: int
    version: str
    started_at: int
    seen_at: int
    told: Mapping[str, Any]

    def now(self) -> int:
        """When it was heard of by its own clock as it went then, which its instants are of; servers of earlier releases do not tell it."""
        return int(self.told.get("at", self.seen_at))


def living(ground: Ground) -> list[Living]:
    with ground.looking() as sql:
        since = heard.now_by(sql, to_micros(ground.now)) - heard.GONE
        rows = sql.all(_PROCESSES, {"since": since})
    return [Living(row[0], row[1], row[2], row[3], row[4], row[5], document(row[6]) or {}) for row in rows]


def servers(ground: Ground) -> list[Verdict]:
    found = living(ground)
    return [
        servers_stand(found, alone=ground.is_sqlite),
        jobs_stand(found),
    ]


def servers_stand(found: Sequence[Living], *, alone: bool) -> Verdict:
    if not found:
        return worth_knowing(
            "servers", "No server runs on this database.", "Start one (systemctl start foyer-server)."
        )
    if alone and len(found) > 1:
        where = " and ".join(f"{each.host} ({each.pid})" for each in found)
        return wrong(
            "servers",
            f"Several servers wrote to this SQLite database within a minute: {where}. Two at once can damage it.",
            "Stop all but one. If one was just started anew, this passes within a minute.",
        )
    versions = sorted({each.version for each in found})
    if len(versions) > 1:
        return worth_knowing(
            "servers",
            f"Servers of several releases run beside each other: {', '.join(versions)}.",
            "Bring the older up to date once the newer has proven itself.",
        )
    count = f"{len(found)} servers run" if len(found) > 1 else "One server runs"
    return fine("servers", f"{count} (release {versions[0]}).")


def jobs_stand(found: Sequence[Living]) -> Verdict:
    """A job that did not come to an end of a round for long, at any server. One that never ran is given as long from the start. Each by its own clock."""
    if not found:
        return not_looked_at("jobs", "No server runs.")
    late = set()
    for each in found:
        done = each.told.get("jobs", {})
        for job, seconds in JOBS.items():
            if job not in done and job.startswith(("sending", "writing")):
                continue  # nobody carries messages here
            if each.now() - max(int(done.get(job, 0)), each.started_at) > seconds * MICRO:
                late.add(job)
    if late:
        return wrong(
            "jobs",
            f"Not done for too long: {', '.join(sorted(late))}.",
            "Look into the server's log for why (journalctl -u foyer-server). If nothing is said there, start it anew.",
        )
    return fine("jobs", "All were done when they were due.")


# What goes out --------------------------------------------------------------------------------------------------------


def going_out(ground: Ground) -> list[Verdict]:
    now = ground.micros
    with ground.looking() as sql:
        posts = [(int(row[1]), now - int(row[2])) for row in sql.all(_POSTS, {"now": now})]
        paused = int((sql.one(_HOOKS) or (0,))[0])
        calls, oldest = sql.one(_CALLS, {"now": now}) or (0, None)
        waiting, made = sql.one(_HAND_OFFS, {"before": now - HOUR}) or (0, None)
        dead = int((sql.one(_DEAD) or (0,))[0])
    return [
        messages_go(posts),
        webhooks_go(paused, int(calls), now - int(oldest) if oldest else 0),
        hand_offs_go(int(waiting), now - int(made) if made else 0, dead),
    ]


def messages_go(posts: Sequence[tuple[int, int]]) -> Verdict:
    """How many wait by each way, and for how long the oldest has been due."""
    count, age = sum(number for number, _ in posts), max((age for _, age in posts), default=0)
    if age < 15 * MINUTE:
        return fine("messages going out", "Nothing waits." if not count else f"{count} on their way.")
    said = f"{count} message{'s' if count > 1 else ''} to visitors wait{'' if count > 1 else 's'}, the oldest for {span(age)}."
    act = "See Messages for why, and the mail server or Notify above."
    return (
        wrong("messages going out", said, act)
        if age > 2 * HOUR
        else worth_knowing("messages going out", said, act)
    )


def webhooks_go(paused: int, waiting: int, age: int) -> Verdict:
    act = "See Connections: each webhook says what the other side answers. Ask whoever runs it."
    if paused:
        return worth_knowing(
            "webhooks",
            f"{paused} webhook{'s were' if paused > 1 else ' was'} paused because the other side failed for too long.",
            act,
        )
    if age > HOUR:
        return worth_knowing("webhooks", f"{waiting} calls wait, the oldest for {span(age)}.", act)
    return fine("webhooks", "Nothing waits.")


def hand_offs_go(waiting: int, age: int, dead: int) -> Verdict:
    act = "See Papers for which team, and whether its system is there."
    if dead:
        return worth_knowing(
            "handing off",
            f"{dead} hand-off{'s were' if dead > 1 else ' was'} given up and need{'' if dead > 1 else 's'} a person.",
            act,
        )
    if waiting:
        return worth_knowing(
            "handing off",
            f"{waiting} could not be handed to their team yet, the oldest for {span(age)}.",
            act,
        )
    return fine("handing off", "Nothing waits for long.")


def span(micros: int) -> str:
    for unit, size in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        if micros >= size:
            number = micros // size
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "less than a minute"


# Backups, releases, the audit's chain ---------------------------------------------------------------------------------


def backups(ground: Ground) -> list[Verdict]:
    if ground.settings.demo and not ground.settings.backup_keys:
        return [fine("backups", "None are made of a rehearsal: nothing in it is real.")]
    with ground.looking() as sql:
        state = backup_state(sql.connection, ground.micros)
        first = (sql.one(_FIRST_TICKET) or (None,))[0]
    return [
        verdict(
            state,
            from_micros(ground.micros),
            timedelta(minutes=ground.settings.backup_every),
            keys=bool(ground.settings.backup_keys),
            old=first is not None and ground.micros - int(first) > 2 * DAY,
        )
    ]


def releases(ground: Ground) -> list[Verdict]:
    with ground.looking() as sql:
        found = sql.one(_ROLLOUT)
    if found is None:
        return [fine("release for devices", "None is on its way.")]
    return [rollout_stands(str(found[0]), str(found[1]), str(found[2]), halted=found[3] is not None)]


def rollout_stands(version: str, stage: str, why: str, *, halted: bool) -> Verdict:
    if halted:
        return worth_knowing(
            "release for devices",
            f"Release {version} was halted among the {stage} devices: {why or 'somebody halted it'}",
            "See Devices: go on, or bring those that have it back to the release before.",
        )
    return fine("release for devices", f"Release {version} is on its way ({stage}).")


def sealed(ground: Ground) -> list[Verdict]:
    """Whether the job that seals the audit keeps up. Whether the chain holds is for `foyer audit verify`."""
    with ground.looking() as sql:
        unsealed = (sql.one(_UNSEALED) or (None,))[0]
    return [seal_stands(None if unsealed is None else ground.micros - int(unsealed))]


def seal_stands(age: int | None) -> Verdict:
    if age is not None and age > SEAL_LATE:
        return worth_knowing(
            "audit's chain",
            f"What was written into the audit {span(age)} ago is not sealed yet.",
            "See that a server runs and has its key of the audit (docs/audit.md).",
        )
    return fine("audit's chain", "What is written is sealed.")


# Devices ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    centre: str
    name: str
    open: bool
    trouble: str


def devices(ground: Ground) -> list[Verdict]:
    now = ground.micros
    with ground.looking() as sql:
        rows = [row for row in sql.all(_DEVICES) if DeviceKind(row[3]) not in SILENT_KINDS]
        troubles = [trouble_of(document(row[4]) or {}, int(row[5]), now) for row in rows]
        # A centre's hours take ten statements, and of two hundred centres few have a device in trouble.
        doubtful = {int(row[0]) for row, trouble in zip(rows, troubles, strict=True) if trouble}
        with Session(sql.connection, join_transaction_mode="create_savepoint") as session:
            is_open = {
                centre: isinstance(load_set_up(session, centre).timetable.standing(from_micros(now)), Open)
                for centre in doubtful
            }
    seen = [
        Seen(str(row[1]), str(row[2] or row[3]), is_open.get(int(row[0]), False), trouble)
        for row, trouble in zip(rows, troubles, strict=True)
    ]
    return [devices_stand(seen)]


def devices_stand(seen: Sequence[Seen]) -> Verdict:
    """Where a centre is closed its devices may be off."""
    bad = [each for each in seen if each.open and each.trouble]
    if not bad:
        return fine(
            "kiosks and screens",
            f"{len(seen)} paired, and none that is in use says of a fault." if seen else "None is paired.",
        )
    first = "; ".join(f"{each.name} ({each.centre}): {each.trouble.rstrip('.')}" for each in bad[:3])
    more = f"; and {len(bad) - 3} more" if len(bad) > 3 else ""
    return worth_knowing("kiosks and screens", f"{first}{more}.", "See Devices for each one's history.")
