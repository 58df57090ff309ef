"""Each unit is one that systemd takes, is shut in (3.0 at most by its own measure), and the scripts hold what shellcheck asks."""

from __future__ import annotations

import http.server
import importlib.machinery
import importlib.util
import re
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.deploy.machine_root import ROOT, tool

PI = ROOT / "deploy/raspberrypi"
SERVICES = sorted((PI / "systemd").glob("*.service"))
SCRIPTS = sorted(
    path for path in PI.iterdir() if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh")
)
MOST = 3.0


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_a_unit_is_shut_in(unit: Path) -> None:
    said = subprocess.run(
        [tool("systemd-analyze"), "security", "--offline=true", f"--threshold={MOST * 10:.0f}", "--no-pager", unit],
        capture_output=True, text=True, check=False, env={"SYSTEMD_COLORS": "0", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    assert found, said.stdout + said.stderr
    assert float(found[1]) <= MOST
    assert said.returncode == 0


def test_systemd_understands_every_unit() -> None:
    units = [*SERVICES, *sorted((PI / "systemd").glob("*.timer"))]
    named = [str(unit).replace("@.", "@kiosk.") if "@" not in unit.name else str(unit) for unit in units]
    said = subprocess.run(
        [tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", *named],
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    # The programs are not on this machine; everything else it finds is ours to mend.
    ours = [
        line
        for line in said.splitlines()
        if "foyer" in line and "is not executable" not in line and "/opt/foyer" not in line
    ]
    assert not ours, "\n".join(ours)


def test_what_draws_is_watched_and_started_again_for_ever() -> None:
    kiosk = (PI / "systemd/foyer-kiosk.service").read_text()
    for line in (
        "Type=notify",
        "WatchdogSec=30",
        "Restart=always",
        "OnFailure=foyer-safe@kiosk.service",
        "LimitCORE=0",
    ):
        assert f"\n{line}\n" in kiosk
    safe = (PI / "systemd/foyer-safe@.service").read_text()
    for line in ("StartLimitIntervalSec=0", "OnSuccess=foyer-%i.service", "OnFailure=foyer-%i.service"):
        assert f"\n{line}\n" in safe


@pytest.mark.parametrize("program", ["kiosk", "display"])
def test_what_hangs_at_every_start_comes_to_the_safe_page_too(program: str) -> None:
    unit = (PI / f"systemd/foyer-{program}.service").read_text()
    seconds = {name: int(value) for name, value in re.findall(r"^(\w+)=(\d+)$", unit, re.M)}
    tries = seconds["StartLimitBurst"] * (seconds["TimeoutStartSec"] + seconds["RestartSec"])
    assert tries < seconds["StartLimitIntervalSec"]
    # The state of a card that is only read is needed: without it the numbers of the day the card was made would be given out anew.
    assert "\nRequiresMountsFor=/opt/foyer /etc/foyer /var/lib/foyer\n" in unit


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    said = subprocess.run([tool("shellcheck"), "-x", script], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_a_machine_that_has_nobody_to_ask_does_not_fail_every_ten_minutes() -> None:
    """A server is upgraded by a person, and a display asks only once it was paired for it: neither is a failed unit. Not by Condition...=, after which the
    timer would have nothing to count its next ten minutes from.
    """
    unit = (PI / "systemd/foyer-update.service").read_text()
    asked = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecCondition=")]
    assert len(asked) == 1
    read = (PI / "release/asking.py").read_text()
    for path in ("etc/foyer/kiosk.toml", "etc/foyer/credentials/update-token"):
        assert f"/{path}" in asked[0]
        assert f'"{path}"' in read
    nobody = asked[0].replace("/etc/foyer", "/nowhere")
    assert subprocess.run(nobody, shell=True, check=False).returncode == 1


def clock() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("foyer_clock", str(PI / "foyer-clock"))
    spec = importlib.util.spec_from_loader("foyer_clock", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("now", "told", "says"),
    [
        (1_800_000_000.0, 1_800_000_060.0, "right within"),
        (1_700_000_000.0, 1_800_000_000.0, ""),
        (1_900_000_000.0, 1_800_000_000.0, ""),
        (1_700_000_000.0, 1_000_000_000.0, "cannot be"),
        (1_700_000_000.0, 3_000_000_000.0, "cannot be"),
    ],
)
def test_the_clock_is_set_only_where_it_is_wrong_and_the_time_told_can_be(
    now: float, told: float, says: str
) -> None:
    said = clock().verdict(now, told, made=1_790_000_000.0)
    assert (says in said) if says else said == ""


def test_the_day_a_release_was_made_is_not_that_of_its_installation(tmp_path: Path) -> None:
    """Installed under a clock that was years ahead, its files would refuse the right time for ever."""
    here = tmp_path / "deploy/raspberrypi"
    here.mkdir(parents=True)
    (here / "foyer-clock").touch()
    assert clock().made_at(here) == (here / "foyer-clock").stat().st_mtime
    (tmp_path / "RELEASE.json").write_text('{"made_at": 1790000000}')
    assert clock().made_at(here) == 1_790_000_000.0


def test_a_time_told_without_tls_is_not_believed() -> None:
    with pytest.raises(ValueError, match="not believed"):
        clock().told_by("http://127.0.0.1:1")


@pytest.mark.parametrize(("name", "believed"), [("localhost", True), ("elsewhere.example", False)])
def test_an_expired_certificate_tells_the_time_if_it_is_the_servers_own(
    tmp_path: Path, name: str, believed: bool
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(own, own, key.public_key(), x509.random_serial_number())
        .not_valid_before(long_ago)
        .not_valid_after(long_ago + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "crt.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt.pem", tmp_path / "key.pem")
    with http.server.HTTPServer(("localhost", 0), Quiet) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.handle_request, daemon=True).start()
        address = f"https://localhost:{server.server_port}"
        if believed:
            assert abs(clock().told_by(address, tmp_path / "crt.pem") - time.time()) < 60
        else:
            with pytest.raises(ssl.SSLCertVerificationError, match=r"(?i)hostname mismatch"):
                clock().told_by(address, tmp_path / "crt.pem")


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
