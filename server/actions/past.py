"""Past figures and a door's counts from a file: entered whole, and taken back whole.

What the file says was read by `domain.past_counts`. Here is what only the database knows: whether the same file, or the same days of an activity,
are entered already. It is asked twice, once for the preview and once more in the transaction that enters them, because somebody
else may have been quicker.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlmodel import col, delete, insert

from server.clock import from_micros, to_micros
from server.domain.past_counts import DoorLine, Fault, PastFile, PastLine
from server.domain.past_lines import day_of
from server.domain.refusals import Refused
from server.store.queries import counts
from server.store.sql import Sql, Statement
from server.store.tables import DoorCount, PastCount, PastImport
from server.store.tx import Tx
from wire.asks import clean_text
from wire.vocabulary import Activity, RefusalCode

_SAME_FILE = Statement(
    """SELECT i.file_name, i.at, f.name FROM past_import i LEFT JOIN staff f ON f.id = i.staff_id
    WHERE i.centre_id = :centre AND i.digest = :digest AND i.withdrawn_at IS NULL"""
)
_SPANS = Statement(
    """SELECT door, from_at, until_at FROM door_count WHERE centre_id = :centre AND counted_on >= :first AND counted_on <= :last
    ORDER BY door, from_at"""
)
_LIVE_DAYS = Statement(
    """SELECT COUNT(*) FROM (
    SELECT DISTINCT arrived_on AS day FROM visit WHERE centre_id = :centre AND arrived_on >= :first AND arrived_on <= :last
    UNION SELECT DISTINCT counted_on AS day FROM tally WHERE centre_id = :centre AND counted_on >= :first AND counted_on <= :last
    AND withdrawn_at IS NULL) AS days"""
)


def compare(sql: Sql, centre: int, read: PastFile, digest: str, zone: Any) -> None:
    """Add to `read` what the database knows against it, and what the one who sent it should know."""
    same = sql.one(_SAME_FILE, {"centre": centre, "digest": digest})
    if same is not None:
        when = from_micros(same[1]).astimezone(zone)
        by = f" by {same[2]}" if same[2] else ""
        read.fault(
            0,
            f"This very file was imported on {when.day} {when:%B %Y}{by} as '{same[0]}'. Take that import back first if it was wrong.",
        )
    if read.lines:
        first, last = min(line.first for line in read.lines), max(line.last for line in read.lines)
        read.faults.extend(_told_already(read.lines, counts.past_figures(sql, centre, first, last)))
        (days,) = sql.one(
            _LIVE_DAYS, {"centre": centre, "first": first.isoformat(), "last": last.isoformat()}
        ) or (0,)
        if days:
            read.notes.append(
                f"On {days} {'day' if days == 1 else 'days'} of this time tickets or taps were counted here."
                " Imported figures are added to them: see that nobody is counted twice."
            )
    if read.spans:
        first = min(day_of(span.begins, span.ends, zone) for span in read.spans) - timedelta(days=1)
        last = max(day_of(span.begins, span.ends, zone) for span in read.spans) + timedelta(days=1)
        known = sql.all(_SPANS, {"centre": centre, "first": first.isoformat(), "last": last.isoformat()})
        read.faults.extend(_spans_known(read.spans, known))


def _told_already(lines: Iterable[PastLine], known: Iterable[counts.PastFigure]) -> list[Fault]:
    of: dict[str, list[counts.PastFigure]] = {}
    for figure in known:
        of.setdefault(figure.activity, []).append(figure)
    found = []
    for line in lines:
        figures = of.get(line.activity, [])  # by first day, none overlapping another
        at = bisect_right([figure.first for figure in figures], line.last) - 1
        if at >= 0 and figures[at].last >= line.first:
            found.append(
                Fault(
                    line.line,
                    f"'{figures[at].file}' told of these days already. Take that import back first, or leave this line out.",
                )
            )
    return found


def _spans_known(spans: Iterable[DoorLine], known: Iterable[Any]) -> list[Fault]:
    of: dict[str, list[tuple[int, int]]] = {}
    for door, begins, ends in known:
        of.setdefault(door, []).append((begins, ends))
    found = []
    for span in spans:
        begins, ends = to_micros(span.begins), to_micros(span.ends)
        rows = of.get(span.door, [])
        at = bisect_right(rows, (ends - 1, 1 << 62)) - 1
        if at >= 0 and rows[at][1] > begins:
            found.append(Fault(span.line, "This door was counted at that time already. Leave the line out."))
    return found


def enter(tx: Tx, read: PastFile, file_name: str, digest: str, zone: Any) -> int:
    """Enter a file that has no fault; the import's number. Refused whole when it has one, or the database knows one."""
    centre = tx.actor.centre
    compare(tx.sql, centre, read, digest, zone)
    if read.faults:
        worst = read.faults[0]
        where = f"Line {worst.line}: " if worst.line else ""
        raise Refused(RefusalCode.WRONG_STATE, f"Nothing was entered. {where}{worst.say}")
    session = tx.session()
    done = PastImport(
        centre_id=centre,
        file_name=clean_text(file_name)[:120] or "figures.csv",
        digest=digest,
        kind=read.kind,
        lines=len(read.lines) + len(read.spans),
        at=from_micros(tx.now),
        staff_id=tx.actor.id or None,
    )
    session.add(done)
    session.flush()
    assert done.id is not None
    shared = {"import_id": done.id, "centre_id": centre}
    if read.lines:
        session.execute(
            insert(PastCount),
            [
                {
                    **shared,
                    "first_on": each.first,
                    "last_on": each.last,
                    "activity": Activity(each.activity).value,
                    "visitors": each.visitors,
                }
                for each in read.lines
            ],
        )
    if read.spans:
        session.execute(insert(DoorCount), [{**shared, **_row_of(each, zone)} for each in read.spans])
    tx.audit("figures_imported", f"import:{done.id}", name=done.file_name, lines=done.lines)
    return done.id


def _row_of(span: DoorLine, zone: Any) -> dict[str, Any]:
    return {
        "device_id": None,
        "door": span.door,
        "counted_on": day_of(span.begins, span.ends, zone),
        "from_at": span.begins,
        "until_at": span.ends,
        "went_in": span.went_in,
        "went_out": span.went_out,
    }


def take_back(tx: Tx, import_id: int) -> str:
    """Take a whole import back; its file's name. That it was made, and by whom taken back, stays."""
    session = tx.session()
    found = session.get(PastImport, import_id)
    if found is None or found.centre_id != tx.actor.centre or found.kind == "bookings":
        raise Refused(RefusalCode.UNKNOWN, "There is no such import at this centre.")
    if found.withdrawn_at is None:
        found.withdrawn_at, found.withdrawn_by = from_micros(tx.now), tx.actor.id or None
        # A door's span is known once only, so what is taken back must make room for the right one. Figures by activity are just not shown.
        session.exec(delete(DoorCount).where(col(DoorCount.import_id) == import_id))
        tx.audit("import_taken_back", f"import:{import_id}", name=found.file_name)
    return found.file_name
