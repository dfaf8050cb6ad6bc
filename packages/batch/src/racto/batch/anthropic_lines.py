"""Anthropic's message batches and their results, read and written; no I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.errors import UnsupportedFeatureError
from racto.core.requests import EncodedRequest

from .hosts import BatchLimits, Fate, Outcome, RemoteJob
from .job_fields import count_of, mapping_of, moment_of, text_of
from .jobs import BatchStatus, RequestCounts
from .json_texts import dumped, redumped
from .result_lines import UnreadableLineError, custom_id_of

HEAD, TAIL = b'{"requests":[', b"]}"
"""What stands around the lines of an upload."""

LIMITS = BatchLimits(
    requests=100_000,
    bytes=256_000_000,
    # A single request of the Messages API may be no longer.
    line_bytes=32_000_000,
    id_pattern=r"[a-zA-Z0-9_-]+",
    frame_bytes=len(HEAD) + len(TAIL),
)
"""As Anthropic's guide to batches has them; its megabytes are taken for the smaller ones."""

_PATH = "/v1/messages"
_UNDONE = {"expired": Fate.EXPIRED, "canceled": Fate.CANCELLED}


def check(request: EncodedRequest, *, provider: str) -> None:
    """Refuse what is no message.

    Args:
        request: The request.
        provider: Name of the provider, for the error.

    Raises:
        UnsupportedFeatureError: If jobs take no such request.
    """
    if request.path.partition("?")[0] != _PATH:
        raise UnsupportedFeatureError(
            f"{provider}: batch jobs take requests for {_PATH}, not for {request.path}",
            feature="batch",
            provider=provider,
        )


def line_of(custom_id: str, request: EncodedRequest) -> bytes:
    """An item of the array of requests."""
    params = request.body if isinstance(request.body, dict) else dict(request.body)
    return dumped({"custom_id": custom_id, "params": params})


def read_job(data: Mapping[str, Any]) -> RemoteJob:
    """The job in a batch object.

    Args:
        data: The object.
    """
    told = mapping_of(data.get("request_counts"))
    counts = RequestCounts(
        total=sum(map(count_of, told.values())),
        succeeded=count_of(told.get("succeeded")),
        failed=count_of(told.get("errored")),
        expired=count_of(told.get("expired")),
        cancelled=count_of(told.get("canceled")),
    )
    status = _status(text_of(data.get("processing_status")), counts)
    # The results go after 29 days, the batch itself stays.
    archived = data.get("archived_at") if status.is_final else None
    gone = f"the results were archived at {archived} and can no longer be downloaded"
    return RemoteJob(
        job_id=text_of(data.get("id")),
        status=status,
        created_at=moment_of(data.get("created_at")),
        counts=counts,
        errors=(gone,) if archived else (),
        outputs=("results",) if status.is_final and not archived else (),
        raw=data,
    )


def read_line(line: dict[str, Any]) -> Outcome:
    """The outcome in a line of the results.

    Args:
        line: The line's object.

    Raises:
        UnreadableLineError: If it holds no result that is known.
    """
    custom_id = custom_id_of(line)
    result = mapping_of(line.get("result"))
    kind = text_of(result.get("type"))
    if kind in _UNDONE:
        return Outcome(fate=_UNDONE[kind], custom_id=custom_id)
    if kind == "succeeded" and isinstance(result.get("message"), dict):
        return Outcome(fate=Fate.ANSWERED, custom_id=custom_id, body=redumped(result["message"]))
    if kind == "errored":
        error = mapping_of(result.get("error"))
        # The error of the API, request id and all; or the bare object inside it.
        told = error if "error" in error else {"type": "error", "error": error}
        return Outcome(
            fate=Fate.REFUSED,
            custom_id=custom_id,
            body=redumped(told),
            request_id=text_of(error.get("request_id")) or None,
        )
    raise UnreadableLineError(
        f"its result is of no known type ({kind[:40]!r})", custom_id=custom_id
    )


def _status(told: str, counts: RequestCounts) -> BatchStatus:
    if told == "canceling":
        return BatchStatus.CANCELLING
    if told != "ended":
        return BatchStatus.IN_PROGRESS
    # How it ended stands in the counts alone.
    if counts.expired:
        return BatchStatus.EXPIRED
    return BatchStatus.CANCELLED if counts.cancelled else BatchStatus.COMPLETED
