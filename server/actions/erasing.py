"""Erasing what is due, class by class (`server.domain.retention`), in portions that hold nobody up.

The detail of visits goes a whole local day at a time, for the sake of its figures (`server.jobs.erasing_days`); the rest row by row. Each erasure leaves a line (`Erasure`) with how many rows went and how many were found by looking again.

On SQLite what is deleted is overwritten (`secure_delete`), and the caller has the log started anew (`Lane.clean`). PostgreSQL keeps deleted rows on disk until they are vacuumed (docs/retention.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain import retention
from server.domain.refusals import Refused
from server.domain.retention import Name
from server.store.inserting import insert
from server.store.queries import counts
from server.store.sql import Sql, Statement
from server.store.tables import Erasure
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

PORTION = 500
FORMER = "Former member of staff {}"
_DAY = round(timedelta(days=1).total_seconds()) * 1_000_000

_RULES = Statement("SELECT name, days FROM keeping_rule")
_SET = Statement(
    """INSERT INTO keeping_rule (name, days, set_at, set_by) VALUES (:name, :days, :at, :by)
    ON CONFLICT (name) DO UPDATE SET days = :days, set_at = :at, set_by = :by"""
)


def rules(sql: Sql) -> dict[str, int]:
    """What was set; classes that were not are kept for their default."""
    return {str(name): int(days) for name, days in sql.all(_RULES)}


def set_rule(tx: Tx, name: Name, days: int) -> None:
    """Keep a class for so many days from now on, in the whole house. What is due by it goes with the next round; what is gone stays gone."""
    why = retention.why_not(name, days)
    if why is not None:
        raise Refused(RefusalCode.MALFORMED, why)
    before = retention.days_of(name, rules(tx.sql))
    tx.sql.run(_SET, {"name": name.value, "days": days, "at": tx.now, "by": tx.actor.id})
    tx.audit("keeping", name.value, before=before, after=days)


# What goes by rows ------------------------------------------------------------------------------------------------------

_BY_ROWS: Mapping[Name, tuple[Statement, Statement]] = {
    Name.NOTES: (
        Statement(
            """DELETE FROM note WHERE id IN (SELECT n.id FROM note n JOIN visit v ON v.id = n.visit_id
            WHERE v.centre_id = :centre AND n.at < :before ORDER BY n.id LIMIT :most)"""
        ),
        Statement("SELECT COUNT(*) FROM note n JOIN visit v ON v.id = n.visit_id WHERE v.centre_id = :centre AND n.at < :before"),
    ),
    Name.COMMENTS: (
        Statement(
            """UPDATE feedback SET sealed = NULL WHERE id IN
            (SELECT id FROM feedback WHERE centre_id = :centre AND sealed IS NOT NULL AND at < :before LIMIT :most)"""
        ),
        Statement("SELECT COUNT(*) FROM feedback WHERE centre_id = :centre AND sealed IS NOT NULL AND at < :before"),
    ),
    Name.COMPLAINTS: (
        Statement(
            """UPDATE said SET sealed = NULL WHERE id IN
            (SELECT id FROM said WHERE centre_id = :centre AND sealed IS NOT NULL AND ended_at < :before LIMIT :most)"""
        ),
        Statement("SELECT COUNT(*) FROM said WHERE centre_id = :centre AND sealed IS NOT NULL AND ended_at < :before"),
    ),
    Name.PERSONS: (
        Statement(
            """UPDATE tally SET staff_id = NULL, withdrawn_by = NULL, reason = '' WHERE id IN
            (SELECT id FROM tally WHERE centre_id = :centre AND counted_on < :day AND (staff_id IS NOT NULL OR withdrawn_by IS NOT NULL OR reason <> '') LIMIT :most)"""
        ),
        Statement(
            """SELECT COUNT(*) FROM tally WHERE centre_id = :centre AND counted_on < :day
            AND (staff_id IS NOT NULL OR withdrawn_by IS NOT NULL OR reason <> '')"""
        ),
    ),
}  # fmt: skip
BY_ROWS = tuple(_BY_ROWS)


def due(connection: Connection, centre: int, name: Name, before: int) -> int:
    """How many rows of a class are due at a centre."""
    sql = Sql(connection)
    found = (sql.one(_BY_ROWS[name][1], _values(sql, centre, before)) or (0,))[0]
    sql.close()
    return int(found)


_CENTRES = Statement("SELECT id FROM centre ORDER BY id")
_AUDIT_IS_DUE = Statement("SELECT 1 FROM audit_seal WHERE erased_at IS NULL AND newest_at < :before LIMIT 1")
_AUDIT_DUE = Statement(
    "SELECT COALESCE(SUM(rows), 0) FROM audit_seal WHERE erased_at IS NULL AND newest_at < :before"
)
"""Whole links go (`server.actions.sealing`): their rows are those of a few seconds each."""
_WOULD_GO: Mapping[Name, Statement] = {
    **{name: found for name, (_, found) in _BY_ROWS.items()},
    Name.CONTACTS: Statement(
        "SELECT COUNT(*) FROM booking WHERE centre_id = :centre AND erased_at IS NULL AND ends_at < :before"
    ),
    Name.VISITS: Statement("SELECT COUNT(*) FROM visit WHERE centre_id = :centre AND arrived_on <= :last"),
}


def would_go(sql: Sql, name: Name, days: int, now: int) -> int:
    """How many rows of the whole house would go with the next rounds were a class kept for so many days; of what goes with visits, the visits."""
    before = now - days * _DAY
    if name is Name.ACCOUNTS:
        return int((sql.one(_FORMERS, {"before": before}) or (0,))[0])
    if name is Name.AUDIT:
        return int((sql.one(_AUDIT_DUE, {"before": before}) or (0,))[0])
    found = 0
    for (centre,) in sql.all(_CENTRES):
        today = local_date(now, counts.zone_name(sql, centre))
        values = {**_values(sql, centre, before), "last": retention.last_due(today, days).isoformat()}
        found += (sql.one(_WOULD_GO[name], values) or (0,))[0]
    return int(found)


def erase_rows(tx: Tx, name: Name, before: int) -> int:
    """Erase one portion of a class at the actor's centre; how many rows. The last portion leaves the line."""
    values = _values(tx.sql, tx.actor.centre, before)
    erased = tx.sql.run(_BY_ROWS[name][0], {**values, "most": PORTION})
    if erased > 0:
        found = 0 if erased == PORTION else (tx.sql.one(_BY_ROWS[name][1], values) or (0,))[0]
        note_erasure(tx, name, from_micros(before), erased, int(found))
    return erased


def _values(sql: Sql, centre: int, before: int) -> dict[str, int | str]:
    day = local_date(before, counts.zone_name(sql, centre))
    return {"centre": centre, "before": before, "day": day.isoformat()}


def audit_is_due(connection: Connection, before: int) -> bool:
    """Whether any link of the audit's chain has only rows that are due."""
    sql = Sql(connection)
    found = sql.one(_AUDIT_IS_DUE, {"before": before}) is not None
    sql.close()
    return found


_FORMER = Statement(
    "SELECT id FROM staff WHERE disabled_at < :before AND username NOT LIKE 'former-%' ORDER BY id LIMIT :most"
)
_FORMERS = Statement(
    "SELECT COUNT(*) FROM staff WHERE disabled_at < :before AND username NOT LIKE 'former-%'"
)
_FORGET = Statement(
    "UPDATE staff SET username = :username, name = :name, password_hash = '', seen_at = NULL WHERE id = :id"
)
_ELSEWHERE = (
    Statement("DELETE FROM staff_role WHERE staff_id = :id"),
    Statement("DELETE FROM staff_skill WHERE staff_id = :id"),
    Statement("DELETE FROM second_factor WHERE staff_id = :id"),
    Statement("DELETE FROM recovery_code WHERE staff_id = :id"),
    Statement("UPDATE bookable SET name = :name WHERE staff_id = :id"),
)
_ACCEPTED = Statement(
    """UPDATE submission SET accepted_by = 'a colleague' WHERE accepted_by IN
    (SELECT name FROM staff WHERE disabled_at < :before AND username NOT LIKE 'former-%')"""
)
"""Who took papers in stands with them by name. A colleague of the same name becomes one too: rather that than a name that stays."""


def former_staff(connection: Connection, before: int) -> list[int]:
    sql = Sql(connection)
    found = [row[0] for row in sql.all(_FORMER, {"before": before, "most": PORTION})]
    sql.close()
    return found


def forget_staff(tx: Tx, before: int) -> int:
    """Accounts disabled before then lose their names, wherever these stand; how many."""
    found = [row[0] for row in tx.sql.all(_FORMER, {"before": before, "most": PORTION})]
    if found:
        tx.sql.run(_ACCEPTED, {"before": before})
    for number in found:
        values = {"id": number, "name": FORMER.format(number)}
        tx.sql.run(_FORGET, {**values, "username": f"former-{number}"})
        for statement in _ELSEWHERE:
            tx.sql.run(statement, values)
    if found:
        note_erasure(tx, Name.ACCOUNTS, from_micros(before), len(found), 0)
    return len(found)


def note_erasure(
    tx: Tx, name: Name, before: datetime, erased: int, found: int, centre: int | None = None
) -> None:
    """The line an erasure leaves. `centre`: where it is not the actor's."""
    values = {
        "centre_id": centre or tx.actor.centre or None,
        "name": name.value,
        "before": before,
        "at": from_micros(tx.now),
    }
    insert(tx.sql, Erasure, **values, erased=erased, found_after=found)


def local_date(micros: int, zone: str) -> date:
    return from_micros(micros).astimezone(ZoneInfo(zone)).date()
