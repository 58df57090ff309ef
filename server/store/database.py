"""Opening either database the one way that is safe.

SQLite: write-ahead log with `synchronous=FULL` (a commit that was answered is on the disk), one writing connection in the whole machine
(releases before 3.51.3 can corrupt a log that two connections write or checkpoint at once), readers that cannot write. A lock file keeps a
second server away. PostgreSQL: as many servers as one likes; they meet at the centre's row.
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import NullPool, QueuePool
from sqlmodel import Session

from server.store.mounts import network_kind

BUSY_MILLISECONDS = 5_000
LOCK_MILLISECONDS = 500
"""For a lock on PostgreSQL that somebody else holds. Our own servers hold none for longer than a few hundredths; whoever does is passed over (`server.store.lane`)."""
READERS = 6


class DatabaseUnusable(Exception):
    """The database cannot be used; `str()` is a sentence that says why and what to do."""


@dataclass
class Database:
    """`writer` is for the lane alone; `reader` for pages and views. Close it when done."""

    url: URL
    writer: Engine
    reader: Engine
    _lock: TextIO | None = field(default=None, repr=False)
    _line: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def log_file(self) -> Path | None:
        """SQLite's write-ahead log; it may not be there yet."""
        return Path(f"{self.url.database}-wal") if self.is_sqlite else None

    def hurried(self) -> AbstractContextManager[None]:
        """In this thread, in this block: an answer that does not come soon is not waited for, for somebody looks again anyway."""
        if self.is_sqlite:
            return nullcontext()
        from server.store import patience

        return patience.hurried(patience.LOOKING_SECONDS)

    def in_the_lane(self) -> AbstractContextManager[None]:
        """The same for the writer lane, where everybody waits for whoever waits."""
        if self.is_sqlite:
            return nullcontext()
        from server.store import patience

        return patience.hurried(patience.LANE_SECONDS)

    def line(self) -> dict[str, Any]:
        """What PostgreSQL's driver connects with: for who needs a line of their own. Several hosts stay several."""
        if self._line is None:
            _, values = self.writer.dialect.create_connect_args(self.url)
            self._line = {**_PATIENCE, **values}
        return self._line

    def renew(self, address: str) -> bool:
        """Connect with the password in `address` from now on; lines that are open stay. False when it names another database: that takes a restart."""
        try:
            renewed = make_url(address).set(drivername=self.url.drivername)
        except ArgumentError:
            return False
        if renewed.set(password="") != self.url.set(password=""):  # None would leave it as it is
            return False
        self.url = renewed
        if self._line is not None:
            self._line["password"] = renewed.password
        return True

    def with_present_password(
        self, _dialect: Any, _record: Any, _arguments: Any, values: dict[str, Any]
    ) -> None:
        """Called before each new line to PostgreSQL."""
        if self.url.password is not None:
            values["password"] = self.url.password

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one consistent state; whatever it did is rolled back."""
        with self.reader.connect() as connection, connection.begin() as transaction:
            try:
                yield connection
            finally:
                transaction.rollback()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A reading session."""
        with self.reading() as connection, Session(connection) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One writing transaction for commands run when no server is (set-up, first administrator) and for tests."""
        with Session(self.writer) as session, session.begin():
            yield session

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


FULL_BYTES = 1_000_000
"""With less free than this SQLite cannot even lay its log beside the file."""


def open_database(address: str, *, alone: bool = True) -> Database:
    """Open `address` (`sqlite:///path` or `postgresql://...`); raises DatabaseUnusable.

    `alone` takes the lock that keeps a second process from writing the same SQLite file.
    """
    url = known_address(address)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url, alone=alone)
    return _open_postgresql(url.set(drivername="postgresql+psycopg"))


def known_address(address: str) -> URL:
    """Raises DatabaseUnusable, without the address: one that was mistyped may hold a password all the same."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        message = "FOYER_DATABASE is not a database address. Use sqlite:///path/to/foyer.db or postgresql://user@host/name."
        raise DatabaseUnusable(message) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        message = f"Foyer keeps its data in SQLite or PostgreSQL, not in {url.get_backend_name()}."
        raise DatabaseUnusable(message)
    return url


def _open_sqlite(url: URL, *, alone: bool) -> Database:
    if not url.database or url.database == ":memory:":
        message = "Name a file for the database, such as sqlite:///var/foyer.db; one in memory would lose the queue."
        raise DatabaseUnusable(message)
    # SQLite keeps its log beside the file itself, wherever a link to it lies.
    path = Path(url.database).resolve()
    url = url.set(database=str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_network(path)
        lock = lock_out_others(path) if alone else None
    except OSError as error:
        message = f"The database's folder {path.parent} cannot be used: {error.strerror}. Give it to the server's user."
        raise DatabaseUnusable(message) from None
    if alone and not path.exists():
        path.touch(mode=0o600)  # the files beside it are made with the same rights
    writer = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"cached_statements": 512},
    )
    reader = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=12,
        connect_args={"check_same_thread": False},
    )
    event.listen(writer, "connect", _prepare_sqlite_writer)
    event.listen(reader, "connect", _prepare_sqlite_reader)
    event.listen(writer, "begin", _begin_immediate)
    event.listen(reader, "begin", _begin)
    database = Database(url, writer, reader, lock)
    try:
        with writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA schema_version")
    except DatabaseError as error:
        database.close()
        message = f"The database {path} cannot be read ({error.orig}). {_first_to_do(path)}"
        raise DatabaseUnusable(message) from None
    return database


def _first_to_do(path: Path) -> str:
    """A full disk looks to SQLite like a broken one, and a backup put back onto it would be the greater harm."""
    if shutil.disk_usage(path.parent).free < FULL_BYTES:
        return "Its disk is full: make room on it and start again. The file need not be damaged."
    return "See that its disk is sound (dmesg), keep a copy of the file as it is, then restore the last good backup."


def network_folder(path: Path) -> str:
    """The kind of network folder that a file lies on; empty when it lies on a disk of this machine."""
    return network_kind(str(path.resolve()), _mounts())


def _refuse_network(path: Path) -> None:
    kind = network_folder(path)
    if kind:
        message = (
            f"The database {path} lies on a network folder ({kind}), where SQLite can be damaged and a second server would not be noticed."
            " Put it on a disk of this machine, or use PostgreSQL."
        )
        raise DatabaseUnusable(message)


def _mounts() -> str:
    """As Linux tells them; nothing where it cannot be read."""
    try:
        return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def lock_out_others(path: Path) -> TextIO:
    """Beside the file itself: a link to it is another name for the same database."""
    lock = Path(f"{path.resolve()}.lock").open("a", encoding="ascii")  # noqa: SIM115 - held for the life of the process
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        message = f"Another Foyer process is using {path}. Stop it first; two writers on one SQLite file can damage it."
        raise DatabaseUnusable(message) from None
    return lock


def _prepare_sqlite_writer(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by us, not guessed by the driver
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-8000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_sqlite_reader(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA cache_size=-2000")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


_PATIENCE = {
    "application_name": "foyer",
    "connect_timeout": 5,
    "options": f"-c lock_timeout={LOCK_MILLISECONDS} -c idle_in_transaction_session_timeout=60000",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""How long PostgreSQL is waited for: half a second for a lock somebody else holds, and seconds, not the system's quarter of an hour, for a server
that has gone without a word (`server.store.patience` sees to those that only seem to be there). The lane is one; whoever makes it wait makes
everybody wait."""


def _open_postgresql(url: URL) -> Database:
    from server.store import patience  # the driver is needed with PostgreSQL only

    writer = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args=_PATIENCE,
    )
    reader = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=10,
        pool_pre_ping=True,
        connect_args=_PATIENCE,
        isolation_level="REPEATABLE READ",  # or each statement of one reading would see another instant
    )
    database = Database(url, writer, reader)
    for engine in (writer, reader):
        event.listen(engine, "do_connect", database.with_present_password)  # first: the next one connects
        event.listen(engine, "do_connect", patience.connect)
    try:
        with writer.connect() as connection:
            connection.execute(text("select 1"))
    except OperationalError as error:
        database.close()
        where = f"{url.host or url.query.get('host') or 'the local socket'}/{url.database}"
        message = f"PostgreSQL at {where} does not answer: {str(error.orig).splitlines()[0]}. Check address, account and that it runs."
        raise DatabaseUnusable(message) from None
    return database


def scratch_engine(address: str) -> Engine:
    """An engine without a pool, for migrations."""
    url = make_url(address)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, hide_parameters=True, poolclass=NullPool)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite_writer)
        event.listen(engine, "begin", _begin_immediate)
    return engine
