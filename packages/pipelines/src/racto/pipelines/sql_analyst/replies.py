"""Replies of models, read as what they are: SQL, code, follow-up questions, or "cannot answer"."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from racto.core.errors import ContentFilterError, InvalidResponseError
from racto.core.responses import FinishReason, LLMResponse

from .fences import Fence, fences

_SQL = frozenset({"sql", "postgresql", "postgres", "psql", "mysql", "mariadb", "sqlite", "duckdb",
                  "tsql", "mssql", "bigquery", "snowflake", "plsql", "pgsql"})  # fmt: skip
_PYTHON = frozenset({"python", "py", "python3", "pandas", "polars"})

# In one case throughout: "With this query ..." begins a sentence, "WITH x AS" a statement.
_STATEMENT = re.compile(
    r"^[ \t(]*(?:SELECT|WITH|VALUES|FROM|select|with|values|from)\b", re.MULTILINE
)
_REFUSAL = re.compile(
    r"^\W*(?:i\s+)?(?:cannot|can\s?not|can't|unable\s+to)\s+(?:be\s+)?answer(?:ed)?\b[\s:.,;-]*",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^[ \t]*(?:--|#|//)[ \t]?|/\*|\*/", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLReply:
    """What a model answered when it was asked for SQL.

    Attributes:
        sql: The statement, exactly as the model wrote it; empty when there is none.
        reason: Why the question cannot be answered, when the model says so.
        cannot_answer: Whether it says so.
    """

    sql: str = ""
    reason: str = ""
    cannot_answer: bool = False


def read_sql(response: LLMResponse) -> SQLReply:
    """The statement in a reply, or the model's word that there is none.

    Looked for in this order: structured data with the field ``sql``, a fenced block marked as SQL,
    any fenced block without another language, the first line that begins a query behind an
    introduction that ends in a colon, the whole reply. Of several blocks the last counts: models
    correct themselves downwards. Nothing else is cut off: what should not be there is for the guard
    to see.

    Raises:
        ContentFilterError: If the model or its provider refused.
        InvalidResponseError: If the reply was cut off, or holds code of another language alone.
    """
    text = whole_text(response)
    data = response.parsed if isinstance(response.parsed, dict) else _json_object(text)
    if data is not None and data.keys() & {"sql", "cannot_answer"}:
        return _structured(data)
    blocks = fences(text)
    candidates = [block.text for block in _chosen(blocks, _SQL)]
    if not blocks:
        candidates = [_bare_statement(text)]
    for candidate in reversed(candidates):
        if (reason := _reason(candidate)) is not None:
            return SQLReply(reason=reason, cannot_answer=True)
        if candidate.strip():
            return SQLReply(sql=candidate.strip())
    if not candidates and (reason := _reason(text)) is not None:
        return SQLReply(reason=reason, cannot_answer=True)
    raise InvalidResponseError("the model's reply holds no SQL statement")


def read_code(response: LLMResponse) -> str:
    """The analysis code in a reply: all Python blocks in their order, or the bare reply.

    Raises:
        ContentFilterError: If the model or its provider refused.
        InvalidResponseError: If the reply was cut off, or is empty.
    """
    text = whole_text(response)
    data = response.parsed if isinstance(response.parsed, dict) else _json_object(text)
    if data is not None and isinstance(data.get("code"), str):
        text, blocks = data["code"], []
    else:
        blocks = fences(text)
    code = "\n\n".join(block.text for block in _chosen(blocks, _PYTHON)) if blocks else text
    if not code.strip():
        raise InvalidResponseError("the model's reply holds no Python code")
    return code.strip("\n")


def whole_text(response: LLMResponse) -> str:
    """A reply's text, if the reply is whole.

    Raises:
        ContentFilterError: If the model or its provider refused.
        InvalidResponseError: If it was cut off at ``max_tokens``, or is empty.
    """
    reason = response.finish_reason
    if response.refusal or reason in (FinishReason.REFUSAL, FinishReason.CONTENT_FILTER):
        told = response.refusal or response.content or "no reason given"
        raise ContentFilterError(
            f"the model refused: {told}", provider=response.provider or None, partial=response
        )
    if reason in (FinishReason.LENGTH, FinishReason.CONTEXT_OVERFLOW):
        # A statement without its last lines may be valid, and means something else.
        raise InvalidResponseError(
            "the model's reply was cut off at the limit of tokens; allow more with max_tokens",
            partial=response,
        )
    if not (response.content or "").strip() and response.parsed is None:
        raise InvalidResponseError("the model's reply is empty", partial=response)
    return response.content or ""


def _chosen(blocks: Iterable[Fence], languages: Collection[str]) -> list[Fence]:
    listed = list(blocks)
    named = [block for block in listed if block.language in languages]
    return named or [block for block in listed if not block.language]


def _bare_statement(text: str) -> str:
    found = _STATEMENT.search(text)
    if found is None:
        return text
    # Whatever else stands before a query may be a statement too, and belongs before the guard.
    before = text[: found.start()].strip()
    is_talk = before.endswith((":", ".", "!")) and ";" not in before
    return text[found.start() :] if is_talk or not before else text


def _structured(data: dict[str, Any]) -> SQLReply:
    sql, reason = data.get("sql"), data.get("cannot_answer") or data.get("reason")
    if isinstance(sql, str) and sql.strip() and _reason(sql) is None:
        return SQLReply(sql=sql.strip())
    told = (_reason(sql) if isinstance(sql, str) else None) or reason
    return SQLReply(reason=told if isinstance(told, str) else "", cannot_answer=True)


def _reason(text: str) -> str | None:
    """Why a question cannot be answered; None when the text does not say that it can't."""
    bare = _MARKS.sub("", text).strip()
    found = _REFUSAL.match(bare)
    # A remark above a statement is a remark.
    if found is None or _STATEMENT.search(_without_comments(text)):
        return None
    return " ".join(bare[found.end() :].replace("```", " ").split())


def _without_comments(text: str) -> str:
    return "\n".join(
        line for line in text.splitlines() if not line.lstrip().startswith(("--", "#", "//", "/*"))
    )


def _json_object(text: str) -> dict[str, Any] | None:
    bare = text.strip()
    if not (bare.startswith("{") and bare.endswith("}")):
        blocks = [block for block in fences(text) if block.language == "json"]
        bare = blocks[-1].text.strip() if blocks else ""
    if not bare.startswith("{"):
        return None
    try:
        read = json.loads(bare)
    except ValueError:
        # Curly brackets alone make no JSON; the text is read as text.
        return None
    return read if isinstance(read, dict) else None
