"""What a machine believes, installs and runs: good releases, and every kind of bad one."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.deploy.machine import Machine, Workshop, make_key, release_script
from tests.deploy.machine_root import Machine as Card


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    shop = Workshop(tmp_path_factory.mktemp("workshop"))
    shop.make("1.0.0")
    shop.make("1.1.0")
    shop.make("1.2.0", health={"draws": False})
    shop.make("1.3.0", schema="0007", floor="1.1.0")
    return shop


@pytest.fixture
def machine(workshop: Workshop, tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine", workshop.public)


Kept = dict[tuple[str, ...], Machine]


@pytest.fixture(scope="module")
def kept() -> Kept:
    """Machines as they stood when they had been brought to these releases, one after the other."""
    return {}


def standing(workshop: Workshop, kept: Kept, root: Path, *versions: str) -> Machine:
    """A machine brought to these releases, by the tool; what an earlier test had brought is taken from there."""
    if not versions:
        return Machine(root, workshop.public)
    if versions not in kept:
        place = workshop.out.parent / f"standing-{'-'.join(versions)}"
        before = standing(workshop, kept, place, *versions[:-1])
        kept[versions] = brought(workshop, before, versions[-1])
    return kept[versions].copy(root)


def file_of(workshop: Workshop, version: str) -> Path:
    return workshop.out / f"foyer-{version}.tar.gz"


def brought(workshop: Workshop, machine: Machine, *versions: str) -> Machine:
    for version in versions:
        assert machine.install(file_of(workshop, version)).returncode == 0
        assert machine.switch(version).returncode == 0
    return machine


def test_a_release_is_installed_beside_switched_to_and_left_again(
    workshop: Workshop, kept: Kept, tmp_path: Path
) -> None:
    machine = standing(workshop, kept, tmp_path / "machine", "1.0.0", "1.1.0")
    assert (machine.current, machine.is_whole(), machine.left()) == ("1.1.0", True, set())
    tree = machine.root / "opt/foyer/current"
    assert (tree / "bulk.txt").read_text() == (workshop.repository / "bulk.txt").read_text()
    assert "1.1.0" in machine.run("list").stdout
    again = machine.install(file_of(workshop, "1.1.0"))
    assert again.returncode == 0, again.stderr  # what is done already is left
    assert "runs here already" in machine.switch("1.1.0").stdout
    assert machine.run("health").returncode == 0
    assert "1.0.0 runs again" in machine.run("back").stdout
    assert machine.current == "1.0.0"


def test_a_release_that_does_not_do_its_work_is_left_by_itself(
    workshop: Workshop, kept: Kept, tmp_path: Path
) -> None:
    machine = standing(workshop, kept, tmp_path / "machine", "1.1.0")
    machine.install(file_of(workshop, "1.2.0"))
    tried = machine.switch("1.2.0")
    assert tried.returncode == 6
    assert "the kiosk draws nothing" in tried.stderr
    assert (machine.current, machine.is_whole()) == ("1.1.0", True)
    assert (machine.root / "started").read_text().splitlines()[-1].endswith("1.1.0")  # its programs run again
    assert machine.state["failed"]["1.2.0"]["kind"] == "unhealthy"
    assert machine.run("health").returncode == 0


def test_a_server_never_goes_back_under_a_database_it_does_not_know(
    workshop: Workshop, kept: Kept, tmp_path: Path
) -> None:
    machine = standing(workshop, kept, tmp_path / "machine", "1.1.0", "1.3.0")
    wants = machine.root / "etc/systemd/system/multi-user.target.wants"
    (wants / "foyer-server.service").touch()
    refused = machine.run("back")
    assert refused.returncode == 1
    assert "newer schema" in refused.stderr
    assert machine.current == "1.3.0"


def test_older_releases_are_refused_unless_told_and_never_below_the_bound(
    workshop: Workshop, kept: Kept, tmp_path: Path
) -> None:
    machine = standing(workshop, kept, tmp_path / "machine", "1.1.0")
    older = machine.install(file_of(workshop, "1.0.0"))
    assert older.returncode == 1
    assert "--older" in older.stderr
    assert machine.install(file_of(workshop, "1.0.0"), "--older").returncode == 0
    assert "--older" in machine.switch("1.0.0").stderr
    brought(workshop, machine, "1.3.0")  # its lower bound is 1.1.0
    shutil.rmtree(machine.root / "opt/foyer/releases/1.0.0")
    replayed = machine.install(file_of(workshop, "1.0.0"), "--older")
    assert replayed.returncode == 1
    assert "oldest release that may run" in replayed.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="rights of a card can only be made by root")
def test_the_installer_refuses_an_older_one_before_it_changes_anything(
    workshop: Workshop, tmp_path: Path
) -> None:
    card = Card(tmp_path / "card")
    newer = card.root / "opt/foyer/releases/1.1.0"
    newer.mkdir(parents=True)
    (newer / "RELEASE.json").write_text("{}")
    (card.root / "opt/foyer/current").symlink_to("releases/1.1.0")
    before = card.seen(("var/log",))
    options = (
        "--role",
        "kiosk",
        "--server",
        "https://queue.example.org",
        "--yes",
        "--key",
        str(workshop.public),
    )
    said = card.install(*options, "--from", str(file_of(workshop, "1.0.0")), code=1)
    assert "1.0.0 is older than 1.1.0, which runs here" in said
    assert card.seen(("var/log",)) == before
    tool = Machine(tmp_path / "machine", workshop.public)
    shutil.copytree(card.root / "opt", tool.root / "opt", symlinks=True)
    meant = tool.run("verify", file_of(workshop, "1.0.0"), "--to-run", "--older")
    assert meant.returncode == 0, meant.stderr


def test_changed_short_and_foreign_files_are_not_believed(
    workshop: Workshop, machine: Machine, tmp_path: Path
) -> None:
    good = file_of(workshop, "1.1.0")
    signature = good.with_name(f"{good.name}.sig")
    bad = tmp_path / good.name
    bad_signature = tmp_path / signature.name

    def offered(content: bytes, signed: str | None = None) -> tuple[int, str]:
        bad.write_bytes(content)
        bad_signature.write_text(signature.read_text() if signed is None else signed)
        done = machine.install(bad)
        assert not (machine.root / "opt/foyer/releases/1.1.0").exists()
        return done.returncode, done.stderr

    content = bytearray(good.read_bytes())
    content[len(content) // 2] ^= 1
    assert offered(bytes(content))[0] == 3
    short = offered(good.read_bytes()[:-1000])
    assert (short[0], "not all here" in short[1]) == (7, True)
    assert offered(good.read_bytes() + b"x")[0] == 3
    told = json.loads(signature.read_text())
    renamed = {**told, "statement": told["statement"].replace("1.1.0", "9.9.9")}
    assert "does not fit" in offered(good.read_bytes(), json.dumps(renamed))[1]
    assert offered(good.read_bytes(), "{}")[0] == 3
    assert offered(good.read_bytes(), json.dumps({**told, "signatures": []}))[0] == 3
    bad_signature.unlink()
    assert machine.install(bad).returncode == 3


def test_keys_that_are_unknown_expired_withdrawn_or_of_another_are_not_believed(
    workshop: Workshop, tmp_path: Path
) -> None:
    good = file_of(workshop, "1.1.0")

    def believed(**changes: object) -> str:
        public = tmp_path / workshop.public.name
        public.write_text(json.dumps({**json.loads(workshop.public.read_text()), **changes}))
        folder = tmp_path / f"machine{len(list(tmp_path.iterdir()))}"
        return Machine(folder, public).run("verify", good).stderr

    _, other = make_key(tmp_path / "other", "--test")
    assert believed() == ""
    assert (
        "no key that this machine knows" in Machine(tmp_path / "stranger", other).run("verify", good).stderr
    )
    yesterday = (datetime.now(UTC).date() - timedelta(days=2)).isoformat()
    assert "was valid until" in believed(not_after=yesterday)
    assert "is withdrawn" in believed(withdrawn="2026-01-01")


def test_a_new_key_comes_with_a_release_that_the_old_one_signs_too(
    workshop: Workshop, tmp_path: Path
) -> None:
    """And a key that a believed release withdraws stays withdrawn, also after going back."""
    shop = Workshop(tmp_path / "rotating")
    machine = Machine(tmp_path / "machine", shop.public)
    brought(shop, machine, shop.make("1.0.0").name.removeprefix("foyer-").removesuffix(".tar.gz"))
    private, public = make_key(tmp_path / "new", "--test")
    shop.write(f"deploy/raspberrypi/release-keys/{public.name}", public.read_text())
    old = {**json.loads(shop.public.read_text()), "withdrawn": "2026-11-20"}
    shop.write("deploy/raspberrypi/release-keys/old.json", json.dumps(old))
    only_new = shop.make("1.1.0", keys=[private])
    assert machine.install(only_new).returncode == 3  # nobody here knows the new key yet
    both = shop.make("1.2.0", keys=[private, shop.private])
    assert machine.install(both).returncode == 0
    assert machine.switch("1.2.0").returncode == 0
    assert machine.install(shop.make("1.3.0", keys=[private])).returncode == 0
    assert "is withdrawn" in machine.install(shop.make("1.4.0")).stderr
    assert machine.run("back", "1.0.0").returncode == 0
    assert "is withdrawn" in machine.run("verify", file_of(shop, "1.4.0")).stderr


def test_a_test_key_is_worth_nothing_on_a_machine(workshop: Workshop) -> None:
    """Asked of the real root of this machine; `verify` changes nothing."""
    import subprocess

    from tests.deploy.machine import TOOL

    command: list[str | Path] = [TOOL, "verify", file_of(workshop, "1.1.0"), "--key", workshop.public]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "for tests and worth nothing" in done.stderr


HARM = {
    "a way out": lambda tar: _add(tar, "foyer-6.6.6/tree/../../../escaped", b"x"),
    "an absolute name": lambda tar: _add(tar, "/escaped", b"x"),
    "a link": lambda tar: _link(tar, "foyer-6.6.6/tree/a", "/etc"),
    "a hard link": lambda tar: _link(tar, "foyer-6.6.6/tree/a", "foyer-6.6.6/MANIFEST.json", tarfile.LNKTYPE),
    "a link that claims to be as long as the file": lambda tar: _link(
        tar, "foyer-6.6.6/tree/a", "/etc", size=1
    ),
    "a device": lambda tar: _link(tar, "foyer-6.6.6/tree/a", "", tarfile.CHRTYPE),
    "a file too many": lambda tar: _add_two(tar, "foyer-6.6.6/tree/a", "foyer-6.6.6/tree/b"),
    "a longer file": lambda tar: _add(tar, "foyer-6.6.6/tree/a", b"x" * 1000),
    "another file": lambda tar: _add(tar, "foyer-6.6.6/tree/a", b"y"),
    "a file too few": lambda tar: None,
}


@pytest.mark.parametrize("harm", HARM)
def test_even_a_signed_file_does_no_harm(
    workshop: Workshop, machine: Machine, tmp_path: Path, harm: str
) -> None:
    """As when somebody has got hold of a key, or the making of a release went wrong."""
    listed = [{"path": "tree/a", "sha256": hashlib.sha256(b"x").hexdigest(), "size": 1}]
    file = _signed(workshop, tmp_path, listed, HARM[harm])
    done = machine.install(file)
    assert done.returncode == 3, done
    assert not list(tmp_path.rglob("escaped"))
    assert machine.left() == set()


@pytest.mark.parametrize("path", ["../a", "tree/../a", "/tree/a", "tree//a", "elsewhere/a", "tree/./a"])
def test_a_list_that_leads_outside_is_refused(
    workshop: Workshop, machine: Machine, tmp_path: Path, path: str
) -> None:
    listed = [{"path": path, "sha256": hashlib.sha256(b"x").hexdigest(), "size": 1}]
    file = _signed(workshop, tmp_path, listed, lambda tar: _add(tar, f"foyer-6.6.6/{path}", b"x"))
    assert machine.install(file).returncode == 3


def test_a_release_for_other_machines_is_refused_before_it_is_unpacked(
    workshop: Workshop, machine: Machine, tmp_path: Path
) -> None:
    file = _signed(workshop, tmp_path, [], lambda tar: None, targets=["linux-riscv64-cp399"])
    assert machine.run("verify", file).returncode == 0
    for words in (("verify", "--here"), ("install",)):
        done = machine.run(*words, file)
        assert done.returncode == 1
        assert "is made for linux-riscv64-cp399, and this machine is linux-" in done.stderr
    assert not (machine.root / "opt/foyer/releases").exists()


def _signed(
    workshop: Workshop, folder: Path, listed: list[dict[str, object]], fill: object, **told: object
) -> Path:
    file = folder / "foyer-6.6.6.tar.gz"
    manifest = json.dumps({"version": "6.6.6", "files": listed, **told}).encode()
    with gzip.open(file, "wb") as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        _add(tar, "foyer-6.6.6/MANIFEST.json", manifest)
        fill(tar)  # type: ignore[operator]  # each of HARM takes a tar
    script = release_script()
    statement = script.statement_of(file, "6.6.6", manifest)
    file.with_name(f"{file.name}.sig").write_text(script.sign(statement, [workshop.private]))
    return file


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def _add_two(tar: tarfile.TarFile, *names: str) -> None:
    for name in names:
        _add(tar, name, b"x")


def _link(tar: tarfile.TarFile, name: str, to: str, kind: bytes = tarfile.SYMTYPE, size: int = 0) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, to, size
    tar.addfile(member)


def test_a_card_that_is_too_full_keeps_what_runs(workshop: Workshop, kept: Kept, tmp_path: Path) -> None:
    machine = standing(workshop, kept, tmp_path / "machine", "1.0.0")
    full = machine.run("install", file_of(workshop, "1.1.0"), file_bytes=100_000)
    assert full.returncode == 4, full
    assert (machine.current, machine.is_whole(), machine.left()) == ("1.0.0", True, set())
    assert machine.install(file_of(workshop, "1.1.0")).returncode == 0  # and when there is room, it goes on


def test_the_same_commit_gives_the_same_bytes(workshop: Workshop, tmp_path: Path) -> None:
    script = release_script()
    again = script.make("v1.1.0", [], [], tmp_path, of=workshop.repository, wheels=workshop.wheels)
    assert again.read_bytes() == file_of(workshop, "1.1.0").read_bytes()


def test_a_wheel_is_installed_by_its_hash_from_no_index(tmp_path: Path) -> None:
    import zipfile

    shop = Workshop(tmp_path / "wheels")
    wheel = shop.wheels / "brought-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("brought.py", "HERE = True\n")
        archive.writestr(
            "brought-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n"
        )
        archive.writestr(
            "brought-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("brought-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    shop.write("requirements.lock", f"brought==1.0 \\\n    --hash=sha256:{digest}\n")
    machine = Machine(tmp_path / "machine", shop.public)
    done = machine.install(shop.make("1.0.0"))
    assert done.returncode == 0, done.stderr
    assert list((machine.root / "opt/foyer/releases/1.0.0/.venv").rglob("brought.py"))


def test_pruning_keeps_what_runs_and_what_one_could_go_back_to(
    workshop: Workshop, kept: Kept, tmp_path: Path
) -> None:
    machine = standing(workshop, kept, tmp_path / "machine", "1.0.0", "1.1.0", "1.3.0")
    machine.install(file_of(workshop, "1.2.0"), "--older")
    gone = machine.run("prune").stdout
    assert "1.0.0" in gone
    assert "1.2.0" in gone
    assert set(machine.run("list").stdout.split()) >= {"1.3.0", "1.1.0"}
    assert machine.left() == set()
