"""Settings are refused as a whole, with the line and the reason; the dev dock is never on by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import config
from kiosk.config import PanelSettings, Refused, Settings, parse

FILE = Path("/etc/foyer/kiosk.toml")
GOOD = """
name = "Door"
server = "https://foyer.example.org/"
state = "kiosk-state"

[panel]
width = 1280
height = 800
width_mm = 217.0
height_mm = 135.6

[times]
idle = 45

[printer]
type = "network"
address = "10.0.0.9"
paper_mm = 58
"""


def test_good_settings() -> None:
    settings = parse(GOOD, FILE, {})
    assert settings.server == "https://foyer.example.org"
    assert settings.socket == "wss://foyer.example.org/ws/device"
    assert settings.state == Path("/etc/foyer/kiosk-state")
    assert settings.orientation == "landscape"
    assert settings.times.limits().idle == 45
    assert (settings.printer.type, settings.printer.paper_mm) == ("network", 58)
    assert not settings.dock.enabled


def test_an_empty_file_is_a_kiosk_on_this_machine() -> None:
    assert parse("", FILE, {}).socket == "ws://127.0.0.1:8000/ws/device"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("idle = 45", "idle = 4", 13, "times.idle"),
        ("idle = 45", 'idle = "long"', 13, "times.idle"),
        ("idle = 45", "idel = 45", 13, "no such setting"),
        ("[times]", "[tmes]", 12, "no such setting"),
        ("https://", "ftp://", 3, "an address like"),
        ("https://", "https://me:pass@", 3, "an address only"),
        ("width = 1280", "width = 12", 7, "panel.width"),
        ("height_mm = 135.6", "height_mm = 90.0", 6, "not square"),
        ('address = "10.0.0.9"', "", 15, "needs an address"),
        ("paper_mm = 58", "paper_mm = 57", 15, "58, 80"),
        ("paper_mm = 58", "paper = 58", 15, "no setting 'paper'"),
        ('name = "Door"', 'name = ""', 2, "name"),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_reason(old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    with pytest.raises(Refused) as refused:
        parse(GOOD.replace(old, new), FILE, {})
    assert f"kiosk.toml, line {line}:" in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("pixels", "mm", "small"),
    [
        ((1280, 800), (217.0, 135.6), False),
        ((1280, 800), (215.0, 134.4), False),
        ((1280, 800), (214.0, 134.0), True),
        ((1024, 600), (223.0, 125.0), True),
        ((800, 1280), (136.0, 217.0), True),
        ((1080, 1920), (166.0, 294.0), True),
        ((1200, 1920), (190.0, 304.0), False),
        ((1280, 800), (154.1, 96.3), True),
    ],
)
def test_a_panel_that_is_too_small_is_told_and_serves_all_the_same(
    pixels: tuple[int, int], mm: tuple[float, float], small: bool
) -> None:
    """Refused at the start, a kiosk that has served for months would go back from every release."""
    said = PanelSettings(width=pixels[0], height=pixels[1], width_mm=mm[0], height_mm=mm[1]).too_small
    assert bool(said) == small
    assert not small or f"{mm[0]:g} x {mm[1]:g} mm" in said
    assert not small or "215 x 134 mm lying" in said


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(Refused, match=r"line 2"):
        parse("name = 'a'\nserver = = 1", FILE, {})


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere\.toml cannot be read"):
        config.read(tmp_path / "nowhere.toml", {})


DOCK = "[dock]\nenabled = true\n"


@pytest.mark.parametrize(
    ("server", "environment"),
    [
        ("http://127.0.0.1:8000", {}),
        ("http://127.0.0.1:8000", {"FOYER_DEMO": "0"}),
        ("http://127.0.0.1:8000", {"FOYER_DEMO": ""}),
        ("https://foyer.example.org", {"FOYER_DEMO": "1"}),
        ("http://127.0.0.1.example.org", {"FOYER_DEMO": "1"}),
        ("http://10.0.0.1", {"FOYER_DEMO": "1"}),
    ],
)
def test_the_dock_refuses_to_start_unless_all_three_are_there(
    server: str, environment: dict[str, str]
) -> None:
    with pytest.raises(Refused, match=r"\[dock\] is enabled"):
        parse(f'server = "{server}"\n{DOCK}', FILE, environment)


@pytest.mark.parametrize("server", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_the_dock_of_a_demonstration_starts(server: str) -> None:
    assert parse(f'server = "{server}"\n{DOCK}', FILE, {"FOYER_DEMO": "1"}).dock.enabled


def test_the_environment_alone_switches_no_dock_on() -> None:
    assert not parse("", FILE, {"FOYER_DEMO": "1"}).dock.enabled


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().name = "x"  # type: ignore[misc]  # what must not be possible
