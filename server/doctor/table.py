"""Every check there is, in the order a person reads them."""

from __future__ import annotations

from server.doctor import carriers, database, files, line, machine, open_lines, shelves, sign_on, work
from server.doctor.ground import DAY, HOUR, TEN_MINUTES, Check

CHECKS: tuple[Check, ...] = (
    Check("database", "The database", database.opens),
    Check("changes", "The database", database.takes_changes, needs_database=True),
    Check("schema", "The database", database.at_schema, needs_database=True),
    Check("journal", "The database", database.journal, needs_database=True),
    Check("whole", "The database", database.whole, every=DAY, needs_database=True),
    Check("room", "The database", database.room, shared=True, needs_database=True),
    Check("disks", "This machine", machine.disks),
    Check("memory", "This machine", machine.memory),
    Check("files", "This machine", machine.open_files),
    Check("clock", "This machine", machine.clock),
    Check("database clock", "This machine", machine.database_clock, needs_database=True),
    Check("zones", "This machine", machine.zones, every=HOUR, needs_database=True),
    Check("programs", "This machine", machine.programs, every=HOUR),
    Check("secrets", "Settings and keys", files.secrets),
    Check("usual passwords", "Settings and keys", files.usual_passwords, every=HOUR),
    Check("variables", "Settings and keys", files.variables, every=HOUR),
    Check("figures", "Settings and keys", files.figures, every=HOUR),
    Check("lines", "Settings and keys", open_lines.lines, every=HOUR, needs_database=True),
    Check("paper key", "Settings and keys", files.paper_key, every=TEN_MINUTES, needs_database=True),
    Check("hand-off", "Settings and keys", files.hand_off, every=TEN_MINUTES, needs_database=True),
    Check("public address", "From outside", line.public_address, every=TEN_MINUTES, needs_database=True),
    Check("sign-on", "The ways in", sign_on.council, every=TEN_MINUTES),
    Check("ways in", "The ways in", sign_on.ways_in, every=TEN_MINUTES, shared=True, needs_database=True),
    Check("messages", "Who carries for us", carriers.messages, every=HOUR),
    Check("mail", "Who carries for us", carriers.mail, every=TEN_MINUTES),
    Check("notify", "Who carries for us", carriers.notify, every=HOUR),
    Check("scanner", "Who carries for us", carriers.scanner, every=TEN_MINUTES),
    Check("servers", "The work", work.servers, shared=True, needs_database=True),
    Check("going out", "The work", work.going_out, shared=True, needs_database=True),
    Check("backups", "The work", work.backups, shared=True, needs_database=True),
    Check("shelves of backups", "The work", shelves.shelves, every=TEN_MINUTES, shared=True, turn="backups"),
    Check("releases", "The work", work.releases, shared=True, needs_database=True),
    Check("audit", "The work", work.sealed, shared=True, needs_database=True),
    Check("devices", "The work", work.devices, shared=True, needs_database=True),
)
