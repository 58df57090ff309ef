"""A folder that looks to `install.sh --root` like a card with Raspberry Pi OS Lite on it, and what lies on it told so that two states can be compared."""

from __future__ import annotations

import hashlib
import shutil
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSTALLER = ROOT / "deploy/raspberrypi/install.sh"
CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait\n"
UNIT = "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"
FILES = {
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
    "var/lib/dpkg/arch": "arm64\n",
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
    "etc/group": "root:x:0:\nvideo:x:44:\n",
    "etc/fstab": "proc /proc proc defaults 0 0\nPARTUUID=1-01 /boot/firmware vfat defaults 0 2\n",
    "etc/caddy/Caddyfile": ":80 {\n}\n",
    "boot/firmware/cmdline.txt": CMDLINE,
    "boot/firmware/config.txt": "dtoverlay=vc4-kms-v3d\n",
    **{
        f"usr/lib/systemd/system/{name}.service": UNIT
        for name in ("seatd", "caddy", "systemd-time-wait-sync")
    },
}
NOT_COMPARED = {".pwd.lock", "shadow", "gshadow"}
"""What Debian's own tools for users write besides; they keep copies with a hyphen at the end, too."""


class Machine:
    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        for name in ("etc/systemd/system", "var/log"):
            (root / name).mkdir(parents=True, exist_ok=True)

    def install(self, *options: str, code: int = 0) -> str:
        done = subprocess.run(
            ["sh", INSTALLER, "--root", self.root, *options], capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def seen(self, leaving_out: Sequence[str] = ()) -> dict[str, str]:
        """Every file, folder and link, with its rights and what it holds."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if path.name in NOT_COMPARED or path.name.endswith("-") or name.startswith(tuple(leaving_out)):
                continue
            held = path.lstat()
            if path.is_symlink():
                inside = str(path.readlink())
            else:
                inside = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            found[name] = f"{stat.filemode(held.st_mode)} {inside}"
        return found


def tool(name: str) -> str:
    """A program of Debian's that `make setup-test` brings."""
    found = shutil.which(name)
    assert found, f"{name} is missing: make setup-test"
    return found
