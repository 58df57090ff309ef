"""python-escpos, imported in a tenth of the time and without litter.

Its table of printer models is JSON that it reads with a YAML parser written in Python: half a second on a
desk machine, two and more on a small one, at every start of a kiosk. It takes a pickle instead where it finds
one; so one is made from the same file (a few milliseconds), shown to it while it is imported, and removed
again. It also makes a temporary folder at each import and leaves it: that goes the same way.

Nothing else imports `escpos` directly.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SETTING = "ESCPOS_CAPABILITIES_PICKLE_DIR"


@contextmanager
def _models_at_hand() -> Iterator[None]:
    spec = importlib.util.find_spec("escpos")
    if spec is None or spec.origin is None or _SETTING in os.environ:
        yield
        return
    models = json.loads((Path(spec.origin).parent / "capabilities.json").read_text(encoding="utf-8"))
    usual = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="escpos-") as room:
        (Path(room) / f"{platform.python_version()}.capabilities.pickle").write_bytes(pickle.dumps(models))
        os.environ[_SETTING] = tempfile.tempdir = room
        try:
            yield
        finally:
            tempfile.tempdir = usual
            del os.environ[_SETTING]


with _models_at_hand():
    from escpos.capabilities import NotSupported, get_profile
    from escpos.exceptions import Error as EscposError
    from escpos.printer import Network, Serial, Usb

__all__ = ["EscposError", "Network", "NotSupported", "Serial", "Usb", "get_profile"]
