"""Which release of Foyer this is: said in reports of health, on the page of the house, in backups and metrics.

Foyer is not installed as a package, so no package index of the environment knows it. A release that was installed has its name beside its code
(`RELEASE.json`, written when it is whole); a clone has the number its project file gives.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


@cache
def release() -> str:
    """Such as `0.1.0` or `0.1.0+37.1a2b3c4`; empty where neither file can be read."""
    return release_in(_ROOT)


def release_in(root: Path) -> str:
    """The release whose code lies in `root`."""
    try:
        return str(json.loads((root / "RELEASE.json").read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        return str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
