"""Sets Kivy up before its first import: our window, our input, our files, nothing of the user's.

Kivy reads its configuration while it is imported, from `~/.kivy`, and by its own defaults it opens a touch
screen twice on a Pi, takes log files into the home folder, ends on Escape and draws 60 frames a second for
nobody. A kiosk must not depend on what lies in a home folder, so `prepare` points Kivy at a folder of our
own and says everything itself. Call it once, before anything imports `kivy`; it refuses to come too late.

`maxfps` is 0 because Kivy must never sleep on our asyncio loop: `kiosk.screens.pump` decides when a frame
is due.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from kiosk.widgets.panel import Panel


class TooLate(RuntimeError):
    """Kivy was imported before `prepare`: what it read then cannot be taken back."""


def prepare(
    panel: Panel,
    *,
    offscreen: bool = False,
    fullscreen: bool = True,
    own_touch: bool = False,
    turn: int = 0,
    home: Path | None = None,
) -> None:
    """Make Kivy ready for a window of `panel`, its picture turned so many degrees clockwise. With `own_touch` Kivy reads no input of its own but
    keys: the fingers come from `kiosk.screens.touching`.

    Off screen there is no input but what the dev dock or a test sends. `home` is where Kivy may write; by
    default a temporary folder.
    """
    if "kivy" in sys.modules:
        raise TooLate("Kivy was imported before it was set up; call kivysetup.prepare first.")
    home = home or Path(tempfile.mkdtemp(prefix="foyer-kivy-"))
    _environment(home, offscreen)
    from kivy.config import Config

    for section, name, value in _settings(panel, offscreen, fullscreen, turn):
        Config.set(section, name, value)
    Config.remove_section("input")
    Config.add_section("input")
    if not offscreen and not own_touch:
        Config.set("input", "mouse", "mouse,disable_multitouch")
    if own_touch:
        os.environ["SDL_TOUCH_MOUSE_EVENTS"] = "0"
    _leave_styles_out(home)


def _leave_styles_out(home: Path) -> None:
    """Kivy's language reads the looks of all of Kivy's own widgets when it is first imported; we use none of them, and they
    cost 2 MB and a good part of the start. So it finds an empty file instead.
    """
    import kivy

    (home / "style.kv").write_text("")
    usual = kivy.kivy_data_dir
    kivy.kivy_data_dir = str(home)
    try:
        import kivy.lang.builder  # it looks for the file while it is imported
    finally:
        kivy.kivy_data_dir = usual


def _environment(home: Path, offscreen: bool) -> None:
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        KIVY_HOME=str(home),
        KIVY_NO_ARGS="1",
        KIVY_NO_FILELOG="1",
        KIVY_NO_ENV_CONFIG="1",
        KIVY_LOG_MODE="PYTHON",
        KIVY_TEXT="pil",
        KIVY_WINDOW="sdl2",
        KIVY_METRICS_DENSITY="1",
        KIVY_METRICS_FONTSCALE="1",
    )
    if offscreen:
        os.environ["SDL_VIDEODRIVER"] = "offscreen"
        os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")


def _settings(panel: Panel, offscreen: bool, fullscreen: bool, turn: int) -> list[tuple[str, str, str]]:
    whole = "1" if fullscreen and not offscreen else "0"
    return [
        ("kivy", "log_enable", "0"),
        ("kivy", "exit_on_escape", "0"),
        ("kivy", "desktop", "0"),
        ("kivy", "keyboard_mode", "system"),
        ("kivy", "pause_on_minimize", "0"),
        ("graphics", "width", str(panel.high if turn in (90, 270) else panel.wide)),
        ("graphics", "height", str(panel.wide if turn in (90, 270) else panel.high)),
        ("graphics", "rotation", str((360 - turn) % 360)),
        ("graphics", "fullscreen", whole),
        ("graphics", "borderless", whole),
        ("graphics", "resizable", "0"),
        ("graphics", "maxfps", "0"),
        ("graphics", "multisamples", "0"),
        ("graphics", "show_cursor", "1" if touchless() else "0"),
        ("graphics", "allow_screensaver", "0"),
        ("postproc", "double_tap_time", "0"),
        ("postproc", "triple_tap_time", "0"),
    ]


def touchless() -> bool:
    """Whether a pointer must show: there is a desktop with a mouse rather than a kiosk's bare panel."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def reads_the_panel(touch_device: str) -> bool:
    """Whether the fingers are ours to read: a panel is named, or there is no window system that would bring them."""
    return bool(touch_device) or os.environ.get("SDL_VIDEODRIVER") == "kmsdrm"
