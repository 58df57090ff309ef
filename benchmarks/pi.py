"""`make proof-pi`: a server and a kiosk set up by `install.sh` in bare Debian roots, started by a real systemd, until a ticket is on the kiosk's screen.

Needs root, debootstrap, systemd-container and a way to Debian's packages. Each machine is a debootstrap root; both live in one network namespace
without a way out, so what they need they have, or the proof fails. The release is made of the commit checked out and signed by a key made for it. The kiosk
draws off screen and is touched through its dev dock; everything else is as it would be, unit and sandbox included. Times are printed as they were.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NETWORK = "foyer-proof"
ADDRESS = "https://localhost"
BASE = "ca-certificates,systemd,systemd-sysv,udev,dbus,iproute2,openssl,python3,python3-venv,netbase"
SOURCES = "deb http://deb.debian.org/debian bookworm main\ndeb http://deb.debian.org/debian-security bookworm-security main\n"
OFF_SCREEN = """[Service]
ExecStart=
ExecStart=/opt/foyer/current/.venv/bin/foyer-kiosk --offscreen /etc/foyer/kiosk.toml
StandardInput=null
TTYPath=
TTYReset=no
TTYVHangup=no
"""


def run(*command: object, seconds: float = 900) -> str:
    """Its output; ends with it when it fails."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, timeout=seconds
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


@contextmanager
def timed(times: dict[str, float], what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    times[what] = round(time.monotonic() - began, 1)
    print(f"proof: {what}: {times[what]} s", flush=True)


def make_release(folder: Path) -> Path:
    key = folder / "keys"
    run(ROOT / ".venv/bin/foyer", "releases", "make-key", key, "--owner", "proof")
    private = next(key.glob("*.pem"))
    run(sys.executable, ROOT / "scripts/release.py", "--key", private, "--into", folder / "release")
    private.unlink()
    return next((folder / "release").glob("*.tar.gz"))


def bring(machine: Path, release: Path) -> None:
    """What a newcomer copies to the machine, and unpacks there."""
    shutil.copytree(release.parent, machine / "root/release")
    shutil.copytree(release.parent.parent / "keys", machine / "root/keys")
    run(
        "tar",
        "-xzf",
        release,
        "-C",
        machine / "root",
        "--strip-components=2",
        "--wildcards",
        "*/tree/deploy/raspberrypi",
    )
    (machine / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (machine / "etc/apt/sources.list").write_text(SOURCES)


def install(machine: Path, options: str) -> str:
    words = f"apt-get update -q >/dev/null; cd /root/deploy/raspberrypi && ./install.sh --yes --from /root/release/*.tar.gz --key /root/keys/*.json {options}"
    return run("chroot", machine, "sh", "-c", words)


@contextmanager
def started(machine: Path) -> Iterator[None]:
    command = ["systemd-nspawn", "--quiet", "-D", str(machine), "--keep-unit", "--register=no", "--boot"]
    command += [f"--network-namespace-path=/run/netns/{NETWORK}", "--kill-signal=SIGRTMIN+4"]
    with (machine.parent / f"{machine.name}.log").open("wb") as log:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        program.terminate()
        try:
            program.wait(60)
        except subprocess.TimeoutExpired:
            program.kill()


def visit(server: Path, one_time: str) -> dict[str, object]:
    surroundings = [f"SSL_CERT_FILE={server}/etc/foyer/house-authority.crt", f"PYTHONPATH={ROOT}"]
    words = [
        "ip",
        "netns",
        "exec",
        NETWORK,
        "env",
        *surroundings,
        sys.executable,
        "-m",
        "benchmarks.pi_visitor",
    ]
    told: dict[str, object] = json.loads(
        run(*words, ADDRESS, "http://127.0.0.1:8470", one_time, 180, seconds=900).splitlines()[-1]
    )
    return told


def main() -> None:
    parser = argparse.ArgumentParser(prog="make proof-pi")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/foyer-proof-pi"))
    folder: Path = parser.parse_args().folder
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    times: dict[str, float] = {}
    server, kiosk = folder / "server", folder / "kiosk"
    with timed(times, "a release file of this commit"):
        release = make_release(folder)
    with timed(times, "two bare Debian roots"):
        run("debootstrap", "--variant=minbase", f"--include={BASE}", "bookworm", server)
        run("cp", "-a", server, kiosk)
    for machine in (server, kiosk):
        bring(machine, release)
    with timed(times, "install.sh --role server"):
        install(server, f"--role server --server {ADDRESS} --tls house")
    load = "cp /opt/foyer/current/server/centrefile/york-house.toml /etc/foyer/ && foyer centre load /etc/foyer/york-house.toml"
    add = "foyer staff add ada --name 'Ada Kowalska' --role administrator --centre york-house"
    said = run("chroot", server, "sh", "-c", f"{load} && {add}")
    one_time = re.findall(r"only now: (\S+)", said)[-1]
    with (server / "etc/foyer/server.env").open("a") as settings:
        settings.write("FOYER_CLOCK_START=2026-11-24T10:05:00+00:00\n")  # the sample centre is open then
    shutil.copy(server / "etc/foyer/house-authority.crt", kiosk / "root/authority.crt")
    with timed(times, "install.sh --role kiosk"):
        install(
            kiosk,
            f"--role kiosk --server {ADDRESS} --authority /root/authority.crt --screen 1080x1920:21.5 --name 'By the door'",
        )
    drop_in = kiosk / "etc/systemd/system/foyer-kiosk.service.d/proof.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(OFF_SCREEN)
    with (kiosk / "etc/foyer/kiosk.toml").open("a") as settings:
        settings.write("\n[dock]\nenabled = true\n")
    (kiosk / "etc/foyer/kiosk.env").write_text("FOYER_DEMO=1\n")
    with ExitStack() as stack:
        run("ip", "netns", "add", NETWORK)
        stack.callback(run, "ip", "netns", "delete", NETWORK)
        run("ip", "netns", "exec", NETWORK, "ip", "link", "set", "lo", "up")
        stack.enter_context(started(server))
        stack.enter_context(started(kiosk))
        with timed(times, "from both plugs to a ticket on the screen"):
            print(f"proof: {visit(server, one_time)}")
    print(f"proof: in all {sum(times.values()):.0f} s")


if __name__ == "__main__":
    main()
