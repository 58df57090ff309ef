"""What a device says of itself is bounded: a number nobody can reckon with would break the staff's page for everybody."""

import pytest

from wire import frames


@pytest.mark.parametrize("field", ["held", "set_aside", "clock_off_ms"])
@pytest.mark.parametrize("number", ["1" + "0" * 16, "9" * 4000, "-" + "9" * 4000])
def test_numbers_beyond_all_counting_are_not_understood(field: str, number: str) -> None:
    ask = f'{{"type":"ask","id":"{"a" * 32}","body":{{"do":"health","{field}":{number}}}}}'
    with pytest.raises(frames.Malformed):
        frames.read_client_frame(ask)


def test_a_calendar_nine_thousand_years_off_is_understood() -> None:
    ask = f'{{"type":"ask","id":"{"a" * 32}","body":{{"do":"health","clock_off_ms":-{9000 * 366 * 86_400_000}}}}}'
    assert isinstance(frames.read_client_frame(ask), frames.Ask)
