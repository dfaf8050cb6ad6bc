"""Gemini's batch files and batch objects, read and written; no I/O here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from racto.core.errors import UnsupportedFeatureError
from racto.core.requests import EncodedRequest

from .hosts import BatchLimits, Fate, Outcome, RemoteJob
from .job_fields import count_of, mapping_of, moment_of, text_of
from .jobs import BatchStatus, RequestCounts
from .json_texts import dumped, redumped
from .result_lines import UnreadableLineError, custom_id_of

LIMITS = BatchLimits(
    # The API tells no number of requests; Google's other service with batches stops here.
    requests=200_000,
    bytes=2_000_000_000,
    line_bytes=100_000_000,
    # The end of a key tells the texts of one item apart.
    id_pattern=r"(?!.*#text-\d+/\d+$)[^\x00-\x1f\x7f]+",
    id_length=256,
)
"""Bytes as Google's guide to batches has them; its gigabytes are taken for the smaller ones."""

_PATH = re.compile(
    r"/v\w+/(?P<model>(?:models|tunedModels)/[\w.@-]+):(?P<method>generateContent|batchEmbedContents)"
)
_ORDERS = {
    "generateContent": "batchGenerateContent",
    "batchEmbedContents": "asyncBatchEmbedContent",
}
_PART = re.compile(r"(?P<id>.*)#text-(?P<number>\d{1,9})/(?P<count>\d{1,9})", re.DOTALL)
_STATUSES = {
    "QUEUED": BatchStatus.PENDING,
    "PENDING": BatchStatus.PENDING,
    "RUNNING": BatchStatus.IN_PROGRESS,
    "UPDATING": BatchStatus.IN_PROGRESS,
    "PAUSED": BatchStatus.IN_PROGRESS,
    "SUCCEEDED": BatchStatus.COMPLETED,
    "PARTIALLY_SUCCEEDED": BatchStatus.COMPLETED,
    "FAILED": BatchStatus.FAILED,
    "CANCELLING": BatchStatus.CANCELLING,
    "CANCELLED": BatchStatus.CANCELLED,
    "EXPIRED": BatchStatus.EXPIRED,
}
# Codes of gRPC, and how the API tells them when it refuses a single request.
_CODES = {
    1: (499, "CANCELLED"),
    2: (500, "UNKNOWN"),
    3: (400, "INVALID_ARGUMENT"),
    4: (504, "DEADLINE_EXCEEDED"),
    5: (404, "NOT_FOUND"),
    6: (409, "ALREADY_EXISTS"),
    7: (403, "PERMISSION_DENIED"),
    8: (429, "RESOURCE_EXHAUSTED"),
    9: (400, "FAILED_PRECONDITION"),
    10: (409, "ABORTED"),
    11: (400, "OUT_OF_RANGE"),
    12: (501, "UNIMPLEMENTED"),
    13: (500, "INTERNAL"),
    14: (503, "UNAVAILABLE"),
    15: (500, "DATA_LOSS"),
    16: (401, "UNAUTHENTICATED"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom a job asks, and what for.

    Attributes:
        model: The model's full name, for example ``models/gemini-2.5-flash``.
        order: The method that creates such a job.
    """

    model: str
    order: str


def target_of(path: str, *, provider: str) -> Target:
    """Whom requests of a path ask.

    Args:
        path: Path of the requests.
        provider: Name of the provider, for the error.

    Raises:
        UnsupportedFeatureError: If jobs take no such request.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        vertex = " Vertex AI reads its jobs from Cloud Storage, which racto-batch does not."
        raise UnsupportedFeatureError(
            f"{provider}: batch jobs of the Gemini API take generateContent and embeddings, not "
            f"{path}.{vertex if 'publishers/' in path or 'projects/' in path else ''}",
            feature="batch",
            provider=provider,
        )
    return Target(model=found["model"], order=_ORDERS[found["method"]])


def weight_of(request: EncodedRequest) -> int:
    """Lines that a request takes: one, or one for each text to embed."""
    return len(_texts(request) or (None,))


def line_of(custom_id: str, request: EncodedRequest) -> bytes:
    """The lines of a request: one, or one for each text to embed."""
    texts = _texts(request)
    if texts is None:
        return dumped({"key": custom_id, "request": request.body})
    if len(texts) == 1:
        return dumped({"key": custom_id, "request": texts[0]})
    return b"\n".join(
        dumped({"key": f"{custom_id}#text-{number}/{len(texts)}", "request": text})
        for number, text in enumerate(texts, 1)
    )


def read_job(data: Mapping[str, Any]) -> RemoteJob:
    """The job in an operation.

    Args:
        data: The operation.
    """
    told = mapping_of(data.get("metadata"))
    stats = mapping_of(told.get("batchStats"))
    error = mapping_of(data.get("error"))
    output = mapping_of(told.get("output")) or mapping_of(data.get("response"))
    file = text_of(output.get("responsesFile"))
    return RemoteJob(
        job_id=text_of(data.get("name")) or text_of(told.get("name")),
        status=_status(text_of(told.get("state")), data),
        created_at=moment_of(told.get("createTime")),
        counts=RequestCounts(
            total=count_of(stats.get("requestCount")),
            succeeded=count_of(stats.get("successfulRequestCount")),
            failed=count_of(stats.get("failedRequestCount")),
        ),
        errors=(text_of(error.get("message")) or "no message",) if error else (),
        outputs=(file,) if file else (),
        # Behind the tag there may be words for people.
        tag=text_of(told.get("displayName")).partition(" ")[0],
        raw=data,
    )


class LineReader:
    """Reads the lines of one job's results, and puts the texts of one item together again."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[int, dict[str, Any]]] = {}
        self._counts: dict[str, int] = {}
        self._failed = set[str]()

    def read(self, line: dict[str, Any]) -> Outcome | None:
        """The outcome in a line; None when its item waits for more, or has failed already.

        Args:
            line: The line's object.

        Raises:
            UnreadableLineError: If it holds neither a response nor an error.
        """
        key = custom_id_of(line, "key")
        part = _PART.fullmatch(key)
        custom_id = part["id"] if part else key
        if custom_id in self._failed:
            return None
        response, error = line.get("response"), line.get("error")
        if isinstance(response, dict):
            return self._answered(custom_id, part, response)
        if not error:
            raise UnreadableLineError("it has no response and no error", custom_id=custom_id)
        if part:
            self._failed.add(custom_id)
            self._waiting.pop(custom_id, None)
        return _refused(custom_id, mapping_of(error))

    def unfinished(self) -> Iterator[Outcome]:
        """The items of which some texts never came back."""
        for custom_id, found in self._waiting.items():
            wanted = self._counts[custom_id]
            yield Outcome(
                fate=Fate.MALFORMED,
                custom_id=custom_id,
                problem=f"of its {wanted} texts {len(found)} came back",
            )

    def _answered(
        self, custom_id: str, part: re.Match[str] | None, response: dict[str, Any]
    ) -> Outcome | None:
        if "embedding" not in response:
            return Outcome(fate=Fate.ANSWERED, custom_id=custom_id, body=redumped(response))
        if part is None:
            return _embedded(custom_id, [response])
        number, wanted = int(part["number"]), int(part["count"])
        if not 1 <= number <= wanted:
            raise UnreadableLineError("its key numbers no text", custom_id=custom_id)
        found = self._waiting.setdefault(custom_id, {})
        found[number] = response
        self._counts[custom_id] = wanted
        if len(found) < wanted:
            return None
        del self._waiting[custom_id]
        return _embedded(custom_id, [found[number] for number in sorted(found)])


def _embedded(custom_id: str, responses: list[dict[str, Any]]) -> Outcome:
    """One reply of many vectors, as the API gives it to a single request."""
    reports = [mapping_of(each.get("usageMetadata")) for each in responses]
    body: dict[str, Any] = {"embeddings": [each["embedding"] for each in responses]}
    if any(reports):
        tokens = sum(count_of(report.get("promptTokenCount")) for report in reports)
        body["usageMetadata"] = {"promptTokenCount": tokens}
    return Outcome(fate=Fate.ANSWERED, custom_id=custom_id, body=redumped(body))


def _refused(custom_id: str, error: Mapping[str, Any]) -> Outcome:
    code = count_of(error.get("code"))
    status, word = _CODES.get(code, (code if 400 <= code <= 599 else 500, "UNKNOWN"))
    told = {"code": status, "status": word, **error}
    body = redumped({"error": {**told, "code": status}})
    fate = Fate.CANCELLED if status == 499 else Fate.REFUSED
    return Outcome(fate=fate, custom_id=custom_id, body=body, status=status)


def _status(told: str, data: Mapping[str, Any]) -> BatchStatus:
    # BATCH_STATE_RUNNING and JOB_STATE_RUNNING mean the same.
    known = _STATUSES.get(told.partition("_STATE_")[2])
    if known is not None:
        return known
    if data.get("done") is True:
        return BatchStatus.FAILED if data.get("error") else BatchStatus.COMPLETED
    return BatchStatus.IN_PROGRESS if told else BatchStatus.PENDING


def _texts(request: EncodedRequest) -> list[Any] | None:
    """The single requests of one for vectors; None when it is none."""
    found = request.body.get("requests")
    is_list = request.path.endswith(":batchEmbedContents") and isinstance(found, list | tuple)
    return list(found or ()) or None if is_list else None
