"""Put first on a child's PYTHONPATH, this guards it like the test that started it (see
`tests/support/loopback.py`).
"""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).resolve().parent.parent / "loopback.py"))["stay_on_this_machine"]()
