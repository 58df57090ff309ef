"""Each verdict over its facts: from when on something is worth knowing, from when on it is wrong, and that there is something to do then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.backups.copied import Copied
from server.clock import to_micros
from server.doctor import carriers, database, files, line, machine, rounds, shelves, work
from server.doctor.ground import Check, Ground
from server.doctor.line import Answer, Shown
from server.doctor.machine import Room
from server.doctor.told import as_text
from server.doctor.work import DAY, HOUR, MINUTE, Living, Seen
from server.domain.hand_off import SftpPlace
from server.domain.troubles import Level, Verdict, fine, not_looked_at, turns, worst, worth_knowing, wrong
from server.live.process import JOBS
from server.settings import Settings

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
AT = 2_000_000_000_000_000
GB = 1_000_000_000
FINE, KNOW, WRONG, UNKNOWN = Level.FINE, Level.WORTH_KNOWING, Level.WRONG, Level.UNKNOWN


def room(free: float, size: float = 100 * GB, files: int = 1000, **more: bool) -> Verdict:
    return machine.disk(Room(("the database",), round(free), round(size), files, 1000, **more))


def shown(days: float = 90, fault: str = "", *, reached: bool = True) -> Verdict:
    ends = NOW + timedelta(days=days) if not fault else None
    return line.certificate("queue.test", Shown(fault, ends, reached), NOW)


def leads(answer: Answer) -> Verdict:
    return line.leads_here("https://queue.test", answer, "right", running=True)


def living(version: str = "1.0", jobs: dict[str, int] | None = None, since: int = 2 * DAY) -> Living:
    done = dict.fromkeys(JOBS, AT) if jobs is None else jobs
    return Living("a", "here", 7, version, AT - since, AT, {"jobs": done})


def copied_to(host: str, hours: float | None, *, oldest: float | None = None) -> Verdict:
    made = None if hours is None else Copied(host, to_micros(NOW - timedelta(hours=hours)))
    oldest_at = None if oldest is None else NOW - timedelta(hours=oldest)
    return shelves.copies_stand("other.test", made, oldest_at, NOW, timedelta(hours=26))


CASES: list[tuple[Verdict, Level]] = [
    (room(50 * GB), FINE),
    (room(1.9 * GB), KNOW),
    (room(1.9 * GB, size=8 * GB), FINE),
    (room(0.7 * GB, size=8 * GB), KNOW),
    (room(0.2 * GB), WRONG),
    (room(0.25 * GB, size=8 * GB), WRONG),
    (room(0.25 * GB, size=0.26 * GB), FINE),
    (room(0.1 * GB, size=0.26 * GB), WRONG),
    (room(50 * GB, files=3), WRONG),
    (room(50 * GB, read_only=True), WRONG),
    (machine.enough_memory(2 * GB, 8 * GB), FINE),
    (machine.enough_memory(GB // 2, 8 * GB), KNOW),
    (machine.enough_memory(GB // 20, 8 * GB), WRONG),
    (machine.files_allowed(100, 65_536), FINE),
    (machine.files_allowed(100, 1024), KNOW),
    (machine.files_allowed(900, 1024), WRONG),
    (machine.synchronised(True), FINE),
    (machine.synchronised(False), KNOW),
    (machine.synchronised(None), UNKNOWN),
    (machine.true_time(pretends=True, demo=False), WRONG),
    (machine.true_time(pretends=True, demo=True), FINE),
    (machine.true_time(pretends=False, demo=False), FINE),
    (machine.beside_database(-3), FINE),
    (machine.beside_database(30), KNOW),
    (machine.beside_database(-300), WRONG),
    (rounds.closed("database", "connection refused", sqlite=False), WRONG),
    (rounds.closed("database", "unable to open database file", sqlite=True), WRONG),
    (rounds.closed("database", "database is locked", sqlite=True), WRONG),
    (rounds.closed("database", "disk I/O error", sqlite=True), WRONG),
    (rounds.closed("journal", "disk I/O error", sqlite=True), KNOW),
    (carriers.mail_stands("mail.test", "time"), WRONG),
    (machine.can_read([], []), FINE),
    (machine.can_read(["ghostscript"], []), KNOW),
    (machine.can_read([], ["urd"]), KNOW),
    (machine.zones_known(["Europe/Leicester"]), WRONG),
    (machine.text_kept("ANSI_X3.4-1968", "utf-8"), KNOW),
    (database.postgresql_version(130_014, "13.14 (Debian)", 0.01), KNOW),
    (database.postgresql_version(150_014, "15.14 (Debian)", 0.01), FINE),
    (database.schema_stands("0006", "0006", running=True), FINE),
    (database.schema_stands("0005", "0006", running=True), WRONG),
    (database.schema_stands("", "0006", running=False), KNOW),
    (database.schema_stands("0007", "0006", running=True), KNOW),
    (database.log_stands(database.Log("wal", 3)), FINE),
    (database.log_stands(database.Log("delete", 0)), KNOW),
    (database.log_stands(database.Log("wal", 900)), KNOW),
    (database.is_whole("ok"), FINE),
    (database.is_whole("row 7 missing from index ix_ticket"), WRONG),
    (database.connections(30, 97), FINE),
    (database.connections(85, 97), KNOW),
    (database.connections(95, 97), WRONG),
    (database.long_transactions(0, 0), FINE),
    (database.long_transactions(1, 900), KNOW),
    (database.replication(1, 2.0, 0)[0], FINE),
    (database.replication(1, 200.0, 0)[0], KNOW),
    (database.replication(0, 0, 9000)[1], KNOW),
    (database.sqlite_place(Path("/srv/foyer.db"), True, ""), FINE),
    (database.sqlite_place(Path("/srv/foyer.db"), False, ""), WRONG),
    (database.sqlite_place(Path("/srv/foyer.db"), True, "nfs4"), WRONG),
    (files.known_variables(["FOYER_SMTP_PASSWROD"]), KNOW),
    (files.known_variables(["FOYER_SHOTS"]), FINE),
    (files.list_of_usual(Path("usual.txt"), "Permission denied"), WRONG),
    (files.list_of_usual(Path("usual.txt"), "", holds_any=False), KNOW),
    (files.list_of_usual(Path("usual.txt"), "", holds_any=True), FINE),
    (files.guarded(["", "Everybody may read x. Take it away."], 2), WRONG),
    (files.key_fits(Path("k"), None, "", False), FINE),
    (files.key_fits(Path("k"), None, "age1a", True), WRONG),
    (files.key_fits(Path("k"), ("age1b",), "age1a", True), WRONG),
    (files.key_fits(Path("k"), ("age1b",), "age1a", False), KNOW),
    (files.key_fits(Path("k"), ("age1b", "age1a"), "age1a", True), FINE),
    (files.folder_stands(None, True, False), KNOW),
    (files.folder_stands(Path("/x"), True, False), WRONG),
    (files.hosts_known("a.test,10.0.0.1 ssh-ed25519 AAAA", [SftpPlace("u", "a.test", 22, ".")]), FINE),
    (files.hosts_known("[a.test]:2222 ssh-ed25519 AAAA", [SftpPlace("u", "a.test", 2222, ".")]), FINE),
    (files.hosts_known("b.test ssh-ed25519 AAAA", [SftpPlace("u", "a.test", 22, ".")]), WRONG),
    (files.hosts_known("|1|abc= ssh-ed25519 AAAA", [SftpPlace("u", "a.test", 22, ".")]), UNKNOWN),
    (shown(), FINE),
    (shown(20), KNOW),
    (shown(6), WRONG),
    (shown(fault="certificate has expired"), WRONG),
    (shown(fault="certificate is not yet valid"), WRONG),
    (shown(fault="Hostname mismatch, certificate is not valid for 'queue.test'."), WRONG),
    (shown(fault="self-signed certificate"), WRONG),
    (shown(reached=False), UNKNOWN),
    (leads(Answer(200, "Wir sind gleich zur\ufffd")), WRONG),
    (leads(Answer(200, "right")), FINE),
    (leads(Answer(200, "another house")), WRONG),
    (leads(Answer(404, "")), WRONG),
    (leads(Answer(502, "Bad Gateway")), WRONG),
    (leads(Answer(308, "")), WRONG),
    (leads(Answer(why="its name is not known")), KNOW),
    (carriers.can_write(["FOYER_LETTERS must name the file."], []), WRONG),
    (carriers.mail_stands("mail.test", ""), FINE),
    *((carriers.mail_stands("mail.test", step), WRONG) for step in ("reach", "tls", "sign in")),
    (carriers.notify_stands(carriers.Known(200)), FINE),
    (carriers.notify_stands(carriers.Known(200, missing=2)), WRONG),
    (carriers.notify_stands(carriers.Known(403, clock=True)), WRONG),
    (carriers.notify_stands(carriers.Known(403)), WRONG),
    (carriers.notify_stands(carriers.Known(503)), KNOW),
    (carriers.notify_stands(carriers.Known()), KNOW),
    (carriers.skew(Answer(200, ahead=40.0))[0], WRONG),
    (carriers.skew(Answer(200, ahead=-4.0))[0], FINE),
    (carriers.scanner_stands("unix:/x", None, NOW), WRONG),
    (carriers.scanner_stands("unix:/x", "ClamAV 1.0.3/27000/Mon Nov 23 08:00:00 2026", NOW), FINE),
    (carriers.scanner_stands("unix:/x", "ClamAV 1.0.3/27000/Mon Nov  2 08:00:00 2026", NOW), KNOW),
    (carriers.scanner_stands("unix:/x", "ClamAV 1.0.3", NOW), UNKNOWN),
    (work.servers_stand([], alone=True), KNOW),
    (work.servers_stand([living()], alone=True), FINE),
    (work.servers_stand([living(), living()], alone=True), WRONG),
    (work.servers_stand([living(), living()], alone=False), FINE),
    (work.servers_stand([living(), living("1.1")], alone=False), KNOW),
    (work.jobs_stand([living()]), FINE),
    (work.jobs_stand([living(jobs=dict.fromkeys(JOBS, AT) | {"rounds": AT - 5 * MINUTE})]), WRONG),
    (work.jobs_stand([living(jobs=dict.fromkeys(JOBS, AT) | {"sealing": AT - 11 * MINUTE})]), WRONG),
    (work.jobs_stand([living(jobs={}, since=MINUTE // 2)]), FINE),
    (work.messages_go([]), FINE),
    (work.messages_go([(4, 5 * MINUTE)]), FINE),
    (work.messages_go([(4, 20 * MINUTE), (1, MINUTE)]), KNOW),
    (work.messages_go([(4, 3 * HOUR)]), WRONG),
    (work.webhooks_go(0, 3, MINUTE), FINE),
    (work.webhooks_go(1, 0, 0), KNOW),
    (work.webhooks_go(0, 3, 2 * HOUR), KNOW),
    (work.hand_offs_go(0, 0, 0), FINE),
    (work.hand_offs_go(2, 2 * HOUR, 0), KNOW),
    (work.hand_offs_go(0, 0, 1), KNOW),
    (work.rollout_stands("1.2", "first", "The kiosk did not come back.", halted=True), KNOW),
    (work.rollout_stands("1.2", "first", "", halted=False), FINE),
    (work.seal_stands(None), FINE),
    (work.seal_stands(3 * HOUR), KNOW),
    (work.devices_stand([Seen("York House", "Kiosk 1", True, "")]), FINE),
    (work.devices_stand([Seen("York House", "Kiosk 1", False, "Not heard from.")]), FINE),
    (work.devices_stand([Seen("York House", "Kiosk 1", True, "No paper.")]), KNOW),
    (shelves.disks_stand(frozenset({"sda"}), frozenset({"sda", "sdb"})), KNOW),
    (shelves.disks_stand(frozenset({"sda"}), frozenset({"sdb"})), FINE),
    (copied_to("other.test", 1, oldest=500), FINE),
    (copied_to("other.test", 27, oldest=500), KNOW),
    (copied_to("earlier.test", 1, oldest=500), KNOW),
    (copied_to("other.test", None, oldest=27), KNOW),
    (copied_to("other.test", None, oldest=2), UNKNOWN),
    (copied_to("other.test", None), UNKNOWN),
    (shelves.left_over(Path("/srv"), [], timedelta(days=35)), FINE),
    (shelves.left_over(Path("/srv"), ["foyer-a.age", "foyer-b.age"], timedelta(days=35)), KNOW),
]


@pytest.mark.parametrize(("verdict", "level"), CASES, ids=lambda each: getattr(each, "subject", None))
def test_a_verdict_over_its_facts(verdict: Verdict, level: Level) -> None:
    assert verdict.level is level, verdict
    assert verdict.say.endswith((".", "?")), verdict
    assert len(verdict.say) <= 400
    assert len(verdict.act) <= 400
    if level in (KNOW, WRONG):
        assert verdict.act.strip(), f"what is to be done? {verdict}"


def test_what_begins_and_what_ends() -> None:
    found = [
        wrong("disk", "Full.", "Make room."),
        fine("mail", "Well."),
        fine("clock", "Right."),
        not_looked_at("x", "?"),
    ]
    told = turns({"mail", "x", "certificate"}, found)
    assert [each.subject for each in told.there] == ["disk"]
    assert told.over == ("mail",)
    assert worst(found) is WRONG
    assert worst([fine("a", "b"), worth_knowing("c", "d")]) is KNOW
    assert worst([not_looked_at("a", "b")]) is FINE


def test_the_last_line_says_what_to_begin_with() -> None:
    check = Check("x", "X", lambda ground: [])
    found = rounds.Found(check, (fine("mail", "Well."), wrong("disk", "Full.", "Make room.")), 0)
    later = rounds.Found(check, (wrong("backups", "None.", "Make one."),), 0)
    assert as_text([found, later]).rstrip().endswith("Begin with: disk. Make room.")
    assert "Begin" not in as_text([rounds.Found(check, (fine("mail", "Well."), fine("disk", "Room.")), 0)])


def test_a_disk_names_what_lies_on_it() -> None:
    told = machine.disk(Room(("the database", "files", "temporary files"), 50 * GB, 99 * GB, 9, 9))
    assert told.say.endswith("with the database, files and temporary files.")


@pytest.mark.parametrize(
    ("date", "ahead"), [(0, 0.0), (3, 0.0), (9, 0.0), (-1, 0.0), (-3, -2.0), (12, 2.0), (None, None)]
)
def test_an_answer_that_was_long_on_its_way_is_not_a_wrong_clock(
    date: int | None, ahead: float | None
) -> None:
    """Asked at noon, answered ten seconds later."""
    given = None if date is None else NOW + timedelta(seconds=date)
    assert line.ahead_of(given, NOW, NOW + timedelta(seconds=10)) == ahead


@pytest.mark.parametrize(
    "text",
    [
        "queue.test",
        "ftp://queue.test",
        "https://",
        "https://queue.test:99999",
        "https://queue.test:0",
        "https://queue.test:https",
        "https://[::1",
    ],
)
def test_what_is_no_web_address_is_said_to_be_none(text: str, tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/foyer.db", public_url=text)
    (found,) = line.public_address(Ground(settings, NOW))
    assert (found.level, found.say) == (WRONG, f"FOYER_PUBLIC_URL ({text}) is no web address.")


def test_an_address_that_only_sends_on_is_not_said_to_be_another_house() -> None:
    assert "only sends on" in leads(Answer(308, "")).say
    assert "another server" in leads(Answer(404, "")).say


@pytest.mark.parametrize(
    ("address", "why"), [("http://queue..test", "not known"), ("http://[::1]", "nothing listens")]
)
def test_an_odd_name_is_an_answer_too(address: str, why: str) -> None:
    parts = line.web_address(address)
    assert parts is not None
    assert why in line.ask(parts, "/health/live", 2).why


def test_a_certificate_of_a_clock_that_was_ahead_is_told_with_what_mends_it() -> None:
    verdict = shown(fault="certificate is not yet valid")
    assert "made while a clock was ahead" in verdict.say
    assert "install.sh again" in verdict.act
