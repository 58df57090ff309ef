"""What is refused of purposes, teams, portals and forms in a centre's file: each mistake by its line, in words one can act on."""

from __future__ import annotations

import pytest

from server.centrefile import CentrePlan, read
from server.domain.handing import TeamWay, purposes

BEFORE = """slug = "a"
name = "A"
languages = ["en", "ur"]
wait_here.en = "Here."
[[service]]
slug = "help"
names.en = "Help"
"""


def mistakes(text: str) -> list[str]:
    found = read(BEFORE + text)
    return [] if isinstance(found, CentrePlan) else [each.reason for each in found]


def test_a_purpose_needs_a_name_in_english_and_a_team_and_service_that_are_there() -> None:
    text = """[[purpose]]
slug = "housing"
names.ur = "x"
team = "nobody"
service = "nothing"
keep_days = 400
"""
    assert mistakes(text) == [
        "'names' has no English. Add names.en = \"...\"",
        "There is no [[team]] with the slug 'nobody'.",
        "There is no [[service]] with the slug 'nothing'.",
        "'keep_days' must be a whole number from 0 to 366, without quotes.",
    ]


@pytest.mark.parametrize(
    ("way", "address", "fine"),
    [
        ("list", "", True),
        ("list", "housing", False),
        ("folder", "housing/incoming", True),
        ("folder", "", False),
        ("folder", "../secrets", False),
        ("folder", "/etc", False),
        ("folder", "housing/../../etc", False),
        ("sftp", "sftp://foyer@files.example.org/in", True),
        ("sftp", "sftp://foyer:secret@files.example.org/in", False),
        ("sftp", "sftp://files.example.org/in", False),
        ("sftp", "sftp://foyer@files.example.org:999999/in", False),
        ("webhook", "https://case.example.org/in", True),
        ("webhook", "http://case.example.org/in", False),
        ("webhook", "javascript:alert(1)", False),
        ("email", "housing@example.org", True),
        ("email", "housing", False),
    ],
)
def test_a_teams_address_is_judged_by_how_it_is_reached(way: str, address: str, fine: bool) -> None:
    text = f'[[team]]\nslug = "t"\nname = "Team"\nway = "{way}"\n' + (
        f'address = "{address}"\n' if address else ""
    )
    found = read(BEFORE + text)
    assert isinstance(found, CentrePlan) == fine, found
    if isinstance(found, CentrePlan):
        assert found.teams[0].way is TeamWay(way)


def test_papers_go_along_by_e_mail_only() -> None:
    text = '[[team]]\nslug = "t"\nname = "T"\nway = "folder"\naddress = "t"\nattach = true\n'
    assert mistakes(text) == ["Only e-mail can carry the papers themselves: take this out."]


@pytest.mark.parametrize(
    "url",
    ["www.example.org", "http://www.example.org/vote", "javascript:alert(1)", "https://", "https://a b", ""],
)
def test_a_page_elsewhere_has_a_whole_address(url: str) -> None:
    assert mistakes(f'[[portal]]\nslug = "p"\nnames.en = "P"\nurl = "{url}"\n')


def test_two_of_one_name_are_told_of_the_second() -> None:
    text = '[[form]]\nslug = "f"\n[[form]]\nslug = "f"\n'
    assert mistakes(text) == ["Another form has the slug 'f' already."]


def test_what_a_later_version_wrote_besides_is_passed_over() -> None:
    kept = {"purposes": [{"slug": "a", "names": {"en": "A"}, "colour": "red"}]}
    assert [each.slug for each in purposes(kept)] == ["a"]
