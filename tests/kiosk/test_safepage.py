"""The safe page, where the kiosk is broken: shown by Python's own library alone, on a framebuffer and in a real window."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageGrab

from kiosk.app import _safe_page
from kiosk.config import Settings
from kiosk.flow.model import Limits, Model
from kiosk.safepage import __main__ as program
from kiosk.safepage import drawing, ways
from kiosk.safepage.picture import NotOne, Picture, made_of, packed, unpacked, write
from kiosk.safepage.ways import Cannot, framebuffer
from tests.support.processes import Start
from tests.support.screen import virtual_screen
from tests.support.waiting import until, until_async
from words import Catalogue

__all__ = ["virtual_screen"]
WORDS = Catalogue()
HERE = Path(drawing.__file__).parent


def _panel(folder: Path, width: int, height: int, bits: int, spare: int = 0) -> tuple[Path, Path]:
    """A framebuffer: the file and what the kernel tells of it."""
    facts = folder / "fb0"
    facts.mkdir()
    stride = width * bits // 8 + spare
    (facts / "virtual_size").write_text(f"{width},{height}\n")
    (facts / "bits_per_pixel").write_text(f"{bits}\n")
    (facts / "stride").write_text(f"{stride}\n")
    device = folder / "dev"
    device.write_bytes(bytes(stride * height))
    return device, facts


def _shown(device: Path, width: int, height: int, bits: int, spare: int) -> Image.Image:
    raw, mode = device.read_bytes(), "BGRX" if bits == 32 else "BGR;16"
    return Image.frombytes("RGB", (width, height), raw, "raw", mode, width * bits // 8 + spare).convert("L")


def _worst(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of two grey dots."""
    return max(value for value, count in enumerate(ImageChops.difference(one, other).histogram()) if count)


@pytest.mark.parametrize(("bits", "spare"), [(32, 0), (32, 64), (16, 0), (16, 32)])
def test_on_a_framebuffer_it_is_the_page_and_not_a_dot_beside_it(
    bits: int, spare: int, tmp_path: Path
) -> None:
    drawing.keep(tmp_path, 320, 480, "Kiosk 3", WORDS)
    meant = drawing.draw(320, 480, "Kiosk 3", WORDS)
    device, facts = _panel(tmp_path, 320, 480, bits, spare)
    framebuffer(program.choice(tmp_path), device, facts, tmp_path / "no-console").close()
    worst = _worst(_shown(device, 320, 480, bits, spare), meant)
    assert worst <= (0 if bits == 32 else 8), "16 bits keep five of eight bits of grey"


def test_where_the_screen_looks_at_a_part_of_the_memory_the_page_is_in_that_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the kernel tells it of a console that scrolls by moving the window: 64 by 48 of 96 by 100, from 16 and 30 on."""
    device, facts = _panel(tmp_path, 96, 100, 32, spare=32)

    def told(_: int, request: int, into: bytearray) -> None:
        assert request == 0x4600
        struct.pack_into("7I", into, 0, 64, 48, 96, 100, 16, 30, 32)

    monkeypatch.setattr(ways.fcntl, "ioctl", told)
    page = Picture(64, 48, bytes(range(1, 65)) * 48)
    framebuffer(lambda wide, high: page if (wide, high) == (64, 48) else None, device, facts, tmp_path / "-")  # type: ignore[arg-type,return-value]  # asked for another size, it fails
    shown = _shown(device, 96, 100, 32, 32)
    assert shown.getbbox() == (16, 30, 80, 78), "and not a dot beside it"
    assert shown.crop((16, 30, 80, 78)).tobytes() == page.dots


@pytest.mark.parametrize(("left", "stride"), [(0, 256), (0, 300), (8, 320)])
def test_no_write_is_just_one_whole_line_of_the_memory(left: int, stride: int) -> None:
    """Linux shows nothing of such a one on a screen whose memory it keeps apart (seen on a machine of QEMU: the page was written, the screen black)."""
    page = Picture(64, 3, bytes(range(192)))
    written = list(ways.strokes(page, left, 5, stride, 32))
    assert not [place for place, dots in written if place % stride == 0 and len(dots) == stride]
    memory = bytearray(8 * stride)
    for place, dots in written:
        memory[place : place + len(dots)] = dots
    begins = [(5 + y) * stride + left * 4 for y in range(3)]
    assert b"".join(memory[each : each + 256 : 4] for each in begins) == page.dots


def test_a_page_of_another_size_fills_the_screen_without_being_bent(tmp_path: Path) -> None:
    black = Picture(100, 200, bytes(20_000))
    fitted = black.fitted(300, 400)
    image = Image.frombytes("L", (300, 400), fitted.dots)
    assert ImageChops.invert(image).getbbox() == (50, 0, 250, 400)
    device, facts = _panel(tmp_path, 64, 128, 24)
    (facts / "bits_per_pixel").write_text("8")
    with pytest.raises(Cannot, match="8 bits"):
        framebuffer(lambda *_: black, device, facts, tmp_path)


def test_a_broken_file_of_its_own_is_passed_over_for_the_shipped_one(tmp_path: Path) -> None:
    whole = packed(Picture(10, 20, bytes(200)))
    for broken in (b"", b"foyer-safe-1 9 9 x\n", whole[:-4], whole.replace(b" 20 ", b" 99 "), b"GIF89a"):
        with pytest.raises(NotOne):
            unpacked(broken)
        (tmp_path / "safe.page").write_bytes(broken)
        picture = program.choice(tmp_path)(1080, 1920)
        assert picture == unpacked((HERE / "portrait.page").read_bytes())


@pytest.mark.parametrize("which", ["portrait", "landscape"])
def test_the_shipped_pages_say_what_the_catalogue_says_today(which: str) -> None:
    """If this fails: `python -m kiosk.safepage.drawing`."""
    size = drawing.SHIPPED[which]
    assert made_of(HERE / f"{which}.page") == drawing.key(*size, "", WORDS)


def test_the_kiosk_draws_its_own_page_once_and_again_under_another_name(tmp_path: Path) -> None:
    assert drawing.keep(tmp_path, 160, 240, "Kiosk 3", WORDS)
    assert not drawing.keep(tmp_path, 160, 240, "Kiosk 3", WORDS)
    assert drawing.keep(tmp_path, 160, 240, "Kiosk 4", WORDS)
    assert drawing.keep(tmp_path, 160, 240, "Kiosk 4", WORDS, turned=90)
    turned = unpacked((tmp_path / drawing.KEPT).read_bytes())
    assert (turned.width, turned.height) == (240, 160)


def test_a_display_keeps_one_that_names_it_upright_as_it_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, facts = _panel(tmp_path, 800, 480, 32)
    monkeypatch.setattr(drawing, "seen_size", partial(drawing.seen_size, facts=facts))
    assert drawing.main(["--state", str(tmp_path), "--name", "Lobby, left", "--turn", "90"]) == 0
    assert made_of(tmp_path / drawing.KEPT) == drawing.key(480, 800, "Lobby, left", WORDS, 90)
    (facts / "serial").write_text("10000000abcdef12\0")
    assert drawing.machine_name(facts / "serial") == f"{socket.gethostname()}, serial number …cdef12"
    assert drawing.machine_name(facts / "none") == socket.gethostname()


async def test_before_it_is_paired_the_page_names_the_kiosk_as_its_settings_do(tmp_path: Path) -> None:
    panel = {"width": 480, "height": 640, "width_mm": 240.0, "height_mm": 320.0}
    settings = Settings.model_validate({"name": "By the stairs", "state": tmp_path, "panel": panel})
    _safe_page(settings, WORDS)(Model(limits=Limits()))
    page = tmp_path / drawing.KEPT

    async def drawn() -> object:
        return page.exists()

    _: object = await until_async(drawn, 60, "its own page")
    assert made_of(page) == drawing.key(480, 640, "By the stairs", WORDS)


def test_a_broken_library_or_an_empty_screen_leaves_the_other_ways_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "_libraries", lambda: iter(["libc.so.6"]))
    with pytest.raises(Cannot, match="no SDL"):
        ways.sdl(lambda wide, high: Picture(1, 1, b"0"))
    (tmp_path / "nothing").mkdir()
    device, facts = _panel(tmp_path / "nothing", 0, 0, 32)
    with pytest.raises(Cannot):
        framebuffer(lambda wide, high: Picture(1, 1, b"0"), device, facts, tmp_path / "console")


def test_it_shows_without_anything_of_ours_and_tries_the_broken_kiosk_again(
    virtual_screen: Callable[[int, int], str], start_process: Start, tmp_path: Path
) -> None:
    """A Python without packages and the folder alone, in a window by the SDL that Kivy brings."""
    apart = tmp_path / "apart"
    shutil.copytree(
        HERE, apart / "kiosk" / "safepage", ignore=shutil.ignore_patterns("drawing.py", "__pycache__")
    )
    shutil.copy(HERE.parent / "__init__.py", apart / "kiosk")
    libraries = next(each for each in sys.path if list(Path(each or ".").glob("[Kk]ivy.libs")))
    (apart / "kivy.libs").symlink_to(next(Path(libraries).glob("[Kk]ivy.libs")))
    page = drawing.draw(480, 640, "Kiosk 3", WORDS)
    write(tmp_path / drawing.KEPT, drawing.as_picture(page))
    (tmp_path / "kiosk.toml").write_text('printer = "a mistake"\n')
    display = virtual_screen(480, 640)
    child = start_process(
        *(os.path.realpath(sys.executable), "-I", "-S", "-c"),
        f"import sys; sys.path.insert(0, {str(apart)!r}); from kiosk.safepage.__main__ import main; main()",
        *("--state", str(tmp_path), "--seconds", "1", "--"),
        *(sys.executable, "-m", "kiosk.app", str(tmp_path / "kiosk.toml")),
        ready="shown",
        env={"DISPLAY": display, "SDL_VIDEODRIVER": "x11"},
    )

    def looks_right() -> bool:
        shown = ImageGrab.grab(xdisplay=display).convert("L")
        return _worst(shown, page) == 0

    until(looks_right, 20, "the page in the window")
    child.said("the kiosk ended with 78", 30)
    child.said(r"(?s)the kiosk ended.*shown", 30)
    until(looks_right, 20, "the page again")
    child.end()
    assert child.exit_status == 0


def test_it_ends_after_the_time_given_so_that_its_unit_starts_the_kiosk(tmp_path: Path) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.safepage", "--state", str(tmp_path), "--seconds", "0.3"],
        env={**os.environ, "SDL_VIDEODRIVER": "dummy", "DISPLAY": ""},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "shown" in done.stderr
    assert time.monotonic() - began >= 0.3


def test_a_kiosk_that_does_not_end_when_told_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "LAST_WORDS_SECONDS", 0.3)
    over = threading.Event()
    over.set()
    began = time.monotonic()
    program.attempt(("/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"), over)
    assert time.monotonic() - began < 30
