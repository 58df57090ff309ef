"""Ways to get a picture on a screen, each with less beneath it than the kiosk has: tried in order until one works.

1. In a window system (a desk, a test, a screen under a compositor): SDL by its C interface, which Kivy's package brings along.
2. The kernel's **framebuffer**: a file. It is there on a Raspberry Pi under the usual graphics driver whenever no program holds the graphics.
3. SDL again, straight on the graphics, where a system has no framebuffer.
4. The **console**: words only, in the letters every console has.

Each `show` answers what keeps the picture there (to be closed before the kiosk is tried), or raises `Cannot` with the reason for the log.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import fcntl
import os
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from kiosk.safepage.picture import Picture

Choose = Callable[[int, int], Picture]
"""The picture that suits a screen of this width and height."""
FRAMEBUFFER = Path("/dev/fb0")
GRAPHICS = Path("/sys/class/graphics/fb0")
CONSOLE = Path("/dev/tty1")
KDSETMODE, KD_TEXT, KD_GRAPHICS = 0x4B3A, 0, 1
FBIOGET_VSCREENINFO, VSCREENINFO = 0x4600, "40I"
"""`struct fb_var_screeninfo`: width and height that are seen, those of the memory, where in it what is seen begins, bits of a dot, ..."""


class Cannot(Exception):
    """This way is not open here."""


class Held:
    """Something on a screen. `pump` must be called now and then; `close` lets go. `kept` is memory that the screen is drawn from: C holds its
    address and Python would free it."""

    def __init__(
        self, close: Callable[[], None], pump: Callable[[], None] = lambda: None, kept: object = None
    ) -> None:
        self.close, self.pump, self._kept = close, pump, kept


# The framebuffer --------------------------------------------------------------------------------------------


def _low(grey: int) -> int:
    return ((grey >> 2) << 5 | grey >> 3) & 0xFF


def _high(grey: int) -> int:
    return ((grey >> 3) << 3 | grey >> 5) & 0xFF


LOW, HIGH = bytes(map(_low, range(256))), bytes(map(_high, range(256)))
"""A grey dot in the two bytes of a 16-bit screen (5, 6 and 5 bits)."""


def framebuffer(
    choose: Choose, device: Path = FRAMEBUFFER, facts: Path = GRAPHICS, console: Path = CONSOLE
) -> Held:
    quiet = _quiet(console)  # first: text that still scrolls may move what is seen
    try:
        stride = int((facts / "stride").read_text())
        with device.open("r+b", buffering=0) as out:
            left, top, wide, high, bits = _seen(out.fileno(), facts)
            if (
                bits not in (16, 24, 32)
                or not 0 < (left + wide) * bits // 8 <= stride
                or min(wide, high) <= 0
            ):
                raise Cannot(f"a framebuffer of {wide} by {high} dots and {bits} bits is not known")
            picture = choose(wide, high).fitted(wide, high)
            for place, dots in strokes(picture, left, top, stride, bits):
                done = 0
                while done < len(dots):
                    out.seek(place + done)
                    done += out.write(dots[done:])
    except (OSError, ValueError, Cannot) as error:
        quiet()
        raise Cannot(f"there is no framebuffer for it: {error}") from error
    return Held(quiet)


def _seen(device: int, facts: Path) -> tuple[int, int, int, int, int]:
    """From which dot on how many are seen, and their bits. The memory may be larger than the screen, which then looks at a part of it."""
    told = bytearray(struct.calcsize(VSCREENINFO))
    try:
        fcntl.ioctl(device, FBIOGET_VSCREENINFO, told)
    except OSError:  # no device of the kernel's own: all there is of it is seen
        wide, high = (int(each) for each in (facts / "virtual_size").read_text().split(","))
        return 0, 0, wide, high, int((facts / "bits_per_pixel").read_text())
    wide, high, _, _, left, top, bits = struct.unpack(VSCREENINFO, told)[:7]
    return left, top, wide, high, bits


def strokes(picture: Picture, left: int, top: int, stride: int, bits: int) -> Iterator[tuple[int, bytes]]:
    """What is written where. A picture as wide as the memory goes there at once: of a write that is one whole line, no more and no less, Linux (6.1 at
    least) takes nothing over to the screen where it keeps the memory apart from it.
    """
    lines = [_line(picture.row(y), bits) for y in range(picture.height)]
    if left == 0 and len(lines[0]) == stride:
        lines = [b"".join(lines)]
    for y, line in enumerate(lines):
        yield (top + y) * stride + left * bits // 8, line


def _line(row: bytes, bits: int) -> bytes:
    size = bits // 8
    line = bytearray(len(row) * size)
    if size == 2:
        line[0::2], line[1::2] = row.translate(LOW), row.translate(HIGH)
    else:
        for place in range(3):
            line[place::size] = row
        if size == 4:
            line[3::4] = b"\xff" * len(row)
    return bytes(line)


def _quiet(console: Path) -> Callable[[], None]:
    """Keep the kernel's own text and cursor off the picture, as far as we may."""
    try:
        descriptor = os.open(console, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return lambda: None
    with contextlib.suppress(OSError):
        fcntl.ioctl(descriptor, KDSETMODE, KD_GRAPHICS)

    def again() -> None:
        with contextlib.suppress(OSError):
            fcntl.ioctl(descriptor, KDSETMODE, KD_TEXT)
        os.close(descriptor)

    return again


# SDL --------------------------------------------------------------------------------------------------------


class _Mode(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_uint32),
        ("w", ctypes.c_int),
        ("h", ctypes.c_int),
        ("refresh_rate", ctypes.c_int),
        ("driverdata", ctypes.c_void_p),
    )


VIDEO, FULLSCREEN, GREY_MASKS = 0x20, 0x1001, (0xFF0000, 0xFF00, 0xFF, 0)
EVENT_BYTES = 128


def _libraries() -> Iterator[str]:
    if found := ctypes.util.find_library("SDL2-2.0") or ctypes.util.find_library("SDL2"):
        yield found
    for folder in sys.path:
        yield from (str(each) for each in sorted(Path(folder or ".").glob("[Kk]ivy.libs/libSDL2-2*")))


def _sdl() -> ctypes.CDLL:
    for name in _libraries():
        try:
            sdl = ctypes.CDLL(name)
            for pointer in ("SDL_CreateWindow", "SDL_GetWindowSurface", "SDL_CreateRGBSurfaceFrom"):
                getattr(sdl, pointer).restype = ctypes.c_void_p
            sdl.SDL_GetError.restype = ctypes.c_char_p
        except (OSError, AttributeError):  # it is not there, or half of it
            continue
        return sdl
    raise Cannot("there is no SDL")


def sdl(choose: Choose) -> Held:
    library = _sdl()

    def failed(what: str) -> Cannot:
        why = (library.SDL_GetError() or b"").decode(errors="replace")
        library.SDL_Quit()
        return Cannot(f"SDL could not {what}: {why}")

    if library.SDL_InitSubSystem(VIDEO) != 0:
        raise failed("begin")
    mode = _Mode()
    if library.SDL_GetCurrentDisplayMode(0, ctypes.byref(mode)) != 0:
        raise failed("find a screen")
    wide, high = mode.w, mode.h
    window = library.SDL_CreateWindow(b"Foyer", 0, 0, wide, high, FULLSCREEN)
    if not window:
        raise failed("open a window")
    library.SDL_ShowCursor(0)
    grey = choose(wide, high).fitted(wide, high)
    dots = ctypes.create_string_buffer(_line(grey.dots, 32), wide * high * 4)
    source = library.SDL_CreateRGBSurfaceFrom(
        dots, wide, high, 32, wide * 4, *map(ctypes.c_uint32, GREY_MASKS)
    )
    event = ctypes.create_string_buffer(EVENT_BYTES)

    def draw() -> bool:
        surface = ctypes.c_void_p(library.SDL_GetWindowSurface(ctypes.c_void_p(window)))
        drawn = library.SDL_UpperBlit(ctypes.c_void_p(source), None, surface, None)
        return bool(drawn == 0 and library.SDL_UpdateWindowSurface(ctypes.c_void_p(window)) == 0)

    def pump() -> None:
        while library.SDL_PollEvent(event):
            pass  # whoever asks to close it: it stays
        draw()

    if not source or not draw():
        raise failed("draw")

    def close() -> None:
        library.SDL_FreeSurface(
            ctypes.c_void_p(source)
        )  # SDL_Quit leaves it: one for each time the kiosk is tried
        library.SDL_Quit()

    return Held(close, pump, kept=dots)


# The console ------------------------------------------------------------------------------------------------


def console(words: str, device: Path = CONSOLE) -> Held:
    try:
        with device.open("w", encoding="utf-8", errors="replace") as out:
            out.write(f"\033[2J\033[H\033[?25l\n\n{words}\n")
    except OSError as error:
        raise Cannot(f"the console cannot be written: {error}") from error
    return Held(lambda: None)
