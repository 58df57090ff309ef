"""The sealed file: tar in gzip in age, written and read piece by piece, so that ten years take no more memory than a day.

age seals to each recipient's public key; nothing on the server opens what it made. Its stream is cut into pieces of 64 KiB, each of which is proved before a
byte of it is given out, and the last of which is marked: a file that was cut short, put together from two or changed in one bit is refused, not half read.
What has been unpacked when that is noticed was true, and is thrown away all the same.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

import pyrage
from pyrage import x25519

from server.backups.gently import InSteps
from server.backups.manifest import MOST_BYTES, NOT_OURS, Manifest, read_manifest
from server.backups.unusable import BackupUnusable

MANIFEST = "manifest.json"
PIECE = 256 * 1024
SQUEEZE = 1
"""Of gzip: four fifths of what the slowest setting saves, in a tenth of its time."""

DAMAGED = "is damaged: it was cut short or changed. Nothing was restored."
ANOTHER = "Take another ('foyer backup list --whole' tells which are as they were made), or the copy of it on the other machine (foyer restore --copies NAME)."
WRONG_KEY = "was not sealed to this key, or was changed where its keys stand. Take the private key whose public half stood in FOYER_BACKUP_KEYS when it was made; if that is this one, take another backup."


def recipients_of(keys: Sequence[str]) -> list[x25519.Recipient]:
    """Raises BackupUnusable."""
    if not keys:
        raise BackupUnusable(
            "No key is named that backups are sealed to. Make one with 'foyer backup make-key' on another machine and put its public half in FOYER_BACKUP_KEYS."
        )
    try:
        return [x25519.Recipient.from_str(key) for key in keys]
    except pyrage.RecipientError:
        raise BackupUnusable(
            "FOYER_BACKUP_KEYS holds what is not a public key. Write the keys that 'foyer backup make-key' showed (age1...), separated by spaces."
        ) from None


def identities_of(file: Path) -> list[x25519.Identity]:
    """The private keys in a file, one a line. Raises BackupUnusable; never says what stands in it."""
    try:
        lines = [line.strip() for line in file.read_text("ascii").splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except OSError as error:
        raise BackupUnusable(f"The key file {file} cannot be read: {error.strerror}.") from None
    except (ValueError, pyrage.IdentityError):
        found = []
    if not found:
        raise BackupUnusable(
            f"{file} holds no private key. Name the file that 'foyer backup make-key' wrote."
        )
    return found


class Hashing:
    """Passes on what is written or read, and knows its digest and size."""

    def __init__(self, file: Any) -> None:
        self._file, self._hash, self.size = file, hashlib.sha256(), 0
        self.failed: OSError | None = None

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def read(self, size: int = -1) -> bytes:
        return self._seen(self._file.read(size))

    def write(self, data: bytes) -> int:
        try:
            self._file.write(data)
        except OSError as error:
            self.failed = error
            raise
        self._seen(data)
        return len(data)

    def flush(self) -> None:
        self._file.flush()

    def _seen(self, data: bytes) -> bytes:
        self._hash.update(data)
        self.size += len(data)
        return data


def seal(
    manifest: Manifest, folder: Path, recipients: Sequence[x25519.Recipient], out: BinaryIO | InSteps
) -> tuple[str, int]:
    """Write the manifest and its parts, which lie in `folder`. Answers with digest and size of what was written."""
    hashing = Hashing(out)
    try:
        with _fed(lambda pipe: _pack(manifest, folder, pipe)) as pipe:
            pyrage.encrypt_io(pipe, hashing, list(recipients))
    except OSError:
        if hashing.failed is not None:  # age tells only that it was
            raise hashing.failed from None
        raise
    return hashing.digest, hashing.size


def _pack(manifest: Manifest, folder: Path, pipe: BinaryIO) -> None:
    text = manifest.encode()
    with (
        gzip.GzipFile(fileobj=pipe, mode="wb", compresslevel=SQUEEZE, mtime=0, filename="") as squeezed,
        tarfile.open(fileobj=squeezed, mode="w|", format=tarfile.PAX_FORMAT, bufsize=PIECE) as tar,
    ):
        _add(tar, MANIFEST, len(text), io.BytesIO(text))
        for part in manifest.parts:
            with (folder / part.name).open("rb") as body:
                _add(tar, part.name, part.size, body)


def _add(tar: tarfile.TarFile, name: str, size: int, body: BinaryIO) -> None:
    told = tarfile.TarInfo(name)
    told.size, told.mode = size, 0o600
    tar.addfile(told, body)


@contextmanager
def _fed(work: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """What `work` writes, to be read; its failure is what is raised in the end, whatever the reader made of the stub."""
    outlet, inlet = os.pipe()
    failed: list[BaseException] = []

    def working() -> None:
        try:
            with os.fdopen(inlet, "wb", buffering=PIECE) as pipe:
                work(pipe)
        except BrokenPipeError:
            pass  # the reader gave up, and says why
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=working, name="backup", daemon=True)
    thread.start()
    try:
        with os.fdopen(outlet, "rb", buffering=PIECE) as pipe:
            yield pipe
    except BaseException:
        thread.join()
        if failed:
            raise failed[0] from None
        raise
    thread.join()
    if failed:
        raise failed[0]


class _Cut(Exception):
    """What came out of the file is not what its manifest says."""


def unseal(file: Path, identities: Sequence[x25519.Identity], folder: Path) -> tuple[Manifest, str]:
    """Unpack into `folder`, every part held against its digest; the manifest, and the digest of the file as it was read.

    Raises BackupUnusable. Whoever calls throws `folder` away then.
    """
    try:
        with file.open("rb") as sealed:
            hashing = Hashing(sealed)

            def open_it(pipe: BinaryIO) -> None:
                pyrage.decrypt_io(hashing, pipe, list(identities))

            with _fed(open_it) as pipe:
                manifest = _unpack(pipe, folder)
    except pyrage.DecryptError as error:
        why = WRONG_KEY if "No matching keys" in str(error) else f"{DAMAGED} {ANOTHER}"
        raise BackupUnusable(f"{file.name} {why}") from None
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, _Cut):
        raise BackupUnusable(f"{file.name} {DAMAGED} {ANOTHER}") from None
    except OSError as error:
        if error.errno is None:  # how age says that a piece is not what it was
            raise BackupUnusable(f"{file.name} {DAMAGED} {ANOTHER}") from None
        raise BackupUnusable(f"{file.name} cannot be unpacked: {error.strerror}.") from None
    return manifest, hashing.digest


def _unpack(pipe: BinaryIO, folder: Path) -> Manifest:
    try:
        with (
            gzip.GzipFile(fileobj=pipe, mode="rb") as opened,
            tarfile.open(fileobj=opened, mode="r|", bufsize=PIECE) as tar,
        ):
            manifest = None
            expected: list[str] = []
            for told in tar:
                body = tar.extractfile(told)
                if body is None:
                    raise _Cut
                if manifest is None:
                    if told.name != MANIFEST or told.size > MOST_BYTES:
                        raise BackupUnusable(NOT_OURS)
                    manifest = read_manifest(body.read())
                    expected = [part.name for part in manifest.parts]
                    continue
                part = next((each for each in manifest.parts if each.name == told.name), None)
                if part is None or not expected or expected.pop(0) != told.name or told.size != part.size:
                    raise _Cut
                if _copy(body, folder / part.name) != part.digest:
                    raise _Cut
            if manifest is None or expected:
                raise _Cut
            while opened.read(PIECE):
                pass
            return manifest
    finally:
        with contextlib.suppress(OSError):
            while pipe.read(PIECE):  # to the end, where age proves that nothing is missing
                pass


def _copy(body: IO[bytes], file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        steps = InSteps(out)
        while piece := body.read(PIECE):
            digest.update(piece)
            steps.write(piece)
    return digest.hexdigest()


def digest_of(file: Path) -> str:
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest()
