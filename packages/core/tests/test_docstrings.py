"""Descriptions are found in the three docstring styles, and only in parameter sections."""

from __future__ import annotations

import pytest

from racto.core.docstrings import parse_docstring

GOOGLE = """Find a flight.

    Note: prices change.

    Args:
        origin (str, optional): Where it starts,
            as an airport code.
        *stops: Places between.
        day:
            The day: any of seven.

    Returns:
        price: The price.
    """

NUMPY = """Find a flight.

    Parameters
    ----------
    origin : str
        Where it starts,
        as an airport code.
    day, hour : int, optional
        When it starts.

    Returns
    -------
    price : float
        The price.
    """

SPHINX = """Find a flight.

    :param origin: Where it starts,
        as an airport code.
    :param int day: The day: any of seven.
    :type day: int
    :returns: The price.
    """


def test_google_style() -> None:
    parsed = parse_docstring(GOOGLE)
    assert parsed.summary == "Find a flight."
    assert parsed.parameters == {
        "origin": "Where it starts, as an airport code.",
        "stops": "Places between.",
        "day": "The day: any of seven.",
    }


def test_numpy_style() -> None:
    assert parse_docstring(NUMPY).parameters == {
        "origin": "Where it starts, as an airport code.",
        "day": "When it starts.",
        "hour": "When it starts.",
    }


def test_sphinx_style() -> None:
    parsed = parse_docstring(SPHINX)
    assert parsed.parameters == {
        "origin": "Where it starts, as an airport code.",
        "day": "The day: any of seven.",
    }


def test_words_with_a_colon_outside_a_section_describe_nothing() -> None:
    assert parse_docstring("Pay.\n\nWarning: amount: is in cents.").parameters == {}


@pytest.mark.parametrize("text", [None, "", "   ", "Args:\n    x: A number."])
def test_no_summary(text: str | None) -> None:
    assert parse_docstring(text).summary == ""


def test_a_summary_of_two_lines_becomes_one() -> None:
    assert parse_docstring("Get the\n    weather.\n\n    More.").summary == "Get the weather."


def test_sphinx_fields_right_below_the_summary() -> None:
    parsed = parse_docstring("Pay.\n:param x: A number.\n:param y: Another.")
    assert parsed.summary == "Pay."
    assert parsed.parameters == {"x": "A number.", "y": "Another."}
