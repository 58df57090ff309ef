"""Cameras, real drivers beside the simulated one: a picture or a status, never an exception, and off when let go."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from hardware.bench import main as bench
from hardware.cameras import rpicam
from hardware.cameras.rpicam import RpiCamera
from hardware.cameras.simulated import SimulatedCamera
from hardware.cameras.v4l2 import V4l2Camera
from hardware.catalogue import CameraConfig, ScannerConfig, build_camera, build_scanner
from hardware.devices import Camera, Dark, Missing, NoDevice, Ready, Silent
from hardware.devices import SimulatedCamera as CanBeHeldBefore

SIZE = (320, 240)


def film(file: Path, levels: list[int]) -> Path:
    """Pictures of one grey each, with a bright corner at the upper left."""
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10, SIZE)
    for level in levels:
        picture = np.full((SIZE[1], SIZE[0], 3), level, np.uint8)
        picture[:40, :40] = 255 if level else 0
        writer.write(picture)
    writer.release()
    return file


class Steady:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_usb_camera_gives_pictures_until_it_is_pulled_and_again_when_it_is_back(tmp_path: Path) -> None:
    file, steady = film(tmp_path / "film.avi", [90, 90]), Steady()
    camera = V4l2Camera(str(file), SIZE, backend=cv2.CAP_ANY, steady=steady)
    looks = [camera.look() for _ in range(2)]
    assert [look.status for look in looks] == [Ready(), Ready()]
    assert looks[0].picture is not None
    assert looks[0].picture.shape == (240, 320)
    assert isinstance(camera.look().status, Silent), "the film is over: it is there and gives no picture"
    file.rename(tmp_path / "pulled.avi")
    steady.at = 5
    assert isinstance(camera.look().status, Missing)
    (tmp_path / "pulled.avi").rename(file)
    assert isinstance(camera.look().status, Missing), "not tried at every look"
    steady.at = 10
    assert camera.look().status == Ready()
    camera.close()
    camera.close()


def test_a_covered_lens_is_dark_and_a_dim_room_is_not(tmp_path: Path) -> None:
    camera = V4l2Camera(str(film(tmp_path / "film.avi", [0, 20])), SIZE, backend=cv2.CAP_ANY)
    assert camera.look().status == Dark()
    assert camera.look().status == Ready()


def test_a_picture_is_turned_as_the_camera_is_mounted(tmp_path: Path) -> None:
    corners = []
    for turn in (0, 90, 180, 270):
        camera = V4l2Camera(str(film(tmp_path / f"{turn}.avi", [60])), SIZE, turn, backend=cv2.CAP_ANY)
        picture = camera.look().picture
        assert picture is not None
        high, wide = picture.shape
        bright = [(y, x) for y in (10, high - 10) for x in (10, wide - 10) if picture[y, x] > 200]
        corners.append((picture.shape, [(y > high / 2, x > wide / 2) for y, x in bright]))
    assert corners == [
        ((240, 320), [(False, False)]),
        ((320, 240), [(False, True)]),
        ((240, 320), [(True, True)]),
        ((320, 240), [(True, False)]),
    ]


PROGRAM = """
import sys, time
args = dict(zip(sys.argv[2::2], sys.argv[3::2])) if False else sys.argv
wide, high = int(args[args.index("--width") + 1]), int(args[args.index("--height") + 1])
for number in range(int(sys.argv[1])):
    sys.stdout.buffer.write(bytes([60 + number % 100]) * (wide * high) + bytes(wide * high // 2))
    sys.stdout.buffer.flush()
    time.sleep(0.01)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "camera.py"
    file.write_text(PROGRAM)
    return file


def test_a_pis_own_camera_is_read_through_its_program_and_ends_with_it(program: Path) -> None:
    camera = RpiCamera(size=(330, 241), program=[sys.executable, str(program), "100000"])
    first = camera.look()
    assert first.status == Ready()
    assert first.picture is not None
    assert first.picture.shape == (240, 320), "as the program's rows are padded"
    process = camera._process
    assert process is not None
    camera.close()
    assert process.poll() is not None
    camera.close()
    assert camera.look().status == Ready(), "switched on again"
    camera.close()


def test_a_pis_camera_whose_cable_is_out_or_whose_program_is_missing(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = RpiCamera(size=SIZE, program=[sys.executable, str(program), "0"])
    assert ended.look().status == Missing("the camera's program ended: is the camera's cable in?")
    assert isinstance(ended.look().status, Missing), "and not started at every look"
    monkeypatch.setattr(rpicam, "PROGRAMS", ("no-such-program-here",))
    status = RpiCamera(size=SIZE).look().status
    assert isinstance(status, Missing)
    assert "not installed" in status.why


def test_a_simulated_camera_shows_what_is_held_up_and_its_faults(tmp_path: Path) -> None:
    camera = build_camera(CameraConfig.read({"type": "simulated"}))
    assert isinstance(camera, CanBeHeldBefore)
    room = camera.look().picture
    camera.hold(Image.new("L", (100, 100), 255), across=0.5)
    held = camera.look().picture
    assert room is not None
    assert held is not None
    assert held.shape == room.shape
    assert (held[360, 640], room[360, 640] < 200) == (255, True)
    camera.set_dark(dark=True)
    assert camera.look().status == Dark()
    camera.set_plugged(plugged=False)
    assert isinstance(camera.look().status, Missing)
    Image.new("L", (64, 48), 200).save(tmp_path / "a.png")
    Image.new("L", (64, 48), 100).save(tmp_path / "b.jpg")
    folder = SimulatedCamera(folder=tmp_path)
    seen = [folder.look().picture for _ in range(3)]
    assert [round(float(each.mean()), -1) for each in seen if each is not None] == [200, 100, 200]


@pytest.mark.parametrize(
    ("config", "table", "complaint"),
    [
        (CameraConfig, {"type": "webcam"}, "type must be one of v4l2, rpicam"),
        (CameraConfig, {"type": "v4l2"}, "needs an address"),
        (CameraConfig, {"type": "rpicam", "address": "/dev/video0"}, "is its number"),
        (CameraConfig, {"type": "simulated", "turn": 45}, "one of 0, 90"),
        (CameraConfig, {"type": "simulated", "width": 100}, "from 320 to 1920"),
        (CameraConfig, {"zoom": 2}, "no setting 'zoom'"),
        (ScannerConfig, {"type": "serial"}, "needs an address"),
        (ScannerConfig, {"type": "serial", "address": "COM3"}, "/dev/name"),
        (ScannerConfig, {"type": "keyboard", "address": "usb"}, "/dev/input/"),
        (ScannerConfig, {"type": 3}, "a text in quotes"),
    ],
)
def test_a_mistake_is_told_in_words(config: Any, table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        config.read(table)


def test_without_a_camera_there_is_none() -> None:
    camera, scanner = build_camera(CameraConfig()), build_scanner(ScannerConfig())
    assert isinstance(camera, Camera)
    assert camera.look().status == scanner.status() == NoDevice()
    assert scanner.read(0.001) is None


def test_the_bench_says_whether_a_code_is_read_and_never_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from benchmarks import qr as made

    made.view(made.code(made.address(5), 260)).save(tmp_path / "held.png")
    assert bench(["camera", "--type", "simulated", "--address", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert f"Read a code of {len(made.address(5))} signs" in told
    assert made.address(5)[-8:] not in told
    assert bench(["scanner", "--type", "simulated", "--seconds", "0.01"]) == 1
    assert bench(["scanner", "--type", "serial"]) == 2
