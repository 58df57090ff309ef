"""What marks an act, an event or an effect as belonging to one of the parts of the journey that have rooms of their own: the scan station, the
forms, finding things, and saying how the visit was (`kiosk.flow.parts`). The journey hands each on to its part by its mark and needs to know no more of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class PartAct:
    """What a finger asks for within a part. `quick` for keys: many, alike, and staying where they are (`guard`)."""

    quick: ClassVar[bool] = False


@dataclass(frozen=True)
class ScanAct(PartAct):
    pass


@dataclass(frozen=True)
class FormAct(PartAct):
    pass


@dataclass(frozen=True)
class FindAct(PartAct):
    pass


@dataclass(frozen=True)
class RateAct(PartAct):
    pass


@dataclass(frozen=True)
class ScanEvent:
    """What the runner tells the scan station's part."""


@dataclass(frozen=True)
class FormEvent:
    pass


@dataclass(frozen=True)
class FindEvent:
    pass


@dataclass(frozen=True)
class RateEvent:
    pass


@dataclass(frozen=True)
class ScanEffect:
    """What the scan station's part wants done."""


@dataclass(frozen=True)
class FormEffect:
    pass


@dataclass(frozen=True)
class FindEffect:
    pass


@dataclass(frozen=True)
class RateEffect:
    pass
