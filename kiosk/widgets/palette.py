"""The colours: one calm set, one for more contrast. Every pair that carries text stands at 7:1 or more, in both.

Names say what a colour is for, never which it is. Edges of what can be touched stand at 3:1 or more against what is around
them (WCAG 2.2, 1.4.11). Nothing is told by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

Rgba = tuple[float, float, float, float]


def _hex(code: str, alpha: float = 1.0) -> Rgba:
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue, alpha


@dataclass(frozen=True)
class Palette:
    back: Rgba
    card: Rgba
    ink: Rgba
    soft: Rgba
    """Text of second rank; still 7:1 on `back`, `card` and `resting`."""
    edge: Rgba
    main: Rgba
    """The one thing most people will want, and headings."""
    on_main: Rgba
    band: Rgba
    on_band: Rgba
    """The strip with the centre's name."""
    chip: Rgba
    icon: Rgba
    told: Rgba
    """A notice: something is not as usual."""
    on_told: Rgba
    resting: Rgba
    """What cannot be touched just now."""
    pressed: Rgba
    on_pressed: Rgba
    focus: Rgba
    scrim: Rgba
    alarm: Rgba
    on_alarm: Rgba
    """The whole screen, when everyone must leave the building."""
    paper: Rgba = (1.0, 1.0, 1.0, 1.0)
    on_paper: Rgba = (0.0, 0.0, 0.0, 1.0)
    """For the QR, which phones read dark on light only."""


CALM = Palette(
    back=_hex("f3f0e9"),
    card=_hex("ffffff"),
    ink=_hex("14202a"),
    soft=_hex("36434d"),
    edge=_hex("76828a"),
    main=_hex("0b4a4a"),
    on_main=_hex("ffffff"),
    band=_hex("0b4a4a"),
    on_band=_hex("ffffff"),
    chip=_hex("dcebe8"),
    icon=_hex("0b4a4a"),
    told=_hex("ffefc7"),
    on_told=_hex("3b2b00"),
    resting=_hex("e9e5db"),
    pressed=_hex("0b4a4a"),
    on_pressed=_hex("ffffff"),
    focus=_hex("b4530a"),
    scrim=_hex("14202a", 0.6),
    alarm=_hex("8f0b0b"),
    on_alarm=_hex("ffffff"),
)

STRONG = Palette(
    back=_hex("000000"),
    card=_hex("000000"),
    ink=_hex("ffffff"),
    soft=_hex("ffffff"),
    edge=_hex("ffffff"),
    main=_hex("ffe600"),
    on_main=_hex("000000"),
    band=_hex("000000"),
    on_band=_hex("ffffff"),
    chip=_hex("000000"),
    icon=_hex("ffe600"),
    told=_hex("000000"),
    on_told=_hex("ffe600"),
    resting=_hex("000000"),
    pressed=_hex("ffffff"),
    on_pressed=_hex("000000"),
    focus=_hex("00e5ff"),
    scrim=_hex("000000", 0.75),
    alarm=_hex("8f0b0b"),
    on_alarm=_hex("ffffff"),
)
