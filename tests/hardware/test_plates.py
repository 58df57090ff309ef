"""Page cameras, real drivers beside the simulated plate: a picture or a status, never an exception; and scanners through SANE's own test device."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.bench import main as bench
from hardware.catalogue import PageCameraConfig, build_page_camera
from hardware.devices import Dark, Frame, Missing, NoDevice, PageCamera, Ready, Silent, Stopped
from hardware.devices import SimulatedPlate as CanBeLaidOn
from hardware.plates.options import arguments, read_options
from hardware.plates.rpicam import RpiPlate
from hardware.plates.sane import SanePlate
from hardware.plates.simulated import BETWEEN_SECONDS, SimulatedPlate
from hardware.plates.v4l2 import V4l2Plate
from tests.hardware.test_cameras import Steady

SIZE = (3264, 2448)
COLOUR = (30, 90, 200)


def page(size: tuple[int, int] = SIZE, colour: tuple[int, int, int] = COLOUR) -> Any:
    """A plate of one colour with a white corner at the upper left."""
    picture = np.full((size[1], size[0], 3), colour, np.uint8)
    picture[: size[1] // 8, : size[0] // 8] = 255
    return picture


def near(frame: Frame, colour: tuple[int, int, int] = COLOUR, off: int = 6) -> bool:
    assert frame.picture is not None
    high, wide = frame.picture.shape[:2]
    return bool(np.abs(frame.picture[high // 2, wide // 2].astype(int) - colour).max() <= off)


# A USB camera -------------------------------------------------------------------------------------------------


class Packing:
    """What OpenCV gives of a USB camera that was told not to unpack: one row of bytes."""

    came: list[bytes]

    def __init__(self, device: str, backend: int) -> None:
        self.settings: dict[int, float] = {}

    def isOpened(self) -> bool:  # noqa: N802  # OpenCV's name
        return True

    def set(self, setting: int, value: float) -> bool:
        self.settings[setting] = value
        return True

    def get(self, setting: int) -> float:
        return self.settings.get(setting, 0)

    def read(self) -> tuple[bool, Any]:
        wanted = (cv2.CAP_PROP_CONVERT_RGB, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        assert [self.settings[each] for each in wanted] == [0, *SIZE]
        if not self.came:
            return False, None
        return True, np.frombuffer(self.came.pop(0), np.uint8)[None, :]

    def release(self) -> None:
        """Nothing was opened."""


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    device = tmp_path / "video0"
    device.touch()
    return device


def test_a_usb_camera_is_looked_at_small_and_taken_at_its_full_size(usb: Path) -> None:
    packed = cv2.imencode(".jpg", page())[1].tobytes()
    Packing.came = [packed, packed + bytes(5000), packed]
    plate = V4l2Plate(str(usb), SIZE, opens=Packing)
    look, still, turned = plate.look(), plate.still(), V4l2Plate(str(usb), SIZE, 90, opens=Packing).look()
    assert look.picture is not None
    assert look.picture.shape == (1224, 1632, 3)
    assert still.picture is not None
    assert still.picture.shape == (2448, 3264, 3)
    assert turned.picture is not None
    assert turned.picture.shape == (1632, 1224, 3)
    assert turned.picture[100, 1100].min() > 240, "the upper left is now the upper right"
    assert near(look)
    assert near(still)


def test_a_picture_that_was_cut_off_on_the_cable_is_not_one(usb: Path) -> None:
    whole = cv2.imencode(".jpg", page())[1].tobytes()
    Packing.came = [whole[: len(whole) // 2], b"\xff\xd8\xff\xd9", whole]
    plate = V4l2Plate(str(usb), SIZE, opens=Packing)
    assert plate.look().status == Ready()
    assert Packing.came == []
    Packing.came = [whole[: len(whole) // 2]] * 9
    assert plate.look() == Frame(Silent("it is there and gives no picture"))


def test_a_usb_camera_that_is_pulled_and_put_back(usb: Path) -> None:
    steady = Steady()
    whole = cv2.imencode(".jpg", page())[1].tobytes()
    Packing.came = [whole]
    plate = V4l2Plate(str(usb), SIZE, steady=steady, opens=Packing)
    assert plate.still().status == Ready()
    usb.unlink()
    assert isinstance(plate.still().status, Missing)
    usb.touch()
    Packing.came = [whole]
    assert isinstance(plate.still().status, Missing), "not tried at every look"
    steady.at = 5
    assert plate.still().status == Ready()
    plate.close()
    plate.close()


def test_a_covered_plate_is_dark_and_a_black_folder_on_a_lit_one_is_not(usb: Path) -> None:
    folder = page(colour=(8, 8, 8))
    Packing.came = [cv2.imencode(".jpg", picture)[1].tobytes() for picture in (page() * 0, folder)]
    plate = V4l2Plate(str(usb), SIZE, opens=Packing)
    assert plate.look().status == Dark()
    assert plate.look().status == Ready()


# A Raspberry Pi's ---------------------------------------------------------------------------------------------

PROGRAM = """
import sys, time
args = sys.argv
wide, high = int(args[args.index("--width") + 1]), int(args[args.index("--height") + 1])
assert int(args[args.index("--framerate") + 1]) <= 6
for _ in range(int(sys.argv[1])):
    sys.stdout.buffer.write(bytes([{0}]) * (wide * high) + bytes([{1}]) * (wide * high // 4) + bytes([{2}]) * (wide * high // 4))
    sys.stdout.buffer.flush()
    time.sleep(0.02)
"""


def test_a_pis_camera_gives_its_colours_as_they_are(tmp_path: Path) -> None:
    bright, red, blue = (int(each) for each in cv2.cvtColor(page((8, 8)), cv2.COLOR_BGR2YCrCb)[7, 7])
    program = tmp_path / "camera.py"
    program.write_text(PROGRAM.format(bright, blue, red))
    plate = RpiPlate(size=(3300, 2448), program=[sys.executable, str(program), "1000"])
    look, still = plate.look(), plate.still()
    plate.close()
    assert look.picture is not None
    assert look.picture.shape == (1224, 1632, 3), "as the program's rows are padded"
    assert still.picture is not None
    assert still.picture.shape == (2448, 3264, 3)
    assert near(look)
    assert near(still)
    gone = RpiPlate(size=(640, 480), program=[sys.executable, str(program), "0"])
    assert gone.look() == Frame(Missing("the camera's program ended: is the camera's cable in?"))


# Scanners -----------------------------------------------------------------------------------------------------

needs_sane = pytest.mark.skipif(
    shutil.which("scanimage") is None, reason="SANE's program is not installed here"
)
TEST_PATTERN = ("--test-picture", "Color pattern")


@needs_sane
def test_a_flatbed_scans_a_page_in_colour_at_the_dots_that_were_asked_for() -> None:
    plate = SanePlate("test", "flatbed", 200, more=TEST_PATTERN)
    assert (plate.live, plate.feeds) == (False, False)
    assert plate.look() == Frame(Ready()), "a look only asks how it is"
    still = plate.still()
    assert (still.status, still.more) == (Ready(), False)
    assert still.picture is not None
    assert still.picture.shape == (1574, 1574, 3), "its glass is 200 mm by 200 mm"
    assert len(np.unique(still.picture.reshape(-1, 3), axis=0)) > 10, "it is in colour"
    assert SanePlate("test", "feeder", more=TEST_PATTERN).still().more


@needs_sane
@pytest.mark.parametrize(
    ("says", "status", "words"),
    [
        ("JAMMED", Stopped, "a sheet is stuck"),
        ("COVER_OPEN", Stopped, "cover is open"),
        ("DEVICE_BUSY", Silent, "another computer is using"),
        ("IO_ERROR", Silent, "in the middle of the page"),
        ("ACCESS_DENIED", Silent, "may not use"),
        ("NO_MEM", Silent, "memory"),
    ],
)
def test_what_is_wrong_with_a_scanner_is_said_in_words(says: str, status: type, words: str) -> None:
    plate = SanePlate("test", more=("--read-return-value", f"SANE_STATUS_{says}"))
    frame = plate.still()
    assert frame.picture is None
    assert type(frame.status) is status
    assert words in getattr(frame.status, "why", "")
    assert plate.look() == Frame(frame.status), "what was learned is told for a while"


@needs_sane
def test_a_feeder_without_a_sheet_is_ready_and_has_no_picture() -> None:
    plate = SanePlate("test", "feeder", more=("--read-return-value", "SANE_STATUS_NO_DOCS"))
    assert plate.still() == Frame(Ready())


@needs_sane
def test_a_scanner_that_is_not_there_or_takes_for_ever_or_has_no_program() -> None:
    assert isinstance(SanePlate("nosuch:1").still().status, Missing)
    assert isinstance(SanePlate("nosuch:1").look().status, Missing)
    slow = (
        *TEST_PATTERN,
        "--read-delay=yes",
        "--read-delay-duration",
        "200000",
        "--read-limit=yes",
        "--read-limit-size",
        "999",
    )
    plate = SanePlate("test", more=slow, seconds=1)
    assert plate.still() == Frame(Silent("it did not answer in time"))
    assert plate._process is None
    none = SanePlate("test", program=("no-such-program-here",)).still().status
    assert none == Missing("scanimage is not installed (the package sane-utils)")


FUJITSU = """
All options specific to device `fujitsu:fi-7160:123':
  Standard:
    --source ADF Front|ADF Back|ADF Duplex [ADF Front]
    --mode Lineart|Halftone|Gray|Color [Lineart]
    --resolution 50..600dpi (in steps of 1) [600]
  Geometry:
    --page-width 0..221.121mm (in steps of 0.0211639) [215.872]
    -x 0..215.9mm (in steps of 0.0211639) [215.872]
    -y 0..355.6mm (in steps of 0.0211639) [279.364]
"""
CANON = """
All options specific to device `pixma:MG5200':
    --resolution auto||75|150|300|600|1200dpi [75]
    --mode auto|Color|Gray|48 bits color [Color]
    --source Flatbed [Flatbed]
    --depth 1|8|16 [inactive]
    -x 0..216.069mm [216.069]
    -y 0..297.011mm [297.011]
"""


def test_a_scanner_is_told_only_what_it_knows_in_its_own_words() -> None:
    assert arguments(read_options(FUJITSU), "feeder", 200) == (
        ["--source", "ADF Front", "--mode", "Color", "--resolution", "200", "-x", "215.9", "-y", "297"]
    )
    assert arguments(read_options(CANON), "flatbed", 200) == (
        ["--source", "Flatbed", "--mode", "Color", "--resolution", "300", "-x", "216", "-y", "297"]
    )
    assert arguments({}, "", 200) == []
    with pytest.raises(ValueError, match="has no feeder; it has Flatbed"):
        arguments(read_options(CANON), "feeder", 200)
    with pytest.raises(ValueError, match="has no feeder"):
        arguments({}, "feeder", 200)


# Simulated ----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, colour in (("b.png", (200, 90, 30)), ("a.jpg", COLOUR)):
        cv2.imwrite(str(tmp_path / name), page((800, 600), colour))
    (tmp_path / "c.txt").write_text("no picture")
    writer = cv2.VideoWriter(str(tmp_path / "d.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    for level in range(40, 240, 10):
        writer.write(np.full((480, 640, 3), level, np.uint8))
    writer.release()
    return tmp_path


def mean(frame: Frame) -> int:
    assert frame.picture is not None
    return round(float(frame.picture.mean()))


def test_pictures_and_films_of_a_folder_lie_on_the_plate_as_they_are_laid_there(folder: Path) -> None:
    steady = Steady()
    plate = SimulatedPlate((1600, 1200), source=folder, steady=steady)
    assert plate.pictures() == ["a.jpg", "b.png", "d.avi"]
    empty = mean(plate.look())
    assert plate.lay_next() == plate.lies() == "a.jpg"
    assert near(plate.look())
    assert plate.lay_next() == "b.png"
    assert near(plate.still(), (200, 90, 30))
    assert plate.lay_next() == "d.avi"
    played = [mean(plate.look())]
    for at in (0.5, 1.0, 60.0):
        steady.at = at
        played.append(mean(plate.look()))
    assert [abs(level - meant) <= 6 for level, meant in zip(played, (42, 92, 142, 232), strict=True)] == [
        True
    ] * 4
    plate.lay("")
    assert abs(mean(plate.look()) - empty) <= 1
    with pytest.raises(ValueError, match="no picture called"):
        plate.lay("../etc/passwd")


def test_pictures_lie_there_one_after_another_with_the_empty_plate_between(folder: Path) -> None:
    steady = Steady()
    (folder / "d.avi").unlink()
    plate = SimulatedPlate((1600, 1200), source=folder, every=5, steady=steady)
    empty = SimulatedPlate((1600, 1200)).look()
    seen = []
    for _ in range(3):
        assert abs(mean(plate.look()) - mean(empty)) <= 1
        steady.at += BETWEEN_SECONDS + 0.1
        seen.append([near(plate.look(), colour) for colour in (COLOUR, (200, 90, 30))])
        steady.at += 4.9
    assert seen == [[True, False], [False, True], [True, False]]


def test_each_lever_of_the_simulated_plate_does_what_it_says(folder: Path) -> None:
    plate = SimulatedPlate((1600, 1200), source=folder / "a.jpg")
    first, second = plate.look(), plate.look()
    assert first.picture is not None
    assert second.picture is not None
    assert not np.array_equal(first.picture, second.picture), "a picture that never changes is a frozen one"
    plate.set_frozen(frozen=True)
    frozen = plate.look()
    plate.put(page((800, 600), (0, 255, 0)))
    again = plate.look()
    assert frozen.picture is not None
    assert again.picture is not None
    assert np.array_equal(frozen.picture, again.picture)
    plate.set_frozen(frozen=False)
    assert near(plate.look(), (0, 255, 0))
    plate.set_upside_down(upside_down=True)
    turned = plate.look().picture
    assert turned is not None
    assert turned[-10, -10].min() > 240
    plate.set_black(black=True)
    assert plate.look().status == Dark()
    plate.set_plugged(plugged=False)
    assert plate.look() == plate.still() == Frame(Missing("its plug was pulled"))
    plate.set_plugged(plugged=True)
    plate.set_black(black=False)
    assert plate.look().status == Ready()


# On the bench -------------------------------------------------------------------------------------------------


def test_the_bench_says_how_a_page_camera_is(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    saved = tmp_path / "page.jpg"
    tried = ["plate", "--type", "simulated", "--address", str(folder / "a.jpg"), "--save", str(saved)]
    assert bench(tried) == 0
    said = capsys.readouterr().out
    assert "The page camera is ready." in said
    assert "Looks are 800 x 600;" in said
    assert "It is 800 x 600, about 57 dots to the inch of a plate for A4; mean brightness" in said
    assert saved.stat().st_size > 1000
    assert bench(["plate", "--type", "v4l2", "--address", "/dev/video-none"]) == 1
    assert "not there (there is no /dev/video-none)" in capsys.readouterr().out
    assert bench(["plate", "--type", "v4l2"]) == 2


# Settings -----------------------------------------------------------------------------------------------------


def test_every_kind_is_built_from_its_settings_and_is_a_page_camera(folder: Path) -> None:
    for table in (
        {},
        {"type": "v4l2", "address": "/dev/video0", "first": True},
        {"type": "rpicam", "turn": 180},
        {"type": "sane", "source": "feeder", "address": "fujitsu:fi-7160:123"},
        {"type": "simulated", "address": str(folder), "every": 3},
    ):
        plate = build_page_camera(PageCameraConfig.read(table))
        assert isinstance(plate, PageCamera)
        assert isinstance(plate, CanBeLaidOn) is (table.get("type") == "simulated")
        plate.close()
    assert build_page_camera(PageCameraConfig()).still() == Frame(NoDevice())


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"type": "v4l2"}, "needs an address"),
        ({"type": "rpicam", "address": "front"}, "its number"),
        ({"type": "sane", "address": "--help"}, "as scanimage -L lists it"),
        ({"type": "v4l2", "address": "/dev/video0", "source": "feeder"}, "only a scanner"),
        ({"type": "rpicam", "width": 20000}, "width must be"),
        ({"type": "rpicam", "dpi": 50}, "dpi must be"),
        ({"first": True}, "without a page camera"),
        ({"type": "webcam"}, "must be one of"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(table: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PageCameraConfig.read(table)
