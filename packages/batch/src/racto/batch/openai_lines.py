"""OpenAI's batch files and batch objects, read and written; no I/O here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.errors import UnsupportedFeatureError
from racto.core.requests import EncodedRequest

from .hosts import BatchLimits, Fate, Outcome, RemoteJob
from .job_fields import count_of, mapping_of, moment_of, text_of
from .jobs import BatchStatus, RequestCounts
from .json_texts import dumped, redumped
from .result_lines import UnreadableLineError, custom_id_of

LIMITS = BatchLimits(requests=50_000, bytes=200_000_000, line_bytes=200_000_000)
"""As OpenAI's API reference has them; its megabytes are taken for the smaller ones."""

TAG = "racto_tag"
"""Key of our tag in a job's metadata."""

VERSION = "/v1"
"""What the paths inside a file begin with, whatever the address of the server is."""

_PATHS = frozenset({"/responses", "/chat/completions", "/embeddings"})
_STATUSES = {
    "validating": BatchStatus.PENDING,
    "in_progress": BatchStatus.IN_PROGRESS,
    "finalizing": BatchStatus.FINALIZING,
    "completed": BatchStatus.COMPLETED,
    "failed": BatchStatus.FAILED,
    "expired": BatchStatus.EXPIRED,
    "cancelling": BatchStatus.CANCELLING,
    "cancelled": BatchStatus.CANCELLED,
}
_UNDONE = {"batch_expired": Fate.EXPIRED, "batch_cancelled": Fate.CANCELLED}


def lane_of(request: EncodedRequest, *, provider: str) -> str:
    """Requests of one path and one model share a job.

    Args:
        request: The request.
        provider: Name of the provider, for the error.

    Raises:
        UnsupportedFeatureError: If jobs take no such request.
    """
    if request.path not in _PATHS:
        raise UnsupportedFeatureError(
            f"{provider}: batch jobs take requests for {', '.join(sorted(_PATHS))}, not for "
            f"{request.path}",
            feature="batch",
            provider=provider,
        )
    return f"{request.path} {request.body.get('model') or request.model}"


def weight_of(request: EncodedRequest) -> int:
    """How many of a job's requests it counts: a request for vectors, one for each text."""
    texts = request.body.get("input")
    if request.path != "/embeddings" or isinstance(texts, str) or not isinstance(texts, Sequence):
        return 1
    return max(1, len(texts))


def line_of(custom_id: str, request: EncodedRequest) -> bytes:
    """A line of the input file."""
    body = request.body if isinstance(request.body, dict) else dict(request.body)
    url = VERSION + request.path
    return dumped({"custom_id": custom_id, "method": "POST", "url": url, "body": body})


def read_job(data: Mapping[str, Any]) -> RemoteJob:
    """The job in a batch object.

    Args:
        data: The object.
    """
    told = mapping_of(data.get("request_counts"))
    faults = mapping_of(data.get("errors")).get("data")
    outputs = (data.get("output_file_id"), data.get("error_file_id"))
    return RemoteJob(
        job_id=text_of(data.get("id")),
        status=_STATUSES.get(text_of(data.get("status")), BatchStatus.IN_PROGRESS),
        created_at=moment_of(data.get("created_at")),
        counts=RequestCounts(
            total=count_of(told.get("total")),
            succeeded=count_of(told.get("completed")),
            failed=count_of(told.get("failed")),
        ),
        errors=tuple(_fault(each) for each in faults) if isinstance(faults, list) else (),
        outputs=tuple(each for each in outputs if isinstance(each, str) and each),
        tag=text_of(mapping_of(data.get("metadata")).get(TAG)),
        raw=data,
    )


def read_line(line: dict[str, Any]) -> Outcome:
    """The outcome in a line of an output or error file.

    Args:
        line: The line's object.

    Raises:
        UnreadableLineError: If it holds neither a response nor an error.
    """
    custom_id = custom_id_of(line)
    response = line.get("response")
    if isinstance(response, dict):
        return _answered(custom_id, response)
    error = line.get("error")
    if not error:
        raise UnreadableLineError("it has no response and no error", custom_id=custom_id)
    code = text_of(mapping_of(error).get("code"))
    return Outcome(
        fate=_UNDONE.get(code, Fate.REFUSED),
        custom_id=custom_id,
        body=redumped({"error": error}),
    )


def _answered(custom_id: str, response: dict[str, Any]) -> Outcome:
    status, body = response.get("status_code"), response.get("body")
    # Bounded: a database takes no number of any size.
    if (
        not isinstance(status, int)
        or not 100 <= status <= 599
        or (status < 400 and not isinstance(body, dict))
    ):
        raise UnreadableLineError("its response has no status or no body", custom_id=custom_id)
    fate = Fate.ANSWERED if status < 400 else Fate.REFUSED
    return Outcome(
        fate=fate,
        custom_id=custom_id,
        body=redumped(body),
        status=None if fate is Fate.ANSWERED else status,
        request_id=text_of(response.get("request_id")) or None,
    )


def _fault(fault: Any) -> str:
    known = mapping_of(fault)
    line = known.get("line")
    place = f"line {line}: " if isinstance(line, int) else ""
    code = text_of(known.get("code"))
    return f"{place}{text_of(known.get('message')) or 'no message'}{f' ({code})' if code else ''}"
