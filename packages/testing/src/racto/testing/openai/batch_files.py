"""The files of a batch: the requests that it reads, and the results that it writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from racto.testing.payloads import encoded

from .json_lines import json_lines

MOST_REQUESTS = 50_000
"""Most requests of a batch."""
# Of a file with a fault on every line the first ones are enough.
_MOST_FAULTS = 100

# Tokens, their name in Chat Completions, and the part of them that is told apart.
_BUCKETS = (
    ("input_tokens", "prompt_tokens", "cached_tokens"),
    ("output_tokens", "completion_tokens", "reasoning_tokens"),
)
_WORDS = {
    "empty_file": "The batch input file is empty. Please ensure that the batch contains at least "
    "one request.",
    "too_many_tasks": f"The batch input file contains more than {MOST_REQUESTS} requests, which "
    "is the limit.",
    "invalid_json_line": "This line is not parseable as valid JSON.",
    "duplicate_custom_id": "The custom_id for this request is a duplicate of another request. The "
    "custom_id parameter must be unique for each request in a batch.",
    "invalid_method": "The method of a request must be POST.",
    "url_mismatch": "The URL provided for this request does not match the batch endpoint.",
    "model_mismatch": "The model of this request does not match the other requests of the batch: "
    "all must use the same model.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """One request of a batch.

    Attributes:
        custom_id: The client's name for it.
        body: What its endpoint is asked.
    """

    custom_id: str
    body: Mapping[str, Any]


def read_lines(
    content: bytes, *, endpoint: str
) -> tuple[Sequence[BatchLine], Sequence[Mapping[str, Any]]]:
    """Read the input file of a batch.

    Args:
        content: The file.
        endpoint: Path that all requests must name.

    Returns:
        The requests, and what is wrong as the API lists it; one of the two is empty.
    """
    found = json_lines(content)
    if not found:
        return (), [_fault("empty_file")]
    if len(found) > MOST_REQUESTS:
        return (), [_fault("too_many_tasks")]
    lines: list[BatchLine] = []
    faults: list[Mapping[str, Any]] = []
    seen = set[str]()
    for number, line in found:
        # The first good line says which model the batch is for.
        first = lines[0].body.get("model") if lines else None
        wrong = list(_faults(line, number, endpoint=endpoint, seen=seen, model=first))
        faults += wrong
        if not wrong:
            lines.append(BatchLine(custom_id=line["custom_id"], body=line["body"]))
            seen.add(line["custom_id"])
    # One bad line fails the whole batch: nothing of it is run.
    return ((), faults[:_MOST_FAULTS]) if faults else (lines, ())


def _faults(
    line: Any, number: int, *, endpoint: str, seen: set[str], model: object
) -> Iterator[Mapping[str, Any]]:
    if not isinstance(line, dict):
        yield _fault("invalid_json_line", line=number)
        return
    for name, kind in (("custom_id", str), ("method", str), ("url", str), ("body", dict)):
        if not isinstance(line.get(name), kind):
            code = "missing_required_parameter" if line.get(name) is None else "invalid_type"
            way = "Missing required parameter" if line.get(name) is None else "Invalid type for"
            message = f"{way}: '{name}'."
            yield {"code": code, "line": number, "message": message, "param": name}
            return
    if line["custom_id"] in seen:
        yield _fault("duplicate_custom_id", line=number, param="custom_id")
    if line["method"] != "POST":
        yield _fault("invalid_method", line=number, param="method")
    if line["url"] != endpoint:
        yield _fault("url_mismatch", line=number, param="url")
    if model is not None and line["body"].get("model") != model:
        yield _fault("model_mismatch", line=number, param="body.model")


def _fault(code: str, *, line: int | None = None, param: str | None = None) -> Mapping[str, Any]:
    return {"code": code, "line": line, "message": _WORDS[code], "param": param}


def answered(number: int, line: BatchLine, status: int, body: Mapping[str, Any]) -> bytes:
    """A line of an output or error file for a request that got an answer, good or bad."""
    # A refusal stands in the body, where the completion would; ``error`` is for what never ran.
    response = {"status_code": status, "request_id": f"req_{number:024d}", "body": body}
    return _written(number, line, response=response, error=None)


def left_out(number: int, line: BatchLine, *, code: str, message: str) -> bytes:
    """A line of an error file for a request that was never made."""
    error = {"code": code, "message": message}
    return _written(number, line, response=None, error=error)


def _written(number: int, line: BatchLine, *, response: Any, error: Any) -> bytes:
    told = {
        "id": f"batch_req_{number:024d}",
        "custom_id": line.custom_id,
        "response": response,
        "error": error,
    }
    return encoded(told) + b"\n"


class Tally:
    """The tokens of a batch, in the words of Responses whatever its endpoint is."""

    def __init__(self) -> None:
        self._counts = Counter[str]()

    def add(self, body: Mapping[str, Any]) -> None:
        """Count the usage that an answer reports."""
        usage = _mapping(body.get("usage"))
        for name, old_name, part in _BUCKETS:
            details = {
                **_mapping(usage.get(f"{name}_details")),
                **_mapping(usage.get(f"{old_name}_details")),
            }
            self._counts[name] += _number(usage.get(name, usage.get(old_name)))
            self._counts[part] += _number(details.get(part))

    def shown(self) -> Mapping[str, Any]:
        """The usage as the API shows it."""
        shown: dict[str, Any] = {}
        for name, _, part in _BUCKETS:
            shown |= {name: self._counts[name], f"{name}_details": {part: self._counts[part]}}
        total = sum(self._counts[name] for name, _, _ in _BUCKETS)
        return {**shown, "total_tokens": total}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> int:
    # A test's own body may report anything.
    return value if isinstance(value, int) else 0
