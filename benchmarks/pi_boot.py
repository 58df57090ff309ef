"""`make proof-boot`: machines set up by `install.sh`, started for real: a kernel, systemd, a screen, a card that is pulled.

`make proof-pi` starts systemd in a container, where there is no kernel of its own, no screen and no power to lose. Here each role is put on a disk of its
own and started by QEMU, every instruction emulated (slow, but it goes everywhere), with a graphics card, without a network. Seen, and printed with its time:
what runs after the start; the watchdog on a program that was frozen; the safe page on the screen when the kiosk's settings cannot be used, and the
kiosk again when they can; the plug pulled, and all of it again; `--read-only`: the same with nothing on the card changed.

Needs root, debootstrap, e2fsprogs and qemu-system-x86. Pictures of the screens are put beside the disks; `--folder` keeps all of it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.pi import ADDRESS, HOUR, bring, install, make_release, make_root, populate, run, timed, within

KERNEL = "linux-image-amd64 initramfs-tools kmod e2fsprogs"
SHELL = """[Unit]
Description=Where the proof types its commands
After=systemd-user-sessions.service

[Service]
ExecStart=/bin/sh
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
ExecStartPre=/bin/stty -F /dev/ttyS1 raw -echo
Restart=always

[Install]
WantedBy=sysinit.target
"""
DISK_MB = 6000
KIOSK = "--role kiosk --server https://queue.example.org --screen 1280x800:10.1 --name 'By the door'"
SPOIL_KIOSK = "echo 'printer = \"a mistake\"' >/etc/foyer/kiosk.toml"
DISPLAY = "--role display --server https://queue.example.org --name 'Lobby, left'"
SPOIL_DISPLAY = "echo 'FOYER_DISPLAY_URL=' >/etc/foyer/display.env"


class Guest:
    """A machine that runs. What is typed goes to a shell on its second serial line."""

    def __init__(self, folder: Path, name: str, disks: list[Path], kernel: Path, card: str) -> None:
        self.folder, self.name = folder, name
        self.began = time.monotonic()
        for path in (self._line_path, self._monitor_path):
            path.unlink(missing_ok=True)
        command: list[object] = [
            "qemu-system-x86_64",
            "-nodefaults",
            "-m",
            1536,
            "-smp",
            2,
            "-vga",
            card,
            "-display",
            "none",
        ]
        command += ["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max"]
        command += [
            "-device",
            "qemu-xhci",
            "-device",
            "usb-tablet",
            "-device",
            "i6300esb",
            "-action",
            "watchdog=reset",
        ]
        command += ["-kernel", kernel / "vmlinuz", "-initrd", kernel / "initrd.img"]
        command += ["-append", "root=/dev/vda ro console=ttyS0 systemd.journald.forward_to_console=0"]
        for disk in disks:
            command += ["-drive", f"file={disk},format=raw,if=virtio,cache=writeback"]
        command += [
            "-serial",
            f"file:{folder}/{name}.console",
            "-serial",
            f"unix:{self._line_path},server=on,wait=off",
        ]
        command += ["-qmp", f"unix:{self._monitor_path},server=on,wait=off"]
        self._log = (folder / f"{name}.qemu").open("ab")
        self._program = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        self._line = self._connected(self._line_path)
        self._line.settimeout(1)
        self._words = 0
        self.says("export SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0 SYSTEMD_PAGER= COLUMNS=160", 400)

    @property
    def _line_path(self) -> Path:
        return self.folder / f"{self.name}.line"

    @property
    def _monitor_path(self) -> Path:
        return self.folder / f"{self.name}.monitor"

    def _connected(self, path: Path) -> socket.socket:
        end = time.monotonic() + 30
        while True:
            line = socket.socket(socket.AF_UNIX)
            try:
                line.connect(str(path))
                return line
            except OSError:
                line.close()
                if time.monotonic() > end or self._program.poll() is not None:
                    sys.exit(f"The machine did not start: {(self.folder / f'{self.name}.qemu').read_text()}")
                time.sleep(0.1)

    def says(self, words: str, seconds: float = 150) -> str:
        """What a command wrote. Typed again while nobody listens yet."""
        self._words += 1
        end, mark = time.monotonic() + seconds, f"mark{self._words}"
        told = b""
        typed = 0.0
        while time.monotonic() < end:
            if b"%s>" % mark.encode() not in told and time.monotonic() - typed > 10:
                self._line.sendall(
                    f"echo {mark}'>'; {{ {words}; }} 2>&1 </dev/null; echo '<'{mark}\n".encode()
                )
                typed = time.monotonic()
            try:
                told += self._line.recv(65536)
            except TimeoutError:
                continue
            found = re.search(rb"%s>\r?\n(.*?)<%s" % (mark.encode(), mark.encode()), told, re.DOTALL)
            if found:
                return found[1].decode(errors="replace").replace("\r", "").strip()
        sys.exit(f"{self.name}: no answer to “{words}” within {seconds:.0f} s. So far: {told[-2000:]!r}")

    def until(self, words: str, wanted: str, seconds: float) -> float:
        """How long it took until the command says so."""
        began = time.monotonic()
        said = ""
        while time.monotonic() - began < seconds:
            said = self.says(words)
            if re.search(wanted, said):
                return time.monotonic() - began
            time.sleep(0.5)
        self.picture("last")
        journal = self.says("journalctl -b --no-pager -n 60")
        sys.exit(
            f"{self.name}: “{words}” did not say “{wanted}” within {seconds:.0f} s but: {said}\n{journal}"
        )

    def picture(self, what: str) -> Path:
        """The screen as it is now."""
        place = self.folder / f"{self.name}-{what}.png"
        self._ask("screendump", filename=str(place), format="png")
        return place

    def _ask(self, command: str, **words: Any) -> None:
        with self._connected(self._monitor_path) as line, line.makefile("rw") as file:
            file.readline()
            for each in ({"execute": "qmp_capabilities"}, {"execute": command, "arguments": words}):
                file.write(json.dumps(each) + "\n")
                file.flush()
                while "return" not in (answer := json.loads(file.readline())):
                    if "error" in answer:
                        sys.exit(f"{self.name}: {command}: {answer}")

    def pull_the_plug(self) -> None:
        self._program.kill()
        self._program.wait()
        self._line.close()
        self._log.close()

    def switch_off(self) -> None:
        self.says("systemctl poweroff --no-block")
        with suppress(subprocess.TimeoutExpired):
            self._program.wait(60)
        self.pull_the_plug()


@contextmanager
def guest(folder: Path, name: str, disks: list[Path], kernel: Path, card: str = "std") -> Iterator[Guest]:
    """`card`: its graphics. Cage asks more of one than the kiosk does; the usual one, `std`, has its framebuffer in memory apart."""
    machine = Guest(folder, name, disks, kernel, card)
    try:
        yield machine
    finally:
        machine.pull_the_plug()


def make_disk(machine: Path) -> tuple[Path, Path]:
    """The machine's root with a kernel and the proof's own shell, as a disk; and where its kernel lies."""
    run(
        *within(
            machine,
            f"DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends {KERNEL} >/dev/null",
        ),
        seconds=HOUR,
    )
    (machine / "etc/systemd/system/proof-shell.service").write_text(SHELL)
    run("systemctl", f"--root={machine}", "enable", "--quiet", "proof-shell.service")
    (machine / "etc/fstab").write_text("/dev/vda / ext4 defaults,errors=remount-ro 0 1\n")
    run(*within(machine, "update-initramfs -u -k all >/dev/null 2>&1"), seconds=HOUR)
    kernel = machine.parent / f"{machine.name}-kernel"
    kernel.mkdir()
    for name in ("vmlinuz", "initrd.img"):
        shutil.copy(
            (machine / name).resolve()
            if (machine / name).exists()
            else next((machine / "boot").glob(f"{name}-*")),
            kernel / name,
        )
    disk = machine.parent / f"{machine.name}.disk"
    run("mke2fs", "-q", "-t", "ext4", "-d", machine, disk, f"{DISK_MB}M", seconds=HOUR)
    return disk, kernel


def since_the_plug(machine: Guest, times: dict[str, float], what: str) -> None:
    times[what] = round(time.monotonic() - machine.began, 1)
    print(f"proof: {what}: {times[what]} s", flush=True)


def shown(what: str, said: str) -> None:
    print(f"proof: {what}:", *said.splitlines(), sep="\n    ", flush=True)


def frozen(machine: Guest, unit: str) -> None:
    """A program that hangs: systemd must notice and start it anew."""
    restarts = f"systemctl show {unit} --property=NRestarts --value"
    before = int(machine.says(restarts))
    machine.says(f"kill -STOP $(systemctl show {unit} --property=MainPID --value)")
    took = machine.until(restarts, f"^{before + 1}$", 240)
    back = machine.until(f"systemctl is-active {unit}", "^active$", 240)
    print(
        f"proof: {unit}, frozen by SIGSTOP: ended and started anew after {took:.0f} s, active again {back:.0f} s later",
        flush=True,
    )


def security(machine: Guest, *units: str) -> None:
    for unit in units:
        said = machine.says(f"systemd-analyze security --no-pager {unit} | tail -1")
        print(f"proof: {said}", flush=True)


def prove_server(folder: Path, disk: Path, kernel: Path, times: dict[str, float]) -> None:
    ready = (
        "python3 -c \"import urllib.request as u; print(u.urlopen('https://localhost/health/ready').status)\""
    )
    with guest(folder, "server", [disk], kernel) as machine:
        machine.until(ready, "200", 400)
        since_the_plug(machine, times, "server: from the plug to ready, over TLS")
        shown("systemctl status foyer-server", machine.says("systemctl status --no-pager -n 5 foyer-server"))
        shown("timers", machine.says("systemctl list-timers --no-pager --all"))
        shown(
            "units that failed",
            machine.says("systemctl --failed --no-pager --plain --no-legend; echo none besides"),
        )
        machine.says("systemctl start foyer-update.service")
        shown(
            "foyer-update, which a server has no use for",
            machine.says("systemctl show foyer-update.service --property=Result,ActiveState"),
        )
        security(machine, "foyer-server.service", "foyer-boot.service", "foyer-update.service")
        frozen(machine, "foyer-server.service")
        machine.until(ready, "200", 120)
        shown("doctor", machine.says("foyer doctor", 120))
    with guest(folder, "server", [disk], kernel) as machine:
        machine.until(ready, "200", 400)
        since_the_plug(machine, times, "server: its plug was pulled, and from the plug to ready again")
        shown(
            "units that failed",
            machine.says("systemctl --failed --no-pager --plain --no-legend; echo none besides"),
        )
        machine.switch_off()


def prove_screen(
    folder: Path, role: str, disk: Path, kernel: Path, spoil: str, times: dict[str, float]
) -> None:
    unit = f"foyer-{role}.service"
    with guest(folder, role, [disk], kernel, "virtio" if role == "display" else "std") as machine:
        machine.until(f"systemctl is-active {unit}", "^active$", 400)
        since_the_plug(machine, times, f"{role}: from the plug to its first picture")
        time.sleep(5)
        print(f"proof: {machine.picture('first')}")
        shown(f"systemctl status {unit}", machine.says(f"systemctl status --no-pager -n 8 {unit}"))
        whole(machine)
        security(machine, unit, f"foyer-safe@{role}.service", "foyer-clock.service", "foyer-console.service")
        frozen(machine, unit)
        safe_page(machine, role, spoil)


def safe_page(machine: Guest, role: str, spoil: str) -> None:
    """Settings that cannot be used; then they are as before, and nobody starts anything."""
    unit, safe = f"foyer-{role}.service", f"foyer-safe@{role}.service"
    machine.says(f"cp -a /etc/foyer /srv/kept && {spoil} && systemctl restart --no-block {unit}")
    took = machine.until(f"systemctl is-active {safe}", "^active$", 120)
    time.sleep(3)
    print(
        f"proof: settings that cannot be used: the safe page after {took:.0f} s: {machine.picture('safe-page')}",
        flush=True,
    )
    shown(f"systemctl status {safe}", machine.says(f"systemctl status --no-pager -n 5 {safe}"))
    shown(
        "the framebuffer",
        machine.says("cd /sys/class/graphics/fb0 && cat name virtual_size stride bits_per_pixel"),
    )
    machine.says("cp -a /srv/kept/. /etc/foyer/")
    took = machine.until(f"systemctl is-active {unit}", "^active$", 240)
    time.sleep(5)
    print(f"proof: mended: back by itself {took:.0f} s later: {machine.picture('again')}", flush=True)


def whole(machine: Guest) -> None:
    shown("timers", machine.says("systemctl list-timers --no-pager --all"))
    shown(
        "units that failed",
        machine.says("systemctl --failed --no-pager --plain --no-legend; echo none besides"),
    )


def prove_read_only(folder: Path, root: Path, times: dict[str, float]) -> None:
    """The kiosk's disk with `--read-only`, a partition for what is kept on another disk, and the plug pulled."""
    run(
        *within(
            root,
            "DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends overlayroot busybox >/dev/null",
        ),
        seconds=HOUR,
    )
    install(root, f"{KIOSK} --read-only")
    run("rm", "-rf", folder / "kiosk-kernel", folder / "kiosk.disk")
    disk, kernel = make_disk(root)
    state = folder / "state.disk"
    run("mke2fs", "-q", "-t", "ext4", "-L", "foyer-state", state, "2000M")
    for which in ("first", "second"):
        with guest(folder, "read-only", [disk, state], kernel) as machine:
            machine.until("systemctl is-active foyer-kiosk.service", "^active$", 400)
            since_the_plug(machine, times, f"a card that is only read: {which} start, to its picture")
            mounts = "for each in / /var/lib/foyer /opt/foyer /etc/foyer /media/root-ro; do findmnt -n -o TARGET,FSTYPE,OPTIONS $each; done"
            shown("what is mounted", machine.says(mounts))
            shown(
                "units that failed",
                machine.says("systemctl --failed --no-pager --plain --no-legend; echo none besides"),
            )
            if which == "first":
                machine.says(
                    "echo gone >/srv/on-the-card; echo kept >/var/lib/foyer/kiosk/proof; echo '# kept' >>/etc/foyer/kiosk.toml; sync"
                )
            else:
                shown(
                    "after the plug was pulled",
                    machine.says(
                        "ls /srv/on-the-card; cat /var/lib/foyer/kiosk/proof; tail -n 1 /etc/foyer/kiosk.toml"
                    ),
                )
                shown("read-only", machine.says("/opt/foyer/current/deploy/raspberrypi/read-only status"))


def prove(folder: Path, what: set[str]) -> None:
    times: dict[str, float] = {}
    own = run("dpkg", "--print-architecture").strip()
    server, kiosk, display = folder / "server", folder / "kiosk", folder / "display"
    with timed(times, "a release file of this commit"):
        release = make_release(folder, own)
    with timed(times, "a bare Debian root"):
        make_root(server, own)
        for other in (kiosk, display):
            run("cp", "-a", server, other)
    for machine in (server, kiosk, display):
        bring(machine, release)
    steps: dict[str, Callable[[], None]] = {
        "server": lambda: _server(folder, server, times),
        "kiosk": lambda: _screen(folder, kiosk, KIOSK, SPOIL_KIOSK, times),
        "read-only": lambda: prove_read_only(folder, kiosk, times),
        "display": lambda: _screen(folder, display, DISPLAY, SPOIL_DISPLAY, times),
    }
    for name, step in steps.items():
        if name in what:
            step()
    print(f"proof: in all {sum(times.values()):.0f} s")


def _server(folder: Path, root: Path, times: dict[str, float]) -> None:
    with timed(times, "install.sh --role server"):
        install(root, f"--role server --server {ADDRESS} --tls house")
    populate(root)
    with timed(times, "server: a kernel, and a disk of it"):
        disk, kernel = make_disk(root)
    prove_server(folder, disk, kernel, times)


def _screen(folder: Path, root: Path, options: str, spoil: str, times: dict[str, float]) -> None:
    role = root.name
    with timed(times, f"install.sh --role {role}"):
        install(root, options)
    if role == "display":
        with (root / "etc/foyer/display.env").open("a") as settings:
            settings.write("WLR_RENDERER=pixman\n")  # there is no graphics chip here that draws
    with timed(times, f"{role}: a kernel, and a disk of it"):
        disk, kernel = make_disk(root)
    prove_screen(folder, role, disk, kernel, spoil, times)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make proof-boot")
    parser.add_argument("--folder", type=Path, help="an empty folder to work in; it is kept")
    parser.add_argument(
        "what",
        nargs="*",
        default=["server", "kiosk", "read-only"],
        help="server, kiosk, read-only (after kiosk)",
    )
    asked = parser.parse_args()
    if asked.folder is not None:
        asked.folder.mkdir(parents=True, exist_ok=True)
        prove(asked.folder.resolve(), set(asked.what))
        return
    with tempfile.TemporaryDirectory(prefix="foyer-proof-boot-") as folder:
        prove(Path(folder), set(asked.what))


if __name__ == "__main__":
    main()
