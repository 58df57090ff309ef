"""The council's list of addresses, however the file writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.domain.gazetteer import Line, chunks, read_gazetteer, written_under

INVENTED = Path(__file__).parents[3] / "demo" / "invented-addresses.csv"


def lines(text: str) -> list[Line]:
    found = read_gazetteer(text.encode())
    assert not found.fault
    return found.lines


def test_one_column_with_the_whole_address() -> None:
    text = 'UPRN,Single Line Address,Postcode\n0012,"12, EXAMPLE ROAD, LEICESTER, LE1 6RN",le16rn\n'
    assert lines(text) == [Line("12", "LE16RN", "12 Example Road, Leicester")]


def test_the_address_in_its_parts() -> None:
    text = (
        "\ufeffuprn;SUB_BUILDING_NAME;BUILDING_NUMBER;THOROUGHFARE_NAME;POST_TOWN;POSTCODE\r\n"
        "7;FLAT 2;14;HIGH STREET;LEICESTER;LE1 6RN\r\n"
        "8;;16;O'NEIL'S WAY;BARTON UNDER NEEDWOOD;LE1 6RN\r\n"
    )
    assert [each.line for each in lines(text)] == [
        "Flat 2, 14 High Street, Leicester",
        "16 O'Neil's Way, Barton under Needwood",
    ]


def test_older_systems_write_windows_1252_and_tabs() -> None:
    found = read_gazetteer("UPRN\tAddress\tPostcode\n5\t1 Café Row, Leicester\tLE1 6RN\n".encode("cp1252"))
    assert [each.line for each in found.lines] == ["1 Café Row, Leicester"]


def test_what_is_in_ordinary_writing_stays_as_it_is() -> None:
    assert [each.line for each in lines('UPRN,Address,Postcode\n1,"BP Garage, McDonald Way",LE1 6RN\n')] == [
        "BP Garage, McDonald Way"
    ]


def test_what_nobody_lives_at_is_passed_over_and_counted() -> None:
    text = "UPRN,Address,Postcode\n1,1 A Road,LE1 6RN\n2,Mast,\n,3 A Road,LE1 6RN\nx,4 A Road,LE1 6RN\n5,,LE1 6RN\n1,1 A Road,LE1 6RN\n6\n"
    found = read_gazetteer(text.encode())
    assert [each.uprn for each in found.lines] == ["1"]
    assert (found.passed_over, found.twice) == (5, 1)


def test_they_stand_street_by_street_and_2_before_10() -> None:
    said = ["10 B Road", "2 B Road", "2a B Road", "Flat 1, 2 B Road", "7 A Road", "The Mill, A Road"]
    text = "UPRN,Address,Postcode\n" + "".join(f'{n},"{each}",LE1 6RN\n' for n, each in enumerate(said, 1))
    assert [each.line for each in lines(text)] == [
        "7 A Road",
        "2 B Road",
        "Flat 1, 2 B Road",
        "2a B Road",
        "10 B Road",
        "The Mill, A Road",
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "The first line names no column for the UPRN and the postcode."),
        (b"UPRN,Address\n1,a\n", "The first line names no column for the postcode. It says: UPRN, Address."),
        (b"UPRN,Postcode\n1,LE1 6RN\n", "The first line names no column for the address."),
        (
            b"UPRN,Address,Postcode\n1,a,nowhere\n",
            "No line of the file has a UPRN, a whole postcode and an address.",
        ),
        (b"PK\x03\x04zip", "This is a workbook or a ZIP file. Save it as CSV and choose that."),
        (b"\x00\x01\x02", "This is not a CSV file: it is no text."),
        (
            b'UPRN,Address,Postcode\n1,"' + b"a" * 200_000 + b'",LE1 6RN\n',
            "This is not a CSV file: field larger than",
        ),
    ],
)
def test_a_file_of_which_nothing_can_be_used_is_told_why(content: bytes, fault: str) -> None:
    found = read_gazetteer(content)
    assert found.fault.startswith(fault)
    assert found.lines == []


def test_the_demonstrations_list_is_whole_and_invented() -> None:
    found = read_gazetteer(INVENTED.read_bytes())
    assert (len(found.lines), found.passed_over, found.twice) == (300, 0, 0)
    assert len({each.postcode for each in found.lines}) == 15
    assert {each.uprn[:3] for each in found.lines} == {"990"}


def test_an_address_is_written_in_three_lines_at_most() -> None:
    assert written_under("Flat 2, The Mill, 14 High Street, Leicester") == (
        "Flat 2",
        "The Mill, 14 High Street",
        "Leicester",
    )
    assert written_under("14 High Street") == ("14 High Street",)
    assert [(start, len(piece)) for start, piece in chunks([Line("1", "", "")] * 5, 2)] == [
        (0, 2),
        (2, 2),
        (4, 1),
    ]
