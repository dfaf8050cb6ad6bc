"""Lines end where a line feed stands, and nowhere else."""

from __future__ import annotations

import json

from hypothesis import given, strategies as st

from racto.testing.openai.json_lines import json_lines

VALUES = st.dictionaries(st.text(), st.text() | st.integers() | st.none())


@given(st.lists(VALUES), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_what_is_written_a_line_each_is_read(values: list[object], end: str) -> None:
    content = "".join(json.dumps(value, ensure_ascii=False) + end for value in values)
    lines = json_lines(content.encode("utf-8", "replace"))
    assert len(lines) == len(values)
    assert [number for number, _ in lines] == sorted(number for number, _ in lines)


def test_a_separator_within_a_string_ends_no_line() -> None:
    assert json_lines('{"a": "x\u2028y"}\n'.encode()) == [(1, {"a": "x\u2028y"})]


def test_a_line_that_is_no_json_has_no_value() -> None:
    assert json_lines(b'{\n\n"x"\n\xff\n' + b"[" * 100_000) == [
        (1, None),
        (3, "x"),
        (4, None),
        (5, None),
    ]
