"""How the database itself lets go of a day's sums when a row they were made of changes: triggers, the same on both databases.

A copy of sums is right or it is not there. So letting go of it is no duty of the code that changes rows (which would forget, one day, in one place), but of the tables: whoever
changes a row by whatever statement, of ours or at the database's own prompt, loses the copy of that row's day in the same transaction. Only columns that sums are made of are
watched (`server.store.queries.summing` reads them), so erasing names, hashes and notes costs no copy.

Today has no copy, so on the floor a trigger finds nothing: it costs one look by the primary key of `day_sum`, for a ticket also one for its visit. What no visit can count by
(a visit without tickets, a step that is no parking and was not taken back, an appointment that was neither missed nor cancelled) does not even look.

A month's sums stand on its days': one goes with any of them, by triggers on `day_sum`, and is only made where every day of it has its copy.

SQLite cannot tell the local day of an instant, so each copy says from when to when its day lasts. Migrations build tables anew and would lose their triggers, or trip over them: they are
dropped before and made after (`migrations/env.py`); and a start finds whether they are as they should be (`set_right`), for copies made without them cannot be trusted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from server.domain.summing import ENDS, HELD

_PREFIX = "let_go"
LOCK = 0x5355
"""PostgreSQL's advisory lock, with a centre's number: shared by whoever changes what its sums are made of, held alone by whoever makes copies (`queries.sum_copies.hold`). So a
change that was under way while a copy was made, and did not see it, cannot be: not even one that does not take the centre's lock, as one made at the database's own prompt."""


@dataclass(frozen=True)
class Watched:
    """A table and which of its columns matter. `day` finds the copies of a row's day as a condition on `day_sum`, written with `{row}` for the row; `where` are the columns it
    uses. `counts` is the condition under which a row is in any sums at all; `centre` tells whose they are."""

    table: str
    columns: tuple[str, ...]
    where: tuple[str, ...]
    day: str
    counts: str = ""
    inserts: bool = True
    centre: str = "{row}.centre_id"


def _on(column: str) -> str:
    return f"centre_id = {{row}}.centre_id AND day = {{row}}.{column} AND part = 'made'"


def _of_visit(visit: str) -> str:
    return f"(centre_id, day) = (SELECT v.centre_id, v.arrived_on FROM visit v WHERE v.id = {visit}) AND part = 'made'"


def _of_ticket(ticket: str) -> str:
    return _of_visit(f"(SELECT t.visit_id FROM ticket t WHERE t.id = {{row}}.{ticket})")


def _at(centre: str, instant: str) -> str:
    """The day an instant lies in: of the three it may be anywhere on earth, the one that says so."""
    return f"centre_id = {centre} AND day BETWEEN [day_before:{instant}] AND [day_after:{instant}] AND part = 'made' AND begins_at <= {instant} AND ends_at > {instant}"


_CENTRE_OF_TICKET = "(SELECT t.centre_id FROM ticket t WHERE t.id = {row}.ticket_id)"
_OF_SEAT = "(SELECT s.{} FROM seat s WHERE s.id = {{row}}.seat_id)"
_QUOTED = "({})".format(", ".join(f"'{each}'" for each in ENDS))
_HELD = "({})".format(", ".join(f"'{each}'" for each in HELD))

WATCHED = (
    Watched(
        "visit",
        (
            "arrived_on",
            "arrived_at",
            "channel",
            "language",
            "needs",
            "discreet",
            "people",
            "merged_into",
            "centre_id",
        ),
        ("arrived_on", "centre_id"),
        _on("arrived_on"),
        inserts=False,
    ),
    Watched(
        "ticket",
        (
            *(
                "visit_id",
                "service_id",
                "state",
                "ticket_class",
                "arrived_at",
                "first_called_at",
                "called_at",
                "served_at",
                "ended_at",
            ),
            *("counter_id", "outcome", "avoidable", "counted", "follows", "booking_id", "again", "left_open"),
        ),
        ("visit_id",),
        _of_visit("{row}.visit_id"),
    ),
    Watched(
        "step",
        ("ticket_id", "action", "at", "counter_id", "undone_at"),
        ("ticket_id",),
        _of_ticket("ticket_id"),
        centre=_CENTRE_OF_TICKET,
        counts=f"(CASE WHEN {{row}}.undone_at IS NULL THEN {{row}}.action IN {_HELD} ELSE {{row}}.action IN {_QUOTED} END)",
    ),
    Watched(
        "given_estimate",
        ("ticket_id", "at", "low_seconds", "high_seconds", "middle_seconds", "told"),
        ("ticket_id",),
        _of_ticket("ticket_id"),
        centre=_CENTRE_OF_TICKET,
    ),
    Watched(
        "tally",
        (
            "centre_id",
            "counted_on",
            "activity",
            "source",
            "at",
            "people",
            "service_id",
            "solved",
            "avoidable",
            "withdrawn_at",
        ),
        ("centre_id", "counted_on"),
        _on("counted_on"),
    ),
    Watched(
        "booking",
        ("centre_id", "state", "starts_at", "service_id", "booked_at"),
        ("centre_id", "starts_at"),
        _at("{row}.centre_id", "{row}.starts_at"),
        counts="{row}.state IN ('missed', 'cancelled')",
    ),
    Watched(
        "seat",
        ("centre_id", "counter_id", "since_at", "until_at", "left_open"),
        ("centre_id", "since_at"),
        _at("{row}.centre_id", "{row}.since_at"),
    ),
    Watched(
        "pause",
        ("seat_id", "since_at", "until_at"),
        ("seat_id",),
        _at(_OF_SEAT.format("centre_id"), _OF_SEAT.format("since_at")),
        centre=_OF_SEAT.format("centre_id"),
    ),
    Watched(
        "feedback",
        ("centre_id", "given_on", "way", "score", "reason", "language", "service_id", "withdrawn_at"),
        ("centre_id", "given_on"),
        _on("given_on"),
    ),
)


@dataclass(frozen=True)
class Trigger:
    """One trigger. `when`: whether it does anything; `what`: one statement. Both written with `OLD` and `NEW`, dates as `[...]`."""

    name: str
    table: str
    event: str
    what: str
    when: str = ""
    centre: str = ""
    """Whose copies it may let go of; empty: the copies themselves call it."""


def triggers() -> Iterator[Trigger]:
    """All of them."""
    for each in WATCHED:
        yield from _of_rows(each)
    # Where an appointment's time is corrected after its visitor came, their wait was another.
    yield Trigger(
        f"{_PREFIX}_booking_waited",
        "booking",
        "UPDATE OF starts_at",
        f"DELETE FROM day_sum WHERE {_of_ticket('ticket_id').format(row='NEW')}",
        when="NEW.ticket_id IS NOT NULL",
        centre="NEW.centre_id",
    )
    yield Trigger(
        f"{_PREFIX}_booking_erased",
        "booking",
        "DELETE",
        f"DELETE FROM day_sum WHERE {_of_ticket('ticket_id').format(row='OLD')}",
        when="OLD.ticket_id IS NOT NULL",
        centre="OLD.centre_id",
    )
    # What a service counts as, and where a day begins, are in every day's sums.
    yield Trigger(
        f"{_PREFIX}_service_activity",
        "service",
        "UPDATE OF activity",
        "DELETE FROM day_sum WHERE centre_id = NEW.centre_id AND part = 'made'",
        when="OLD.activity <> NEW.activity",
        centre="NEW.centre_id",
    )
    yield Trigger(
        f"{_PREFIX}_centre_timezone",
        "centre",
        "UPDATE OF timezone",
        "DELETE FROM day_sum WHERE centre_id = NEW.id AND part = 'made'",
        when="OLD.timezone <> NEW.timezone",
        centre="NEW.id",
    )
    month = "DELETE FROM month_sum WHERE centre_id = {row}.centre_id AND month = [month:{row}.day]"
    yield Trigger(f"{_PREFIX}_day_gone", "day_sum", "DELETE", month.format(row="OLD"))
    yield Trigger(
        f"{_PREFIX}_day_kept", "day_sum", "INSERT", month.format(row="NEW"), when="NEW.part = 'kept'"
    )
    yield Trigger(f"{_PREFIX}_day_changed", "day_sum", "UPDATE", month.format(row="NEW"))


def _of_rows(each: Watched) -> Iterator[Trigger]:
    def what(row: str) -> str:
        return f"DELETE FROM day_sum WHERE {each.day.format(row=row)}"

    def counts(row: str) -> str:
        return each.counts.format(row=row)

    def name(event: str) -> str:
        return f"{_PREFIX}_{each.table}_{event}"

    changed = f"UPDATE OF {', '.join(each.columns)}"
    moved = "(" + " OR ".join(f"[differ:OLD.{column}:NEW.{column}]" for column in each.where) + ")"
    new, old = each.centre.format(row="NEW"), each.centre.format(row="OLD")
    if each.inserts:
        yield Trigger(name("added"), each.table, "INSERT", what("NEW"), counts("NEW"), new)
    yield Trigger(name("gone"), each.table, "DELETE", what("OLD"), counts("OLD"), old)
    either = f"({counts('OLD')} OR {counts('NEW')})" if each.counts else ""
    yield Trigger(name("changed"), each.table, changed, what("NEW"), either, new)
    both = " AND ".join(part for part in (moved, either) if part)
    yield Trigger(name("moved"), each.table, f"UPDATE OF {', '.join(each.where)}", what("OLD"), both, old)


# As each database writes it ---------------------------------------------------------------------------------------------


def _sqlite(trigger: Trigger) -> str:
    when = f" WHEN {trigger.when}" if trigger.when else ""
    return _spelled(
        f"CREATE TRIGGER {trigger.name} AFTER {trigger.event} ON {trigger.table} FOR EACH ROW{when} BEGIN {trigger.what}; END",
        {
            "day_before": "date({} / 1000000, 'unixepoch', '-1 day')",
            "day_after": "date({} / 1000000, 'unixepoch', '+1 day')",
            "month": "date({}, 'start of month')",
            "differ": "{} IS NOT {}",
        },
    )


def _postgresql(trigger: Trigger) -> tuple[str, str]:
    when = f" WHEN ({trigger.when})" if trigger.when else ""
    spelled = {
        "day_before": "(to_timestamp({} / 1000000) AT TIME ZONE 'UTC')::date - 1",
        "day_after": "(to_timestamp({} / 1000000) AT TIME ZONE 'UTC')::date + 1",
        "month": "date_trunc('month', {}::timestamp)::date",
        "differ": "{} IS DISTINCT FROM {}",
    }
    wait = f"PERFORM pg_advisory_xact_lock_shared({LOCK}, {trigger.centre}); " if trigger.centre else ""
    function = f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {wait}{trigger.what}; RETURN NULL; END $$"
    made = f"CREATE TRIGGER {trigger.name} AFTER {trigger.event} ON {trigger.table} FOR EACH ROW{when} EXECUTE FUNCTION {trigger.name}()"
    return _spelled(function, spelled), _spelled(made, spelled)


def _spelled(statement: str, words: dict[str, str]) -> str:
    """`[word:operand]` as this database writes it; operands may be statements in brackets themselves."""
    for word, pattern in words.items():
        while (begins := statement.find(f"[{word}:")) >= 0:
            ends = statement.index("]", begins)
            operands = statement[begins + len(word) + 2 : ends].split(":")
            statement = statement[:begins] + pattern.format(*operands) + statement[ends + 1 :]
    return statement


def drop(connection: Connection) -> None:
    """Before a migration: SQLite refuses to rename a table into place that a trigger of another speaks of."""
    for name, table in _there(connection):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()")
        else:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


def make(connection: Connection) -> None:
    """After a migration. Copies that were there before are let go of: nobody watched over them meanwhile."""
    if not inspect(connection).has_table("day_sum"):
        return
    drop(connection)
    connection.execute(text("DELETE FROM day_sum WHERE part = 'made'"))
    connection.execute(text("DELETE FROM month_sum"))
    for trigger in triggers():
        if connection.dialect.name == "postgresql":
            for statement in _postgresql(trigger):
                connection.exec_driver_sql(statement.replace("%", "%%"))
        else:
            connection.exec_driver_sql(_sqlite(trigger))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"COMMENT ON FUNCTION {_PREFIX}_day_gone() IS '{fingerprint()}'")


def set_right(connection: Connection) -> bool:
    """Make them if they are not all there as this release wants them; True when something was done. Nothing where there are no copies yet (an old schema)."""
    if not inspect(connection).has_table("day_sum"):
        return False
    if connection.dialect.name == "postgresql":
        told = connection.execute(
            text(f"SELECT obj_description(to_regproc('{_PREFIX}_day_gone'), 'pg_proc')")
        ).scalar()
        right = told == fingerprint() and {name for name, _ in _there(connection)} == {
            each.name for each in triggers()
        }
    else:
        found = connection.execute(
            text(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '{_PREFIX}%'")
        )
        right = {row.name: row.sql for row in found} == {each.name: _sqlite(each) for each in triggers()}
    if not right:
        make(connection)
    return not right


def fingerprint() -> str:
    """Of all of them as they are written now: PostgreSQL keeps no text of a trigger to compare with."""
    written = "\n".join(statement for trigger in triggers() for statement in _postgresql(trigger))
    return hashlib.sha256(written.encode()).hexdigest()


_THERE = {
    "sqlite": f"SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '{_PREFIX}%'",
    "postgresql": f"""SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgname LIKE '{_PREFIX}%' AND c.relnamespace = current_schema()::regnamespace""",
}


def _there(connection: Connection) -> list[tuple[str, str]]:
    return [(name, table) for name, table in connection.execute(text(_THERE[connection.dialect.name]))]
