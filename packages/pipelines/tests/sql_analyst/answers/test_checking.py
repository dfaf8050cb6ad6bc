"""Answers checked: what the rows bear out stays as it is, and what they do not is marked."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, strategies as st

from racto.pipelines.sql_analyst.answers import MARK, check_answer

ROWS = pl.DataFrame(
    {
        "customer": ["Acme", "Bolt 500", "Core"],
        "revenue": [Decimal("1234.50"), Decimal("3400000.00"), Decimal("-500.00")],
        "share": [0.125, 0.5, 0.375],
        "orders": [7, 19, 2],
        "day": [date(2024, 1, 31), date(2024, 2, 1), date(2023, 5, 17)],
        "at": [datetime(2024, 1, 31, 14, 5, tzinfo=UTC)] * 3,
    }
)
SUPPORTED = [
    "1,234.50",
    "1234.5",
    "1.234,50 €",
    "1 234,50",
    "1\u202f234,50",
    "1'234.50",
    "$1,234.50",
    "1.2k",
    "1,2k",
    "1.23K",
    "1,235",
    "$3.4M",
    "3.4 million",
    "3,4 Mio. Euro",
    "3,400,000",
    "3 400 000",
    "34,00,000",
    "3.4e6",
    "a loss of 500",
    "-500",
    "−500.00",
    "about 1,200",
    "over 3 million",
    "12.5 %",
    "12.5%",
    "12.5 percent",
    "50%",
    "0.125",
    "7 orders",
    "28 orders in all",
    "9.3 on average",
    "9.33 on average",
    "between 2 and 19",
    "2–19",
    "a range of 17",
    "12 more than Acme",
    "9.5x as many",
    "9.5 times as many",
    "67.9 % of all orders",
    "26 in the first two",
    "3 customers",
    "2024",
    "2023",
    "2024-01-31",
    "31.01.2024",
    "1/31/2024",
    "January 31, 2024",
    "Jan 31",
    "31 January 2024",
    "31st of January 2024",
    "January 2024",
    "2024-02",
    "14:05",
    "Bolt 500",
    "top 3",
    "the 2 largest",
    "the 3rd",
    "19kg",
    "Q4, H2, A1 and v2.0.17",
]
UNSUPPORTED = [
    "1,235.50",
    "1.3k",
    "4,400",
    "-1,234.50",
    "77 %",
    "13.5 %",
    "29 orders",
    "9.4 on average",
    "2019",
    "2024-03-31",
    "March 2024",
    "January 30, 2024",
    "15:05",
    "top 6",
    "the 8th",
    "$3.5M",
    "9.6x",
    "88kg",
    "USD 777",
    "EUR777",
]


@pytest.mark.parametrize("text", SUPPORTED)
def test_what_the_rows_bear_out_stays(text: str) -> None:
    checked = check_answer(text, ROWS)
    assert checked.text == text
    assert checked.is_supported


@pytest.mark.parametrize("text", UNSUPPORTED)
def test_what_they_do_not_bear_out_is_marked(text: str) -> None:
    checked = check_answer(f"There were {text} here.", ROWS)
    assert [number.source for number in checked.marked] == [""]
    assert checked.text.count(MARK) == 1


def test_the_report_lists_every_number() -> None:
    checked = check_answer("**7** orders and 99.", ROWS)
    assert [(number.text, number.value) for number in checked.numbers] == [("7", 7.0), ("99", 99.0)]
    assert checked.numbers[0].source == "cell of orders"
    assert checked.marked == checked.numbers[1:]
    assert checked.text == f"**7** orders and 99{MARK}."


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("**777**", "**777** ⚠"),
        ("***777***, so", "***777*** ⚠, so"),
        ("| a | 777 |", "| a | 777 ⚠ |"),
        ("777 %", "777 % ⚠"),
        ("(777)", "(777 ⚠)"),
        ("So 777. Then", "So 777 ⚠. Then"),
        ("_777_ and ~~888~~", "_777_ ⚠ and ~~888~~ ⚠"),
    ],
)
def test_markdown_stays_valid(answer: str, expected: str) -> None:
    assert check_answer(answer, ROWS).text == expected


@pytest.mark.parametrize(
    "answer",
    [
        "`777`",
        "``7 ` 77``",
        "```sql\nSELECT 777\n```",
        "~~~\n777\n```\n888\n~~~",
        "```\n777",
        "[see 777](http://a/888)",
        "![777](a_888.png)",
        "[a]: http://b/777",
        "<http://a/777>",
        "https://a.example/777?x=888",
        "me777@a.example",
        "<td width=777>",
        "1. one\n2. two\n9. nine",
        "> 4. quoted",
        "&#777;",
        "col_777 and Model-7X9",
    ],
)
def test_code_links_and_lists_are_left_alone(answer: str) -> None:
    checked = check_answer(answer, ROWS)
    assert checked.text == answer
    assert checked.numbers == ()


def test_numbers_of_the_question_and_of_names_may_be_repeated() -> None:
    frame = pl.DataFrame({"sales_2031": [1, 2]})
    assert check_answer("Above 888 in 2031", frame, question="What is above 888?").is_supported


def test_further_rows_bear_out_too() -> None:
    for more in (
        [{"x": 777}],
        pl.DataFrame({"x": [777.2]}),
        777,
        Decimal("777.4"),
        {"x": 777},
        [777],
    ):
        assert check_answer("777", ROWS, frames=[more, None, "text"]).is_supported
    assert check_answer("77,000 rows", ROWS, row_count=77_000).is_supported
    assert not check_answer("777", ROWS, frames=[None]).is_supported


def test_groups_bear_out() -> None:
    frame = pl.DataFrame({"team": ["A", "A", "B"] * 20, "pay": [float(at) for at in range(60)]})
    total = sum(at for at in range(60) if at % 3 == 2)
    answer = f"A has 40 people, B 20 (33.3 %), and B is paid {total:,}."
    assert check_answer(answer, frame).is_supported


def test_two_columns_of_a_row_bear_out() -> None:
    frame = pl.DataFrame({"revenue": [1000.0, 5000.0], "cost": [877.0, 1001.0]})
    assert check_answer("a profit of 123, and 3,999 (80 % of revenue)", frame).is_supported


def test_short_results_bear_out_changes() -> None:
    frame = pl.DataFrame({"year": [2023, 2024], "sales": [200, 250]})
    assert check_answer("Sales grew by 50, or 25 %, to 250 in 2024.", frame).is_supported
    assert not check_answer("Sales grew by 26 %.", frame).is_supported


@pytest.mark.parametrize("frame", [[], pl.DataFrame(), pl.DataFrame({"a": [None]}), [{"l": [1]}]])
def test_no_rows_bear_nothing_out(frame: Any) -> None:
    assert [number.text for number in check_answer("777", frame).marked] == ["777"]
    assert check_answer("no numbers", frame).numbers == ()


def _written(value: float, style: int) -> str:
    digits = abs(value)
    sign = "-" if value < 0 else ""
    plain = f"{digits:,.2f}"
    return (
        sign
        + [
            plain,
            f"{digits:.2f}",
            f"{digits:,.0f}",
            f"{digits:.1f}",
            plain.translate(str.maketrans(",.", ".,")),
            plain.replace(",", "\u202f"),
            plain.replace(",", "'"),
            f"${plain}",
            f"{plain} %",
            f"**{plain}**",
            f"{digits / 1e3:.2f}k",
            f"{digits / 1e6:.3f} million",
            f"{digits:.4e}",
        ][style]
    )


@given(
    st.lists(st.floats(-1e7, 1e7).map(lambda value: round(value, 2)), min_size=1, max_size=40),
    st.integers(0, 12),
    st.randoms(use_true_random=False),
)
def test_every_cell_passes_however_it_is_written(
    values: list[float], style: int, chance: random.Random
) -> None:
    value = chance.choice(values)
    answer = f"It is {_written(value, style)} here."
    assert check_answer(answer, pl.DataFrame({"n": values})).is_supported, answer


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=40),
    st.integers(10**6, 10**9),
    st.integers(0, 7),
)
def test_a_number_from_nowhere_is_marked(values: list[int], alien: int, style: int) -> None:
    # Nothing that follows from so small numbers is so large: their sum is at most 40,000.
    assume(alien % 1000)
    answer = f"It is {_written(alien, style)} here."
    checked = check_answer(answer, pl.DataFrame({"n": values, "t": ["x"] * len(values)}))
    assert len(checked.marked) == 1, answer


@given(st.dates(date(1900, 1, 1), date(2100, 12, 28)), st.integers(0, 5))
def test_dates_pass_and_their_neighbours_do_not(day: date, style: int) -> None:
    def written(value: date) -> str:
        return [
            value.isoformat(),
            f"{value:%B} {value.day}, {value.year}",
            f"{value.day} {value:%b} {value.year}",
            f"{value:%d.%m.%Y}",
            f"{value:%m/%d/%Y}",
            f"{value:%B} {value.year}",
        ][style]

    frame = pl.DataFrame({"day": [day]})
    assert check_answer(f"On {written(day)}.", frame).is_supported
    other = day + timedelta(days=2600)
    assert len(check_answer(f"On {written(other)}.", frame).marked) == 1


@given(st.text(max_size=200))
def test_any_text_comes_back_as_it_was_but_for_marks(text: str) -> None:
    assume(MARK not in text)
    checked = check_answer(text, ROWS)
    assert checked.text.replace(MARK, "") == text
    assert checked.text.count(MARK) == len(checked.marked)


@given(
    st.from_regex(r"(about |-|\$)?[0-9][0-9.,' ]{0,40}(e[0-9]{1,4}|k|%| million)?", fullmatch=True)
)
def test_no_number_is_too_odd_to_be_read(text: str) -> None:
    assert check_answer(text, ROWS).text.replace(MARK, "") == text


def test_numbers_beyond_floats_are_marked() -> None:
    answer = f"about 1{'0' * 500}, {'9' * 5000} and 1e9999"
    assert len(check_answer(answer, ROWS).marked) == 3


RATES = pl.DataFrame({"segment": ["A", "B"], "churn_rate": [0.0834, 0.1251]})


@pytest.mark.parametrize(
    "answer",
    [
        "B lies 4.17 percentage points above A.",
        "B lies 4.2 pp above A.",
        "Churn is 10.4% on average.",
        "The median is 10.43 %.",
    ],
)
def test_shares_are_compared_in_per_cent(answer: str) -> None:
    assert check_answer(answer, RATES).is_supported


@pytest.mark.parametrize("answer", ["B lies 5.17 points above A.", "Churn is 11.4% on average."])
def test_wrong_shares_are_marked_all_the_same(answer: str) -> None:
    assert not check_answer(answer, RATES).is_supported


def test_no_id_bears_a_percentage_out() -> None:
    rows = pl.DataFrame({"order_id": list(range(1, 301)), "amount": [1.5] * 300})
    assert not check_answer("17% of the orders failed.", rows).is_supported
    assert check_answer("Order 17 came to 1.50.", rows).is_supported


def test_shares_of_two_columns_and_their_sums() -> None:
    rows = pl.DataFrame(
        {"s": ["A", "B", "C"], "before": [0.1, 0.22, 0.3], "after": [0.15, 0.2, 0.36]}
    )
    for right in ("A rose by 5 percentage points.", "The two largest hold 56%.", "All hold 71%."):
        assert check_answer(right, rows).is_supported, right
    for wrong in ("A rose by 7 percentage points.", "The two largest hold 57.3%."):
        assert not check_answer(wrong, rows).is_supported, wrong


@pytest.mark.parametrize("word", ["million", "billions", "thousand"])
def test_a_full_stop_is_no_part_of_a_number(word: str) -> None:
    checked = check_answer(f"Revenue was 99.7 {word}. More", RATES)
    assert checked.text == f"Revenue was 99.7 {word}{MARK}. More"
