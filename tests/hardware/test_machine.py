"""The machine's own troubles, from a folder of the kernel's files as a Raspberry Pi writes them."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hardware.machine import HELD_SECONDS, Machine, MachineNow, identity

UPDATER = Path(__file__).parents[2] / "deploy/raspberrypi/release"


@dataclass
class Pi:
    """A Raspberry Pi 4's files, all well; what a test changes it writes over."""

    root: Path
    now: float = 0.0
    in_step: bool | None = True
    free: int = 4000 * 2**20
    flags: int = 0
    machine: Machine = field(init=False)

    def __post_init__(self) -> None:
        self.throttled("0")
        self.heat("51121")
        self.put("sys/class/hwmon/hwmon1/name", "rpi_volt\n")
        self.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
        self.put("sys/fs/ext4/mmcblk0p2/errors_count", "0\n")
        self.put("sys/block/mmcblk0/device/type", "SD\n")
        self.put("proc/meminfo", "MemTotal:        1893444 kB\nMemFree: 1 kB\nMemAvailable:    1325410 kB\n")
        self.put("proc/uptime", "86400.55 340000.10\n")
        self.machine = Machine(
            self.root, self.root, steady=lambda: self.now, in_step=lambda: self.in_step, statvfs=self._statvfs
        )

    def put(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def throttled(self, bits: str) -> None:
        self.put("sys/devices/platform/soc/soc:firmware/get_throttled", f"{bits}\n")

    def heat(self, thousandths: str) -> None:
        self.put("sys/class/thermal/thermal_zone0/temp", f"{thousandths}\n")

    def _statvfs(self, _folder: Path) -> os.statvfs_result:
        return os.statvfs_result(
            (4096, 4096, 10**6, self.free // 4096, self.free // 4096, 1, 1, 1, self.flags, 255)
        )

    def read(self) -> MachineNow:
        return self.machine.read()


@pytest.fixture
def pi(tmp_path: Path) -> Pi:
    return Pi(tmp_path)


def test_a_machine_that_is_well(pi: Pi) -> None:
    assert pi.read() == MachineNow("well", False, 51, False, "well", 4000, 69, True, 86400)


def test_power_that_dipped_counts_as_low_for_ten_minutes_and_is_not_forgotten(pi: Pi) -> None:
    pi.throttled("50005")
    assert (pi.read().power, pi.read().slowed) == ("low", True)
    pi.throttled("50000")
    pi.now = HELD_SECONDS - 1
    assert (pi.read().power, pi.read().slowed) == ("low", False)
    pi.now = HELD_SECONDS
    assert pi.read().power == "was_low"


def test_power_is_told_by_the_supplys_driver_too(pi: Pi) -> None:
    (pi.root / "sys/devices/platform/soc/soc:firmware/get_throttled").unlink()
    pi.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert pi.read().power == "low"


def test_a_five_keeps_that_file_elsewhere(pi: Pi) -> None:
    (pi.root / "sys/devices/platform/soc/soc:firmware/get_throttled").unlink()
    pi.put("sys/devices/platform/axi@1000/axi@1000:firmware/get_throttled", "1\n")
    assert pi.read().power == "low"


def test_hot_ends_only_some_degrees_below_where_it_began(pi: Pi) -> None:
    seen = []
    for thousandths in ("79900", "80100", "78000", "74000", "73900", "79000", "-273000"):
        pi.heat(thousandths)
        seen.append(pi.read().hot)
    assert seen == [False, True, True, True, False, False, False]
    assert pi.read().heat_c is None, "a sensor that answers nonsense has not answered"


def test_a_card_that_is_full_broken_worn_or_turned_read_only(pi: Pi) -> None:
    pi.free = 90 * 2**20
    assert pi.read().free_mb == 90
    pi.put("sys/block/mmcblk0/device/life_time", "0x03 0x0a\n")
    assert pi.read().card == "worn"
    pi.put("sys/fs/ext4/mmcblk0p2/errors_count", "3\n")
    assert pi.read().card == "errors"
    pi.flags = os.ST_RDONLY
    assert pi.read().card == "read_only"


def test_a_machine_that_tells_nothing_is_not_said_to_be_well(tmp_path: Path) -> None:
    gone = Machine(tmp_path / "nothing", tmp_path, in_step=lambda: None).read()
    assert gone == MachineNow()


def test_this_very_machine_can_be_read(tmp_path: Path) -> None:
    seen = Machine(tmp_path).read()
    assert None not in (seen.up_seconds, seen.memory_percent, seen.free_mb)


def test_one_machine_has_one_name_whoever_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kiosk and the updater, which runs as root and without our packages."""
    pi = Pi(tmp_path)
    assert identity(tmp_path) == ""
    pi.put("etc/machine-id", "0123\n")
    pi.put("proc/device-tree/serial-number", "0000000000000000\0")
    system = identity(tmp_path)
    assert len(system) == 64, "a board without a number of its own"
    pi.put("proc/device-tree/serial-number", "100000001\0")
    before = identity(tmp_path)
    assert before != system
    pi.put("etc/machine-id", "4567\n")
    assert identity(tmp_path) == before, "a card that is only read has another id at each start"
    pi.put("sys/class/dmi/id/product_serial", "for root alone\n")
    (tmp_path / "sys/class/dmi/id/product_serial").chmod(0o400)
    assert identity(tmp_path) == before
    monkeypatch.syspath_prepend(str(UPDATER))
    theirs = ("asking", "health", "places", "refusal", "trust")
    try:
        assert importlib.import_module("asking").machine(tmp_path) == before
    finally:
        for name in theirs:
            sys.modules.pop(name, None)
    pi.put("proc/device-tree/serial-number", "100000002\0")
    assert identity(tmp_path) != before
