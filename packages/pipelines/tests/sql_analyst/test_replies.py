"""Replies read without losing a letter of them, whatever a model puts around its code."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from racto.core import ContentFilterError, InvalidResponseError, LLMResponse
from racto.core.errors import RactoGatewayError
from racto.core.responses import FinishReason
from racto.pipelines.sql_analyst.fences import fences
from racto.pipelines.sql_analyst.replies import read_code, read_sql


def _sql(text: str) -> str:
    return read_sql(LLMResponse(content=text)).sql


@pytest.mark.parametrize(
    ("reply", "sql"),
    [
        ("SELECT 1", "SELECT 1"),
        ("Here it is:\n```sql\nSELECT 1;\n```\nIt counts.", "SELECT 1;"),
        ("```\nSELECT 1\n```", "SELECT 1"),
        ("~~~postgresql\nSELECT 1\n~~~", "SELECT 1"),
        ("First:\n```sql\nSELECT 1\n```\nBetter:\n```sql\nSELECT 2\n```", "SELECT 2"),
        ("```python\nx\n```\n```sql\nSELECT 3\n```", "SELECT 3"),
        ("- so:\n  ```sql\n  SELECT 1,\n    2\n  ```", "SELECT 1,\n  2"),
        ("```sql\nSELECT '```' AS marks\n```", "SELECT '```' AS marks"),
        ("````sql\nSELECT '\n```\n'\n````", "SELECT '\n```\n'"),
        ('{"sql": "SELECT 2"}', "SELECT 2"),
        ('```json\n{"sql": "SELECT 2"}\n```', "SELECT 2"),
        ("Here is the query:\n\nSELECT 1", "SELECT 1"),
        ("-- Cannot answer exactly, but:\nSELECT 1", "SELECT 1"),
        ("Run ```sql\nSELECT 1``` now", "SELECT 1"),
    ],
)
def test_the_statement_is_found(reply: str, sql: str) -> None:
    assert _sql(reply) == sql


@pytest.mark.parametrize(
    "reply", ["DROP TABLE x;\nSELECT 1", "SELECT 1; DROP TABLE x", "SELECT 1;\n\nDROP TABLE x"]
)
def test_nothing_is_cut_off_a_statement(reply: str) -> None:
    assert _sql(reply) == reply
    assert _sql(f"```sql\n{reply}\n```") == reply


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("-- Cannot answer", ""),
        ("-- Cannot answer: no weather", "no weather"),
        ("```sql\n-- Cannot answer: no weather\n```", "no weather"),
        ("/* cannot answer: no weather */", "no weather"),
        ("Cannot answer: nothing from there", "nothing from there"),
        ("I cannot answer this.", "this."),
        ('{"sql": "", "cannot_answer": "no weather"}', "no weather"),
    ],
)
def test_cannot_answer_is_understood(reply: str, reason: str) -> None:
    read = read_sql(LLMResponse(content=reply))
    assert (read.cannot_answer, read.sql, read.reason) == (True, "", reason)


def test_replies_that_are_not_whole_are_refused() -> None:
    cut = LLMResponse(content="SELECT 1", finish_reason=FinishReason.LENGTH)
    with pytest.raises(InvalidResponseError, match="cut off"):
        read_sql(cut)
    for refused in (
        LLMResponse(content="", refusal="I will not"),
        LLMResponse(content="I will not", finish_reason=FinishReason.REFUSAL),
    ):
        with pytest.raises(ContentFilterError, match="I will not"):
            read_sql(refused)
    for empty in ("", "  ", "```python\nprint(1)\n```"):
        with pytest.raises(InvalidResponseError):
            read_sql(LLMResponse(content=empty))


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        # What the reference makes "python\nprint(1)" of.
        ("...```python\nprint(1)```. It prints 1", "print(1)"),
        ("Text\n```python\na = 1\n```\nand\n```py\nb = a\n```\nend", "a = 1\n\nb = a"),
        ("result = 1", "result = 1"),
        ('{"code": "result = 2"}', "result = 2"),
        ("```\nresult = 3\n```", "result = 3"),
    ],
)
def test_code_is_found(reply: str, code: str) -> None:
    assert read_code(LLMResponse(content=reply)) == code


def test_no_code_is_an_error() -> None:
    with pytest.raises(InvalidResponseError):
        read_code(LLMResponse(content="```sql\nSELECT 1\n```"))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_reply_is_read_or_refused(text: str) -> None:
    for read in (read_sql, read_code):
        # Nothing but racto's own errors may come of a stranger's words.
        with suppress(RactoGatewayError):
            read(LLMResponse(content=text))


@given(st.text(alphabet="`~ab\n >", max_size=60))
def test_fences_hold_parts_of_the_text(text: str) -> None:
    for fence in fences(text):
        for line in fence.text.splitlines():
            assert line in text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=80))
def test_a_fenced_block_comes_back_as_it_was(line: str) -> None:
    body = f"x{line}"
    assert [f.text for f in fences(f"Words.\n`````sql\n{body}\n`````\nWords.")] == [body]
