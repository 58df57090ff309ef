"""`install.sh` on a folder that looks like a card: each role, twice, and back again. It refuses before it changes anything."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from kiosk import config
from tests.deploy.machine_root import CMDLINE, Machine

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="users and rights of a card can only be made by root"
)

HERE = "https://queue.example.org"
QUIET = ("--no-release", "--yes")
ROLES = {
    "kiosk": (
        "--server",
        HERE,
        "--screen",
        "1080x1920:21.5",
        "--printer",
        "usb:0416:5011",
        "--name",
        "By the door",
        "--turn",
        "270",
    ),
    "scan-station": ("--server", HERE, "--screen", "1920x1080:15.6"),
    "display": ("--server", HERE, "--read-only", "--turn", "90"),
    "server": ("--server", "https://queue.council.lan"),
}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "card")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_laid_once_and_taken_away_without_a_trace(machine: Machine, role: str) -> None:
    before = machine.seen()
    machine.install("--role", role, *ROLES[role], *QUIET)
    program = "kiosk" if role == "scan-station" else role
    assert (machine.root / f"etc/systemd/system/multi-user.target.wants/foyer-{program}.service").is_symlink()
    assert f"foyer-{program}:" in machine.text("etc/passwd")
    laid = machine.seen(("var/log",))
    assert "nothing was changed" in machine.install(*QUIET)
    assert machine.seen(("var/log",)) == laid
    machine.install("--undo", "--purge", "--yes")
    assert machine.seen() == before


def test_taking_it_away_keeps_what_people_made_until_that_is_asked_for(machine: Machine) -> None:
    before = machine.seen()
    machine.install("--role", "kiosk", *ROLES["kiosk"], *QUIET)
    journal = machine.root / "var/lib/foyer/kiosk/journal"
    journal.parent.mkdir()
    journal.write_text("tickets not yet handed over")
    machine.install("--undo", "--yes")
    assert journal.is_file()
    assert "By the door" in machine.text("etc/foyer/kiosk.toml")
    assert machine.text("boot/firmware/cmdline.txt") == CMDLINE
    assert not (machine.root / "etc/systemd/system/foyer-kiosk.service").exists()
    machine.install("--undo", "--purge", "--yes")
    assert machine.seen() == before


def test_the_kiosk_reads_what_was_written_for_it(machine: Machine) -> None:
    machine.install("--role", "kiosk", *ROLES["kiosk"], *QUIET)
    settings = config.read(machine.root / "etc/foyer/kiosk.toml", {})
    assert (settings.name, settings.server, settings.orientation) == ("By the door", HERE, "portrait")
    assert (settings.panel.width_mm, settings.panel.height_mm) == (267.7, 476.0)
    assert settings.panel.turn == 270
    assert (settings.printer.type, settings.panel.touch_device) == ("usb", "/dev/input/foyer-touch")
    assert machine.text("boot/firmware/cmdline.txt").startswith("console=serial0,115200 console=tty3 ")
    for masked in ("getty@tty1.service", "autovt@.service", "ctrl-alt-del.target"):
        assert (machine.root / f"etc/systemd/system/{masked}").readlink() == Path("/dev/null")


def test_settings_somebody_changed_stay_when_it_is_run_again(machine: Machine) -> None:
    machine.install("--role", "scan-station", *ROLES["scan-station"], *QUIET)
    file = machine.root / "etc/foyer/kiosk.toml"
    assert tomllib.loads(file.read_text())["plate"]["first"] is True
    file.write_text(file.read_text() + "\n[times]\nidle = 90.0\n")
    (machine.root / "etc/systemd/system/foyer-kiosk.service").write_text("damaged")
    machine.install(*QUIET)
    assert tomllib.loads(file.read_text())["times"]["idle"] == 90.0
    assert "WatchdogSec" in machine.text("etc/systemd/system/foyer-kiosk.service")


def test_a_kiosk_that_serves_on_a_small_panel_is_renewed_and_reads_its_settings(machine: Machine) -> None:
    machine.install("--role", "kiosk", *ROLES["kiosk"], *QUIET)
    file = machine.root / "etc/foyer/kiosk.toml"
    small = re.sub(r"^width_mm = [\d.]+", "width_mm = 166.0", file.read_text(), flags=re.M)
    file.write_text(re.sub(r"^height_mm = [\d.]+", "height_mm = 294.0", small, flags=re.M))
    machine.install(*QUIET)
    assert "166 x 294 mm is too small" in config.read(file, {}).panel.too_small


def test_a_server_of_a_closed_network_has_an_authority_for_its_own_name_only(machine: Machine) -> None:
    machine.install("--role", "server", *ROLES["server"], *QUIET)
    own = machine.root / "etc/foyer/authority"
    said = subprocess.run(
        ["openssl", "x509", "-in", own / "issuing.crt", "-noout", "-ext", "nameConstraints"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "DNS:queue.council.lan" in said
    verified: list[str | Path] = [
        "openssl",
        "verify",
        "-CAfile",
        machine.root / "etc/foyer/house-authority.crt",
        own / "issuing.crt",
    ]
    assert subprocess.run(verified, capture_output=True, check=False).returncode == 0
    assert (own / "house-authority.key").stat().st_mode & 0o777 == 0o600
    first = (own / "house-authority.crt").read_bytes()
    (machine.root / "etc/foyer/credentials/smtp_password").write_text("a secret")
    machine.install(*QUIET)
    assert (own / "house-authority.crt").read_bytes() == first
    credentials = machine.text("etc/systemd/system/foyer-server.service.d/credentials.conf")
    assert "LoadCredential=smtp_password:/etc/foyer/credentials/smtp_password\n" in credentials
    assert "a secret" not in credentials


def test_the_installer_brings_the_unit_and_leaves_the_single_one_off_where_there_are_several(
    machine: Machine,
) -> None:
    before = machine.seen()
    machine.install("--role", "server", "--server", "https://queue.council.lan", "--no-release", "--yes")
    unit = machine.text("etc/systemd/system/foyer-server@.service")
    assert "\nExecStart=/usr/bin/env FOYER_PORT=%i /opt/foyer/current/.venv/bin/foyer serve\n" in unit
    assert "\nRuntimeDirectory=foyer-server-%i\n" in unit
    wants = machine.root / "etc/systemd/system/multi-user.target.wants"
    (wants / "foyer-server.service").unlink()
    (wants / "foyer-server@8001.service").symlink_to("/etc/systemd/system/foyer-server@.service")
    (machine.root / "etc/foyer/credentials/smtp_password").write_text("a secret")
    machine.install("--no-release", "--yes")
    assert not (wants / "foyer-server.service").exists()
    assert "smtp_password" in machine.text("etc/systemd/system/foyer-server@.service.d/credentials.conf")
    machine.install("--undo", "--purge", "--yes")
    assert machine.seen() == before


def test_a_display_may_open_its_server_and_nothing_else(machine: Machine) -> None:
    machine.install("--role", "display", *ROLES["display"], *QUIET, "--name", "Lobby, left")
    # The safe page of a display says which one it is (foyer-display has it drawn).
    assert 'FOYER_DISPLAY_NAME="Lobby, left"\n' in machine.text("etc/foyer/display.env")
    policies = json.loads(machine.text("etc/chromium/policies/managed/foyer.json"))
    assert policies["URLBlocklist"] == ["*"]
    # As Chromium reads them: a path from its beginning, and no name below this one. With its tools forbidden it does not let the agent in either.
    assert policies["URLAllowlist"][0] == f"{HERE}/".replace("://", "://.")
    assert not [each for each in policies["URLAllowlist"] if "*" in each]
    assert policies["DeveloperToolsAvailability"] != 2
    assert f"FOYER_DISPLAY_URL={HERE}/display\n" in machine.text("etc/foyer/display.env")
    assert 'overlayroot="tmpfs:swap=0,recurse=0"' in machine.text("etc/overlayroot.local.conf")
    units = machine.root / "etc/systemd/system"
    for unit in ("var-lib-foyer", "opt-foyer"):
        assert (units / f"local-fs.target.wants/{unit}.mount").is_symlink()
        # Required, a partition that fails would end the start in systemd's emergency mode.
        assert not (units / f"local-fs.target.requires/{unit}.mount").exists()
    assert "Where=/opt/foyer\n" in (units / "opt-foyer.mount").read_text()
    assert "Options=defaults,ro\n" in (units / "boot-firmware.mount.d/foyer.conf").read_text()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--role", "kiosk"), "say where the server is"),
        (("--role", "kiosk", "--server", "queue"), "is no address"),
        (("--role", "kiosk", "--server", HERE, "--screen", "big"), "WIDTHxHEIGHT:INCHES"),
        (("--role", "kiosk", "--server", HERE, "--screen", "800x480:7"), "152 x 91 mm is too small"),
        (("--role", "kiosk", "--server", HERE, "--screen", "1280x800:9.9"), "213 x 133 mm is too small"),
        (("--role", "kiosk", "--server", HERE, "--printer", "lpt1"), "network:ADDRESS"),
        (("--role", "server", "--server", "http://queue"), "without TLS"),
        (("--role", "toaster", "--server", HERE), "there is no role"),
        (("--server", HERE), "say what this machine is to be"),
        (("--role", "display", "--server", HERE, "--turn", "45"), "--turn is 90, 180 or 270"),
    ],
)
def test_a_wrong_answer_is_refused_before_anything_is_changed(
    machine: Machine, options: tuple[str, ...], says: str
) -> None:
    before = machine.seen(("var/log",))
    assert says in machine.install(*options, *QUIET, code=1)
    assert machine.seen(("var/log",)) == before


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("etc/os-release", 'PRETTY_NAME="Raspbian"\nID=raspbian\nVERSION_ID="12"\n', "32-bit"),
        ("etc/os-release", 'PRETTY_NAME="Debian 11"\nID=debian\nVERSION_ID="11"\n', "version 12 or 13"),
        ("var/lib/dpkg/arch", "armhf\n", "64-bit ARM"),
    ],
)
def test_a_machine_that_cannot_be_one_is_refused_in_words(
    machine: Machine, file: str, text: str, says: str
) -> None:
    (machine.root / file).write_text(text)
    before = machine.seen(("var/log",))
    assert says in machine.install("--role", "kiosk", "--server", HERE, *QUIET, code=1)
    assert machine.seen(("var/log",)) == before


def test_another_role_is_refused_until_the_first_is_taken_away(machine: Machine) -> None:
    machine.install("--role", "kiosk", *ROLES["kiosk"], *QUIET)
    assert "is a kiosk already" in machine.install("--role", "display", "--server", HERE, *QUIET, code=1)
