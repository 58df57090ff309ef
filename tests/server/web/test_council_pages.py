"""Every page a visitor sees on a screen of their own leads to the council's privacy notice and accessibility statement; a tablet by the door leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.settings import Settings
from tests.server.web.booked_house import copied
from tests.server.web.rehearsal import Served, serving
from tests.server.web.test_rating import PAGE
from wire.vocabulary import Language

PRIVACY, ACCESS = "https://www.york.example.gov.uk/privacy", "https://www.york.example.gov.uk/accessibility"


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(
        copied(sqlite_template, tmp_path_factory), privacy_notice=PRIVACY, accessibility_statement=ACCESS
    ) as running:
        yield running


def links(text: str) -> dict[str, str]:
    (block,) = re.findall(r'<ul class="council">(.*?)</ul>', text, re.S)
    return dict(re.findall(r'<a class="govuk-link" href="([^"]+)"[^>]*>([^<]+)</a>', block))


def test_each_kind_of_visitors_page_leads_to_both(house: Served) -> None:
    _, _, secret = house.visitor("housing", language=Language.PL)
    client = house.client()
    for path in (
        "/book?lang=pl",
        "/forms?lang=pl",
        "/online?lang=pl",
        "/what-became-of-it?lang=pl",
        f"{PAGE}?lang=pl",
        f"/t/{secret}",
    ):
        answer = client.get(path, follow_redirects=True)
        assert links(answer.text) == {
            PRIVACY: "Informacja o prywatności",
            ACCESS: "Deklaracja dostępności",
        }, path


def test_a_tablet_by_the_door_leads_nowhere(house: Served) -> None:
    assert "example.gov.uk" not in house.client().get(f"{PAGE}?stay=1").text


def test_what_is_not_set_is_no_link(served: Served) -> None:
    assert 'class="council"' not in served.client().get("/book").text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "www.york.example.gov.uk", 'https://a"b'])
def test_only_an_address_of_the_web_is_taken(address: str) -> None:
    with pytest.raises(ValueError, match="privacy_notice"):
        Settings(privacy_notice=address)
