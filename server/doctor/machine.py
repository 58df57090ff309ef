"""The machine: room on its disks, memory, open files, its clock, the programs that are called, time zones and text."""

from __future__ import annotations

import ctypes
import locale
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.clock import to_micros
from server.doctor.ground import Ground
from server.domain.troubles import Verdict, fine, not_looked_at, worth_knowing, wrong
from server.store.sql import Statement

GRAVE_BYTES, LOW_BYTES = 300_000_000, 2_000_000_000
GRAVE_SHARE, LOW_SHARE = 0.02, 0.10
OFF_GRAVE, OFF_LOW = 120.0, 5.0

_ZONES = Statement("SELECT DISTINCT timezone FROM centre")
_DATABASE_NOW = Statement("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")


@dataclass(frozen=True)
class Room:
    """Of one disk: what lies on it, and how much of it is free."""

    holds: tuple[str, ...]
    free: int
    size: int
    free_files: int
    files: int
    read_only: bool = False


def disks(ground: Ground) -> list[Verdict]:
    wanted = [("files", ground.settings.data), ("temporary files", Path(tempfile.gettempdir()))]
    if ground.sqlite_file is not None:
        wanted.insert(0, ("the database", ground.sqlite_file.parent))
    if ground.settings.handoff_folder is not None:
        wanted.append(("hand-offs", ground.settings.handoff_folder))
    found: dict[int, tuple[list[str], Path]] = {}
    for name, path in wanted:
        there = next((each for each in (path, *path.absolute().parents) if each.exists()), Path("/"))
        found.setdefault(there.stat().st_dev, ([], there))[0].append(name)
    return [_disk(tuple(names), path) for names, path in found.values()]


def _disk(names: tuple[str, ...], path: Path) -> Verdict:
    room = os.statvfs(path)
    size, free = room.f_blocks * room.f_frsize, room.f_bavail * room.f_frsize
    return disk(Room(names, free, size, room.f_favail, room.f_files, bool(room.f_flag & os.ST_RDONLY)))


def disk(room: Room) -> Verdict:
    subject = f"disk of {room.holds[0]}"
    names = " and ".join(filter(None, (", ".join(room.holds[:-1]), room.holds[-1])))
    said = f"{size_of(room.free)} of {size_of(room.size)} are free on the disk with {names}"
    act = "Make room: old files in the temporary folder, logs (journalctl --vacuum-size=200M), releases nobody goes back to. Then find out what grows."
    if room.read_only:
        return wrong(
            subject,
            f"The disk with {names} takes no changes.",
            "It is mounted read-only, most often because it is failing: look at dmesg, and have it replaced.",
        )
    # A small machine's temporary files lie in its memory, and never have much.
    least = min(GRAVE_BYTES, room.size / 2)
    if room.free < max(least, min(GRAVE_SHARE * room.size, LOW_BYTES / 2)):
        return wrong(subject, f"Only {said}.", act)
    if room.files and room.free_files < 0.02 * room.files:
        return wrong(subject, f"The disk with {names} has no more room for files, however small.", act)
    if room.free < min(LOW_BYTES, LOW_SHARE * room.size):
        return worth_knowing(subject, f"Only {said}.", act)
    return fine(subject, f"{said}.")


def size_of(count: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def memory(ground: Ground) -> list[Verdict]:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return [not_looked_at("memory", "This system does not say how much there is.")]
    told = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return [enough_memory(told["MemAvailable"], told["MemTotal"])]


def enough_memory(free: int, total: int) -> Verdict:
    said = f"{size_of(free)} of {size_of(total)} can be had."
    act = "See what else runs on this machine (top), or give it more. A server wants about 200 MB, and 1 GB while papers are read."
    if free < 0.05 * total or free < 100_000_000:
        return wrong("memory", f"Only {said}", act)
    if free < 0.12 * total:
        return worth_knowing("memory", f"Only {said}", act)
    return fine("memory", said)


def open_files(ground: Ground) -> list[Verdict]:
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if ground.process is None:
        return [files_allowed(0, most)]
    return [files_allowed(len(list(Path("/proc/self/fd").iterdir())), soft)]


def files_allowed(used: int, most: int) -> Verdict:
    act = "Set LimitNOFILE=65536 in the server's unit: each screen, phone and browser is an open file."
    if most != resource.RLIM_INFINITY and used > 0.8 * most:
        return wrong("open files", f"{used} files are open, and {most} may be.", act)
    if most != resource.RLIM_INFINITY and most < 4096:
        return worth_knowing("open files", f"Only {most} files may be open at once.", act)
    said = "any number" if most == resource.RLIM_INFINITY else str(most)
    return fine("open files", f"{used} of {said}." if used else f"Up to {said}.")


# The clock ------------------------------------------------------------------------------------------------------------


class _Timex(ctypes.Structure):
    """As the kernel tells of its clock (adjtimex(2)); what comes after the state is of no use here."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def clock(ground: Ground) -> list[Verdict]:
    settings = ground.settings
    pretends = settings.clock_start is not None or settings.clock_speed != 1
    return [synchronised(_kernel_says()), true_time(pretends=pretends, demo=settings.demo)]


def true_time(*, pretends: bool, demo: bool) -> Verdict:
    """A rehearsal's setting that was left standing would give every ticket, hour and deletion a wrong time."""
    if pretends and not demo:
        return wrong(
            "house's time",
            "The house goes by a time that was made up for a trial, and not by the machine's clock.",
            "Take FOYER_CLOCK_START and FOYER_CLOCK_SPEED away and start the server anew.",
        )
    return fine("house's time", "A rehearsal's own." if pretends else "It is the machine's.")


def database_clock(ground: Ground) -> list[Verdict]:
    """SQLite has none of its own."""
    if ground.is_sqlite:
        return []
    with ground.looking() as sql:
        before = to_micros_now()
        theirs = int((sql.one(_DATABASE_NOW) or (before,))[0])
        after = to_micros_now()
    return [beside_database((theirs - (before + after) // 2) / 1e6)]


def to_micros_now() -> int:
    from server.clock import Clock

    return to_micros(Clock().wall())


def _kernel_says() -> bool | None:
    told = _Timex()
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(told))
    except (AttributeError, OSError):
        return None
    return None if answer < 0 else not told.status & 0x40


def synchronised(kept: bool | None) -> Verdict:
    if kept is None:
        return not_looked_at("clock", "This system does not say whether its clock is kept right.")
    if kept:
        return fine("clock", "It is kept right from the network.")
    return worth_knowing(
        "clock",
        "Nothing keeps this machine's clock right: waits, opening hours and certificates go by it.",
        "Turn on time from the network (timedatectl set-ntp true) and see that the firewall lets it out. A container's host does this.",
    )


def beside_database(seconds: float) -> Verdict:
    return off("clock beside the database", "the database server's", seconds)


def off(subject: str, whose: str, seconds: float) -> Verdict:
    """How far another clock is from ours; `seconds` is how much it is ahead."""
    way = "behind" if seconds > 0 else "ahead of"
    said = f"This machine's clock is {abs(seconds):.0f} seconds {way} {whose}."
    act = "Keep both right from the network (timedatectl set-ntp true)."
    if abs(seconds) > OFF_GRAVE:
        return wrong(subject, said, act)
    if abs(seconds) > OFF_LOW:
        return worth_knowing(subject, said, act)
    return fine(subject, f"It agrees with {whose}.")


# Programs, zones, text -------------------------------------------------------------------------------------------------


def programs(ground: Ground) -> list[Verdict]:
    """What reading papers calls for."""
    wanted = [each for each in ground.settings.reading_languages.split("+") if each]
    if not wanted:
        return [fine("reading papers", "It is turned off (FOYER_READING_LANGUAGES is empty).")]
    missing = [
        name
        for name, program in (("tesseract", "tesseract"), ("ghostscript", "gs"))
        if not shutil.which(program)
    ]
    known: set[str] = set()
    if not missing:
        told = subprocess.run(
            ["tesseract", "--list-langs"], capture_output=True, text=True, timeout=ground.seconds, check=False
        )
        known = set(told.stdout.split("\n"))
    return [can_read(missing, [each for each in wanted if each not in known])]


def can_read(missing: list[str], unknown: list[str]) -> Verdict:
    if missing:
        return worth_knowing(
            "reading papers",
            f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} not installed, so scanned pages are kept as pictures nobody can search.",
            "Install tesseract-ocr and ghostscript, or set FOYER_READING_LANGUAGES to nothing.",
        )
    if unknown:
        packages = " ".join("tesseract-ocr-" + each.replace("_", "-") for each in unknown)
        return worth_knowing(
            "reading papers",
            f"Tesseract does not know {', '.join(unknown)}, which FOYER_READING_LANGUAGES asks for.",
            f"Install {packages}, or take it out of the setting.",
        )
    return fine("reading papers", "Scanned pages are made searchable.")


def zones(ground: Ground) -> list[Verdict]:
    with ground.looking() as sql:
        named = [str(record[0]) for record in sql.all(_ZONES)]
    unknown = [name for name in named if not _is_zone(name)]
    return [zones_known(unknown), text_kept(locale.getpreferredencoding(False), sys.getfilesystemencoding())]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        return False
    return True


def zones_known(unknown: list[str]) -> Verdict:
    if unknown:
        return wrong(
            "time zones",
            f"This machine does not know the time zone {', '.join(unknown)} that a centre is in.",
            "Install tzdata, or put the zone right in the centre's set-up.",
        )
    return fine("time zones", "Those of all centres are known.")


def text_kept(*encodings: str) -> Verdict:
    if all(each.lower().replace("-", "") == "utf8" for each in encodings):
        return fine("text", "All languages' letters can be written (UTF-8).")
    return worth_knowing(
        "text",
        "This machine does not write text as UTF-8, so names of files and logs in other scripts come out wrong.",
        "Set LANG=C.UTF-8 where the server is started.",
    )
