"""What a server, a program of this machine or a slip of the makers could do to the tool, short of a signature: nothing that lasts."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.deploy.machine import TOOL, Machine, Workshop, release_script


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    shop = Workshop(tmp_path_factory.mktemp("workshop"))
    shop.make("1.0.0")
    return shop


@pytest.fixture
def machine(workshop: Workshop, tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine", workshop.public)


def refused_in_a_sentence(done: subprocess.CompletedProcess[str], status: int) -> str:
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done
    return done.stderr


SIGNATURES = {
    "a number for the statement": json.dumps({"statement": 5, "signatures": []}),
    "nested too deep": "[" * 60_000,
    "a list": "[1]",
    "signatures that are numbers": json.dumps({"statement": "a b", "signatures": [1]}),
}


@pytest.mark.parametrize("text", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_any_file_of_signatures_is_refused_in_a_sentence(machine: Machine, tmp_path: Path, text: str) -> None:
    (tmp_path / "foyer-1.0.0.tar.gz").write_bytes(b"x")
    (tmp_path / "foyer-1.0.0.tar.gz.sig").write_text(text)
    refused_in_a_sentence(machine.run("verify", tmp_path / "foyer-1.0.0.tar.gz"), 3)


MANIFESTS: dict[str, dict[str, object]] = {
    "no list": {},
    "numbers for files": {"files": [1]},
    "no name": {"files": [{"path": "", "sha256": "x", "size": 1}]},
    "the tree as a file": {"files": [{"path": "tree", "sha256": "x", "size": 1}]},
    "an environment of its own": {"files": [{"path": "tree/.venv/bin/python", "sha256": "x", "size": 1}]},
    "installed before it is": {"files": [{"path": "tree/RELEASE.json", "sha256": "x", "size": 1}]},
    "a bound that is no release": {"files": [], "floor": "v1"},
    "a bound above itself": {"files": [], "floor": "9.0.0"},
    "a moment that is none": {"files": [], "made_at": "soon"},
}


@pytest.mark.parametrize("told", MANIFESTS.values(), ids=MANIFESTS.keys())
def test_a_signed_list_that_is_wrong_is_refused_before_anything_is_kept(
    workshop: Workshop, machine: Machine, tmp_path: Path, told: dict[str, object]
) -> None:
    file = tmp_path / "foyer-6.6.6.tar.gz"
    manifest = json.dumps({"version": "6.6.6", **told}).encode()
    with gzip.open(file, "wb") as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        member = tarfile.TarInfo("foyer-6.6.6/MANIFEST.json")
        member.size = len(manifest)
        tar.addfile(member, io.BytesIO(manifest))
    script = release_script()
    signature = script.sign(script.statement_of(file, "6.6.6", manifest), [workshop.private])
    file.with_name(f"{file.name}.sig").write_text(signature)
    refused_in_a_sentence(machine.run("verify", file), 3)


def test_what_a_careful_person_installs_can_be_read_by_the_programs(
    workshop: Workshop, machine: Machine
) -> None:
    """With a umask of 077 the kiosk's user could not enter its own release."""
    before = os.umask(0o077)
    try:
        assert machine.install(workshop.out / "foyer-1.0.0.tar.gz").returncode == 0
    finally:
        os.umask(before)
    place = machine.root / "opt/foyer/releases/1.0.0"
    shut = [path for path in (place, *place.rglob("*")) if not path.is_symlink() and not _open_to_all(path)]
    assert shut == []


def _open_to_all(path: Path) -> bool:
    wanted = 0o055 if path.is_dir() else 0o044
    return path.stat().st_mode & wanted == wanted


def test_a_kiosk_in_wrong_hands_cannot_hold_its_update_up(machine: Machine, workshop: Workshop) -> None:
    """It owns the folder it tells from: a pipe that nobody writes, or a link to what only root reads, is no word of its."""
    assert machine.install(workshop.out / "foyer-1.0.0.tar.gz").returncode == 0
    assert machine.switch("1.0.0").returncode == 0
    told = machine.root / "run/foyer-kiosk/health.json"
    told.parent.mkdir(parents=True)
    os.mkfifo(told)
    command: list[str | Path] = [TOOL, "--root", machine.root, "health"]
    surroundings = {"PATH": os.environ["PATH"], "FOYER_SYSTEMCTL": str(machine.systemctl)}
    done = subprocess.run(
        command, capture_output=True, text=True, env=surroundings, timeout=60, check=False
    )  # it would wait for ever
    assert "has told nothing of itself" in refused_in_a_sentence(done, 6)
    told.unlink()
    told.symlink_to(workshop.public)
    assert "has told nothing of itself" in refused_in_a_sentence(machine.run("health"), 6)


ANSWERS = {
    "no answer of HTTP": b"hello\r\n\r\n",
    "less than it said": b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{",
    "a wish that is a word": b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"wanted": "x"}',
    "a wish without a name": b'HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{"wanted": {"a":1}}',
    "nested too deep": b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + b"[" * 60_000,
    "another address": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
}


@pytest.fixture
def saying() -> Iterator[tuple[list[bytes], str]]:
    """A server that answers whatever it is told to."""
    words: list[bytes] = [b""]

    class Says(BaseHTTPRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(words[0])

    server = HTTPServer(("127.0.0.1", 0), Says)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield words, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_whatever_a_server_answers_the_updater_ends_with_a_sentence(
    machine: Machine, saying: tuple[list[bytes], str]
) -> None:
    words, address = saying
    machine.pair(address, "x")
    for name, answer in ANSWERS.items():
        words[0] = answer
        done = machine.update()
        assert "Traceback" not in done.stderr, (name, done.stderr)
        assert not (machine.root / "opt/foyer/current").exists()


def test_a_release_that_would_shut_machines_is_not_made(workshop: Workshop, tmp_path: Path) -> None:
    script = release_script()
    for floor in ("v1.0.0", "1.0.1", "2"):
        with pytest.raises(SystemExit, match="not a release up to"):
            script.make("v1.0.0", [], [], tmp_path, of=workshop.repository, wheels=tmp_path, floor=floor)
    late = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A"}
    late |= {"GIT_COMMITTER_EMAIL": "a@example.org", "GIT_COMMITTER_DATE": "2090-01-01T00:00:00Z"}
    tree = ["git", "commit-tree", "v1.0.0^{tree}", "-m", "late"]
    made = subprocess.run(
        tree, cwd=workshop.repository, env={**os.environ, **late}, capture_output=True, text=True, check=True
    )
    with pytest.raises(SystemExit, match="dated in the future"):
        script.make(made.stdout.strip(), [], [], tmp_path, of=workshop.repository, wheels=tmp_path)
