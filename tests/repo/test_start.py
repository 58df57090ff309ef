"""What the server may not load when it starts: a killed one must be back before a visitor notices, in little memory.

Each of these is for something that is seldom asked for, and is loaded then (the place says so). Measured together they were 600 modules, half a
second and 60 MB of every start.
"""

from __future__ import annotations

import subprocess
import sys

SELDOM = {
    "PIL": "pictures that visitors send",
    "aiosmtpd": "tests",
    "alembic": "databases of an older release",
    "asyncssh": "teams served by SFTP",
    "cryptography": "papers that are handed in",
    "cv2": "scan stations",
    "httpx": "Ordnance Survey's addresses",
    "icalendar": "calendars",
    "img2pdf": "papers that are bound, in a process of their own",
    "jsonschema": "forms that somebody wrote",
    "notifications_python_client": "messages by Notify",
    "numpy": "estimates, from the first desk that is open",
    "ocrmypdf": "papers that are read, in a process of their own",
    "openpyxl": "tests",
    "phonenumbers": "numbers that somebody types",
    "pikepdf": "pages that staff move about",
    "prometheus_client": "whoever reads the figures of the server",
    "psutil": "measuring",
    "psycopg": "PostgreSQL",
    "pygments": "nothing: Rich would load it",
    "qrcode": "sheets for visitors",
    "rapidfuzz": "visitors who look for something in their own words",
    "requests": "messages by Notify",
    "rich": "nothing: structlog loads it to paint, where it is there",
    "sentry_sdk": "faults that are told, where an address is set",
    "simpy": "benchmarks",
    "sqlalchemy.dialects.postgresql": "PostgreSQL; say of which rows an index is by `server.store.types.only`",
    "typer": "the command line",
    "weasyprint": "reports as PDF, in a process of their own",
    "xlsxwriter": "reports as workbooks",
    "yaml": "forms",
}


def test_the_server_starts_without_what_is_seldom_needed() -> None:
    loading = "import sys, server.serve; from server import logs; logs.set_up(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loading], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"fastapi", "server", "structlog"} <= loaded
    found = {name: why for name, why in SELDOM.items() if name in loaded}
    assert not found, f"load it where it is used, not at the start; each is for: {found}"


def test_the_first_estimate_does_not_load_dice_of_its_own() -> None:
    """NumPy's are 7 MB, for 400,000 numbers once."""
    looking = "import sys; from server.domain.waiting import futures; futures.chances(6); print('numpy' in sys.modules, 'numpy.random' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", looking], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
