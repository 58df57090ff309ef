"""`make proof-pi`: a server and a kiosk set up by `install.sh` in bare Debian roots, started by a real systemd, until a ticket is on the kiosk's screen.

Needs root, debootstrap, systemd-container and a way to Debian's packages (the machine's own sources are used). Each machine is a debootstrap root; both
live in one network namespace without a way out, so what they need they have, or the proof fails. The release is made of the commit checked out and signed
by a key made for it. The kiosk draws off screen and is touched through its dev dock; everything else is as it would be, unit and sandbox included. Times
are printed as they were.

`make proof-pi PROOF_OPTIONS="--arch arm64"`: the kiosk is a Raspberry Pi's kind of machine, emulated by qemu-user (qemu-user-static with binfmt-support). A
systemd does not start under that, so this kiosk's program is started by hand as its unit would: its user, its surroundings, no sandbox.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOUR = 3600.0
NETWORK = "foyer-proof"
ADDRESS = "https://localhost"
BASE = "ca-certificates,systemd,systemd-sysv,udev,dbus,iproute2,openssl,python3,python3-venv,netbase"
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


PYTHONS = {"bookworm": "cp311", "trixie": "cp313"}
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def make_release(folder: Path, *architectures: str) -> Path:
    """For these kinds of machine, by the Python of the Debian their roots are made of."""
    python = PYTHONS[platform.freedesktop_os_release()["VERSION_CODENAME"]]
    targets = [
        word for each in sorted(set(architectures)) for word in ("--for", f"linux-{MACHINES[each]}-{python}")
    ]
    key = folder / "keys"
    run(ROOT / ".venv/bin/foyer", "releases", "make-key", key, "--owner", "proof")
    private = next(key.glob("*.pem"))
    run(sys.executable, ROOT / "scripts/release.py", "--key", private, "--into", folder / "release", *targets)
    private.unlink()
    return next((folder / "release").glob("*.tar.gz"))


def debian() -> tuple[str, str, str]:
    """Debian as this machine gets it: its name, the address of its packages, and all of its sources in one-line form."""
    name = platform.freedesktop_os_release()["VERSION_CODENAME"]
    told = run(
        "apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"
    )
    ours = sorted({line for line in told.splitlines() if line.split()[1].split("-")[0] == name})
    addresses = [line.split()[0] for line in ours if line.split()[1] == name]
    if not addresses:
        sys.exit(f"This machine has no source of packages for Debian {name}. Run apt-get update first.")
    return name, addresses[0], "".join(f"deb {line}\n" for line in ours)


def make_root(machine: Path, architecture: str) -> None:
    name, address, sources = debian()
    run(
        "debootstrap",
        "--variant=minbase",
        f"--arch={architecture}",
        f"--include={BASE}",
        name,
        machine,
        address,
        seconds=HOUR,
    )
    (machine / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (machine / "etc/apt/sources.list").write_text(sources)


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


def within(machine: Path, words: str) -> list[str]:
    """The command that does `words` in there; what it mounts for that goes with it, however it ends."""
    mounts = 'mount -t proc proc "$0/proc" && mount -t tmpfs run "$0/run" && mkdir -p "$0/dev/shm" && mount -t tmpfs shm "$0/dev/shm"'
    return [
        "unshare",
        "--mount",
        "--propagation=private",
        "sh",
        "-c",
        f'{mounts} && exec chroot "$0" sh -c "$1"',
        str(machine),
        words,
    ]


def install(machine: Path, options: str) -> str:
    words = f"export HOME=$(getent passwd 0 | cut -d: -f6); apt-get update -q >/dev/null; cd ~/deploy/raspberrypi && ./install.sh --yes --from ~/release/*.tar.gz --key ~/keys/*.json {options}"
    return run(*within(machine, words), seconds=HOUR)


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


@contextmanager
def emulated(machine: Path) -> Iterator[None]:
    """The kiosk's program as its unit starts it, but for systemd."""
    unit = (machine / "etc/systemd/system/foyer-kiosk.service").read_text().splitlines()
    surroundings = [line.removeprefix("Environment=") for line in unit if line.startswith("Environment=")]
    words = (
        "install -d -o foyer-kiosk -g foyer-kiosk -m 0700 /var/lib/foyer/kiosk /var/cache/foyer/kiosk /run/foyer-kiosk && "
        f"exec setpriv --reuid=foyer-kiosk --regid=foyer-kiosk --init-groups --no-new-privs env {' '.join(surroundings)} FOYER_DEMO=1 "
        "/opt/foyer/current/.venv/bin/foyer-kiosk --offscreen /etc/foyer/kiosk.toml"
    )
    with (machine.parent / f"{machine.name}.log").open("wb") as log:
        command = ["ip", "netns", "exec", NETWORK, *within(machine, words)]
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        program.terminate()
        program.wait(120)


def visit(server: Path, one_time: str, patience: int) -> dict[str, object]:
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
        run(*words, ADDRESS, "http://127.0.0.1:8470", one_time, patience, seconds=4 * patience).splitlines()[
            -1
        ]
    )
    return told


def prove(folder: Path, architecture: str) -> None:
    times: dict[str, float] = {}
    own = run("dpkg", "--print-architecture").strip()
    server, kiosk = folder / "server", folder / "kiosk"
    with timed(times, "a release file of this commit"):
        release = make_release(folder, own, architecture)
    with timed(times, f"bare Debian roots ({own}, {architecture})"):
        make_root(server, own)
        if architecture == own:
            run("cp", "-a", server, kiosk)
        else:
            make_root(kiosk, architecture)
    for machine in (server, kiosk):
        bring(machine, release)
    with timed(times, "install.sh --role server"):
        install(server, f"--role server --server {ADDRESS} --tls house")
    one_time = populate(server)
    shutil.copy(server / "etc/foyer/house-authority.crt", kiosk / "root/authority.crt")
    with timed(times, "install.sh --role kiosk"):
        install(
            kiosk,
            f"--role kiosk --server {ADDRESS} --authority ~/authority.crt --screen 1080x1920:21.5 --name 'By the door'",
        )
    draw_off_screen(kiosk)
    with ExitStack() as stack:
        run("ip", "netns", "add", NETWORK)
        stack.callback(run, "ip", "netns", "delete", NETWORK)
        run("ip", "netns", "exec", NETWORK, "ip", "link", "set", "lo", "up")
        stack.enter_context(started(server))
        stack.enter_context(started(kiosk) if architecture == own else emulated(kiosk))
        with timed(times, "from both plugs to a ticket on the screen"):
            print(f"proof: {visit(server, one_time, 240 if architecture == own else 1200)}")
    print(f"proof: in all {sum(times.values()):.0f} s")


def populate(server: Path) -> str:
    """A centre and its administrator, as the page for a newcomer says; answers the one-time password."""
    load = "cp /opt/foyer/current/server/centrefile/york-house.toml /etc/foyer/ && foyer centre load /etc/foyer/york-house.toml"
    add = "foyer staff add ada --name 'Ada Kowalska' --role administrator --centre york-house"
    said = run(*within(server, f"{load} && {add}"))
    with (server / "etc/foyer/server.env").open("a") as settings:
        settings.write("FOYER_CLOCK_START=2026-11-24T10:05:00+00:00\n")  # the sample centre is open then
        settings.write("FOYER_SECOND_FACTOR=chosen\n")  # nobody here has a telephone
    return str(re.findall(r"only now[^:]*: (\S+)", said)[-1])


def draw_off_screen(kiosk: Path) -> None:
    drop_in = kiosk / "etc/systemd/system/foyer-kiosk.service.d/proof.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(OFF_SCREEN)
    with (kiosk / "etc/foyer/kiosk.toml").open("a") as settings:
        settings.write("\n[dock]\nenabled = true\n")
    (kiosk / "etc/foyer/kiosk.env").write_text("FOYER_DEMO=1\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make proof-pi")
    parser.add_argument("--folder", type=Path, help="an empty folder to work in; it is kept")
    parser.add_argument("--arch", choices=("amd64", "arm64"), help="what kind of machine the kiosk is")
    asked = parser.parse_args()
    architecture = asked.arch or run("dpkg", "--print-architecture").strip()
    if asked.folder is not None:
        asked.folder.mkdir(parents=True, exist_ok=True)
        if any(asked.folder.iterdir()):
            sys.exit(f"{asked.folder} is not empty.")
        prove(asked.folder.resolve(), architecture)
        return
    with tempfile.TemporaryDirectory(prefix="foyer-proof-pi-") as folder:
        prove(Path(folder), architecture)


if __name__ == "__main__":
    main()
