"""A file of the house's own keys, one a line, comments behind `#`: how it is read, made, and given a new key on top.

It lies outside the database and is readable by the server's user alone (or handed over by systemd, whose access list shows as the group's right). The
first key is used, all are known. It is written whole beside itself, synced, and only then there, so that a power cut leaves the old file or the new
one; whoever of two starts makes it first has made it for both; two who put a key on top at once wait for each other, or the one key would be gone that something
was sealed with already; the file stays whose it was, for an administrator does that and the server must read it. What a line must be, and what is to be done when the file cannot be used, is for whoever's keys they are.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.credentials import is_handed_over


@dataclass(frozen=True)
class KeyFile:
    """One such file. Faults are raised as `unusable`, with a sentence that says why and what to do."""

    path: Path
    comment: str
    """Its first lines."""
    setting: str
    """The variable that names another place."""
    unusable: type[Exception]
    if_open: str
    """What to do besides when others may read it."""
    if_missing: str = ""

    def is_there(self) -> bool:
        try:
            self.path.stat()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._cannot(error) from None
        return True

    def lines(self) -> list[tuple[int, str]]:
        """What stands in it besides comments, with the numbers of the lines."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
            others = 0o007 if is_handed_over(self.path) else 0o077
            if self.path.stat().st_mode & others:
                raise self.unusable(
                    f"The key file {self.path} may be read by others than the server's user. Take that away (chmod 600 {self.path}), and {self.if_open}."
                )
        except FileNotFoundError as error:
            raise (self.unusable(self.if_missing) if self.if_missing else self._cannot(error)) from None
        except OSError as error:
            raise self._cannot(error) from None
        lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
        return [(number, line) for number, line in lines if line and not line.startswith("#")]

    def make(self, line: str) -> None:
        """With this one key; whoever was quicker has made it."""
        self._write(f"{self.comment}{line}\n", _unless_there)

    def put_on_top(self, line: str) -> None:
        """The caller has seen that it can be read."""
        with self._alone():
            self._put_on_top(line)

    def _put_on_top(self, line: str) -> None:
        text = self.path.read_text(encoding="utf-8").removeprefix(self.comment)
        owner = self.path.stat()

        def put(beside: Path, path: Path) -> None:
            if os.geteuid() == 0:
                os.chown(beside, owner.st_uid, owner.st_gid)
            beside.replace(path)

        self._write(f"{self.comment}{line}\n{text}", put)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time. The lock is on the file itself, so that none of its own is left beside it; whoever waited finds another file under the name, and asks for that one."""
        try:
            held = self._held()
        except OSError as error:
            raise self._cannot(error) from None
        try:
            yield
        finally:
            os.close(held)

    def _held(self) -> int:
        while True:
            try:
                held = os.open(self.path, os.O_RDWR)  # a share locks only what may be written
            except OSError:
                held = os.open(self.path, os.O_RDONLY)
            try:
                with contextlib.suppress(OSError):  # a share that knows no locks
                    fcntl.flock(held, fcntl.LOCK_EX)
                if os.path.samestat(os.fstat(held), self.path.stat()):
                    return held
            except BaseException:
                os.close(held)
                raise
            os.close(held)

    def _write(self, text: str, put: Callable[[Path, Path], None]) -> None:
        beside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            put(beside, self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self.unusable(
                f"The key file {self.path} could not be made ({error.strerror}). Give its folder to the server's user, or name another place in {self.setting}."
            ) from None
        finally:
            with contextlib.suppress(OSError):  # it holds a key, and is not the key file
                beside.unlink(missing_ok=True)

    def _cannot(self, error: OSError) -> Exception:
        return self.unusable(
            f"The key file {self.path} cannot be read ({error.strerror}). Give it to the server's user, who alone may read it (chmod 600)."
        )


def _unless_there(beside: Path, path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        os.link(beside, path)
