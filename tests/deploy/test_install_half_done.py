"""`install.sh` where something was cut off or is not as one thinks: the power, a session, a copy; a stick whose name has a space; the same options again, or others."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from tests.deploy.machine_root import CMDLINE, INSTALLER, Machine

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="users and rights of a card can only be made by root"
)

HERE = "https://queue.example.org"
KIOSK = ("--role", "kiosk", "--server", HERE, "--screen", "1080x1920:21.5", "--no-release", "--yes")
SERVER = ("--role", "server", "--server", "https://queue.council.lan", "--no-release", "--yes")
AGAIN = ("--no-release", "--yes")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "card")


def cut_off(machine: Machine, tmp_path: Path, program: str, when: str) -> None:
    """Run it until `program` has done what `when` matches; then nothing more is run, as after a pulled plug."""
    stub = tmp_path / "bin" / program
    stub.parent.mkdir(exist_ok=True)
    stub.write_text(
        f'#!/bin/sh\n{shutil.which(program)} "$@" || exit $?\ncase "$*" in {when}) kill -9 $PPID ;; esac\n'
    )
    stub.chmod(0o755)
    path = {**os.environ, "PATH": f"{stub.parent}:{os.environ['PATH']}"}
    command = ["sh", str(INSTALLER), "--root", str(machine.root), *KIOSK]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=path)
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("program", "when"),
    [
        ("ln", "*getty@tty1.service*"),
        ("systemctl", "*' enable '*"),
        ("mv", "*config.txt"),
    ],
)
def test_what_a_power_cut_left_half_is_done_and_undone_as_if_it_had_not_been(
    machine: Machine, tmp_path: Path, program: str, when: str
) -> None:
    before = machine.seen()
    cut_off(machine, tmp_path, program, when)
    machine.install(*AGAIN)
    assert "console=tty3" in machine.text("boot/firmware/cmdline.txt")
    machine.install("--undo", "--purge", "--yes")
    assert machine.text("boot/firmware/cmdline.txt") == CMDLINE
    assert machine.seen() == before


def test_half_a_file_of_answers_or_settings_takes_nothing_away(machine: Machine) -> None:
    machine.install(*KIOSK)
    (machine.root / "etc/foyer/kiosk.toml").write_text("")
    (machine.root / "var/lib/foyer-install/answers").write_text("")
    said = machine.install("--refresh", code=1)
    assert "install.sh --role" in said
    assert (machine.root / "etc/systemd/system/foyer-kiosk.service").is_file()
    machine.install(*KIOSK)
    assert f'server = "{HERE}"' in machine.text("etc/foyer/kiosk.toml")


def test_it_is_run_from_a_stick_whose_name_has_a_space(machine: Machine, tmp_path: Path) -> None:
    stick = tmp_path / "USB STICK"
    shutil.copytree(INSTALLER.parent, stick, symlinks=True)
    key = stick / "our key.json"
    key.write_text('{"public": "x"}')
    command = ["sh", str(stick / "install.sh"), "--root", str(machine.root), *KIOSK, "--key", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (machine.root / "etc/systemd/system/foyer-kiosk.service").is_file()
    assert (machine.root / "etc/foyer/release-keys/our key.json").is_file()


def test_a_key_that_comes_a_second_time_under_its_name_is_believed_too(
    machine: Machine, tmp_path: Path
) -> None:
    key = tmp_path / "release.pub"
    for public in ("the first", "the next"):
        key.write_text(f'{{"public": "{public}"}}')
        machine.install(*KIOSK, "--key", str(key))
    held = sorted(path.read_text() for path in (machine.root / "etc/foyer/release-keys").glob("*.json"))
    assert held == ['{"public": "the first"}', '{"public": "the next"}']
    key.write_text("-----BEGIN PRIVATE KEY-----")
    assert "is no public key of releases" in machine.install(*KIOSK, "--key", str(key), code=1)


def test_an_authority_that_was_half_made_is_made_whole_and_vouches_for_no_other_name(
    machine: Machine,
) -> None:
    machine.install(*SERVER)
    own = machine.root / "etc/foyer/authority"
    key = (own / "house-authority.key").read_bytes()
    (own / "house-authority.crt").unlink()
    (own / "issuing.crt").write_text("")
    (machine.root / "etc/foyer/credentials/smtp_password (copy)").write_text("x")
    machine.install(*AGAIN)
    verify = ["openssl", "verify", "-CAfile", str(own / "house-authority.crt"), str(own / "issuing.crt")]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    assert (own / "house-authority.key").read_bytes() == key
    # A name with a space would make the unit, and every command, unreadable.
    assert "copy" not in machine.text("etc/systemd/system/foyer-server.service.d/credentials.conf")
    before = machine.seen(("var/log",))
    said = machine.install("--server", "https://other.council.lan", *AGAIN, code=1)
    assert "vouches for queue.council.lan only" in said
    assert machine.seen(("var/log",)) == before


def test_what_was_made_while_the_clock_was_ahead_is_made_anew_when_it_is_right(machine: Machine) -> None:
    machine.install(*SERVER)
    own = machine.root / "etc/foyer/authority"
    # Whatever the clock says today, the day before the release was made is past.
    made = min(INSTALLER.stat().st_mtime, time.time())
    for name in ("house-authority", "issuing"):
        begins = x509.load_pem_x509_certificate((own / f"{name}.crt").read_bytes()).not_valid_before_utc
        assert abs(begins.timestamp() - (made - 86_400)) < 300
    key = (own / "house-authority.key").read_bytes()
    issued = machine.root / "var/lib/caddy/.local/share/caddy/certificates/house/queue.council.lan"
    issued.mkdir(parents=True)
    for place, begins_in in (
        (own / "house-authority.crt", 400),
        (own / "issuing.crt", 400),
        (issued / "a.crt", 400),
        (issued / "b.crt", -1),
    ):
        place.write_bytes(_certificate(key, timedelta(days=begins_in)))
        place.with_suffix(".json").write_text("{}")
    said = machine.install(*AGAIN)
    assert "made while the clock was ahead" in said
    assert (own / "house-authority.key").read_bytes() == key, "what was trusted by its key is so still"
    verify = ["openssl", "verify", "-CAfile", str(own / "house-authority.crt"), str(own / "issuing.crt")]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    assert sorted(path.name for path in issued.iterdir()) == ["b.crt", "b.json"]
    assert "made while the clock" not in machine.install(*AGAIN)


def _certificate(key: bytes, begins_in: timedelta) -> bytes:
    private = load_pem_private_key(key, None)
    assert isinstance(private, EllipticCurvePrivateKey)
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Foyer authority of queue.council.lan")])
    begins = datetime.now(UTC) + begins_in
    builder = x509.CertificateBuilder(own, own, private.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(begins).not_valid_after(begins + timedelta(days=900))
    return made.sign(private, SHA256()).public_bytes(Encoding.PEM)


def test_settings_that_stay_are_told_and_the_proxy_follows_the_port_they_say(machine: Machine) -> None:
    machine.install(*SERVER, "--tls", "public")
    settings = machine.root / "etc/foyer/server.env"
    settings.write_text(settings.read_text().replace("FOYER_PORT=8000", "FOYER_PORT=8123"))
    said = machine.install("--server", "https://new.example.org", "--port", "9000", *AGAIN)
    assert "127.0.0.1:8123" in machine.text("etc/caddy/Caddyfile")
    assert "server.env says 8123" in said
    assert "/etc/foyer/server.env stays as it is, and does not say https://new.example.org" in said


def test_who_types_the_address_without_https_is_led_to_the_port_that_answers(machine: Machine) -> None:
    machine.install(*SERVER, "--server", "https://queue.council.lan:8443", "--tls", "public")
    said = machine.text("etc/caddy/Caddyfile")
    assert "redir @pages https://queue.council.lan:8443{uri} 308\n" in said
    assert "\nhttps://queue.council.lan:8443 {\n" in said
    if shutil.which("caddy"):
        adapt = (
            "caddy",
            "adapt",
            "--config",
            str(machine.root / "etc/caddy/Caddyfile"),
            "--adapter",
            "caddyfile",
        )
        done = subprocess.run(adapt, capture_output=True, text=True, timeout=30, check=True)
        assert "https://queue.council.lan:8443{http.request.uri}" in done.stdout


@pytest.mark.parametrize("told", ["INT", "HUP", "TERM", "KILL"])
def test_a_session_that_ends_while_packages_come_leaves_no_program_unstarted(
    tmp_path: Path, told: str
) -> None:
    """`policy-rc.d` left behind, nothing would be started again after any of Debian's updates."""
    policy = tmp_path / "usr/sbin/policy-rc.d"
    policy.parent.mkdir(parents=True)
    parts = INSTALLER.parent / "installer"
    begin = f"root={tmp_path}; log=/dev/null; . {parts}/packages.sh\n"
    # Whoever began these tests in the background may have had them ignore some of these.
    listening = ["env", "--default-signal=INT,HUP,TERM"]
    command = [*listening, "dash", "-c", f"{begin} hold_starts; test -x {policy} || exit 9; kill -{told} $$"]
    done = subprocess.run(command, check=False)
    assert done.returncode not in {0, 9}
    if told == "KILL":
        assert policy.exists()
        subprocess.run(["dash", "-c", f"{begin} forget_hold"], check=True)
    assert not policy.exists()
    policy.write_text("#!/bin/sh\nexit 0\n")
    subprocess.run(["dash", "-c", f"{begin} forget_hold; hold_starts; release_starts"], check=True)
    assert policy.read_text().endswith("exit 0\n")


@pytest.mark.parametrize(
    ("signature", "says"),
    [(None, "is missing or empty"), ("", "is missing or empty"), ("half", "not the signatures of a release")],
)
def test_a_signature_that_did_not_come_along_whole_is_told_before_anything_is_changed(
    machine: Machine, tmp_path: Path, signature: str | None, says: str
) -> None:
    release = tmp_path / "my files/foyer-1.0.0.tar.gz"
    release.parent.mkdir()
    release.write_bytes(b"half a copy")
    if signature is not None:
        release.with_name(f"{release.name}.sig").write_text(signature)
    before = machine.seen(("var/log",))
    assert says in machine.install(*KIOSK, "--from", str(release), code=1)
    assert machine.seen(("var/log",)) == before


def test_packages_that_a_power_cut_left_installed_are_known_to_be_ours(tmp_path: Path) -> None:
    apt = tmp_path / "bin/apt-get"
    apt.parent.mkdir()
    apt.write_text(
        "#!/bin/sh\ncase $* in *--simulate*) ;; *) kill -9 $PPID ;; esac\n"
        "echo 'Inst foyer-new:amd64 (1.0 Debian:12/stable [amd64])'\n"
        "echo 'Inst foyer-older [0.9] (1.0 Debian:12/stable [amd64])'\n"
    )
    apt.chmod(0o755)
    parts = INSTALLER.parent / "installer"
    run = f"root= keep={tmp_path}/keep; for each in saying laying packages; do . {parts}/$each.sh; done; bring_packages foyer-new"
    path = {**os.environ, "PATH": f"{apt.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["dash", "-euc", run], check=False, env=path)
    assert done.returncode == -signal.SIGKILL
    # What was there and only became newer is not taken away with us.
    assert (tmp_path / "keep/list").read_text() == "package foyer-new\n"


def test_a_clock_from_before_the_release_is_told_before_anything_is_fetched(tmp_path: Path) -> None:
    here = tmp_path / "deploy/raspberrypi"
    here.mkdir(parents=True)
    told = tmp_path / "RELEASE.json"
    look = f'here={here}; . {INSTALLER.parent}/installer/machine.sh; check_clock; printf %s "$obstacles"'

    def says() -> str:
        return subprocess.run(["dash", "-euc", look], capture_output=True, text=True, check=True).stdout

    told.write_text('{\n "made_at": 32503680000,\n "version": "1.0.0"\n}')
    assert "clock says" in says()
    told.write_text('{\n "made_at": 1790000000,\n "version": "1.0.0"\n}')
    assert says() == ""
    told.unlink()
    (here / "install.sh").touch()
    assert says() == ""
