"""The API keeps what its document says: schemathesis reads the document and tries it on a running house, right and wrong calls alike.

All its checks are on. The same cases every time, so a red line means that the change is wrong.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.domain.access import ROUTES
from server.web.api.v1.document import described
from tests.server.web.api.programs import book, booking_house, key_for, program

CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[generation]
deterministic = true

[parameters]
"path.centre" = "york-house"
"path.service" = "council-tax"
"path.reference" = "{reference}"
"""
"""What is well formed and cannot be done (422) is told apart from what is malformed (400), which a call that keeps to the document never is."""


def test_the_house_does_what_its_document_says(tmp_path: Path) -> None:
    with booking_house(str(tmp_path)) as (house, _hands):
        _, token = key_for(house, "read", "book", "names")
        made = book(program(house, "book"))
        (tmp_path / "schemathesis.toml").write_text(CONFIG.format(reference=made["reference"]))
        words = "--phases examples,coverage,fuzzing,stateful --max-examples 5 --checks all --no-color"
        tried = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"),
                *(f"{house.url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {token}", *words.split()),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert tried.returncode == 0, tried.stdout[-6000:] + tried.stderr[-2000:]
    assert "12 selected / 12 total" in tried.stdout
    assert "Stateful" in tried.stdout


def test_the_document_has_every_operation_and_no_page() -> None:
    told = {
        (method.upper(), path) for path, operations in described()["paths"].items() for method in operations
    }
    served = {(method, path) for method, path in ROUTES if path.startswith("/api/v1/")}
    assert told == served - {("GET", "/api/v1/openapi.json")}


def test_every_operation_says_how_it_may_be_refused_and_shows_an_example() -> None:
    document = described()
    shapes = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            refusals = {status for status in operation["responses"] if status >= "4"}
            assert {"400", "401", "403", "429", "503"} <= refusals, where
            for status in refusals:
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"], where
            assert operation["description"], where
            for shape in _shapes_of(operation):
                assert shapes[shape].get("examples"), f"{where}: {shape}"
            for parameter in operation.get("parameters", ()):
                assert parameter.get("description"), f"{where}: {parameter['name']}"
            if method == "post":
                assert "Idempotency-Key" in {each["name"] for each in operation["parameters"]}, where


def _shapes_of(operation: dict[str, object]) -> set[str]:
    marker = "#/components/schemas/"
    return {part.split('"')[0] for part in json.dumps(operation).split(marker)[1:]}


@pytest.mark.parametrize("named", ["HTTPValidationError", "ValidationError"])
def test_nothing_of_the_framework_is_told(named: str) -> None:
    assert named not in json.dumps(described())
