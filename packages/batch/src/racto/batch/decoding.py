"""From what came back to results: replies read, priced and checked, errors given their type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
from pydantic import BaseModel

from racto.core.chat import ChatConfig
from racto.core.errors import (
    DeadlineExceededError,
    InvalidResponseError,
    JobError,
    RactoGatewayError,
    ResponseModelValidationError,
)
from racto.core.protocols.codecs import RequestCodec
from racto.core.requests import EncodedRequest
from racto.core.responses import LLMResponse

from .hosts import Fate
from .jobs import BatchStatus
from .manifest import Manifest, PartEnd, ResultRow
from .reply_models import schema_text
from .results import BatchResult, ItemStatus
from .terms import Terms

# Few enough that an event loop gets its turn, enough that opening the file costs nothing.
_PAGE = 200


class ResultReader:
    """Reads the results of one job in the items' order.

    Args:
        codec: Reads replies.
        manifest: Items and what came back.
        models: Models of replies by the text of their schema; for others the schema counts.
        response_model: Model for all items that have a schema, instead.
        is_foreign: Whether it is not known which items have one; the model is then for all.

    Attributes:
        ends: How the parts of the job ended.
    """

    def __init__(
        self,
        codec: RequestCodec,
        manifest: Manifest,
        *,
        models: Mapping[str, type[BaseModel]],
        response_model: type[BaseModel] | None = None,
        is_foreign: bool = False,
    ) -> None:
        self._codec = codec
        self._manifest = manifest
        self._terms = manifest.terms()
        self.ends = manifest.ends()
        self._plans: dict[int, _Plan] = {}
        for number, terms in self._terms.items():
            if is_foreign and response_model is not None:
                terms = replace(terms, schema=schema_text(response_model))
            self._plans[number] = _Plan(terms, models, response_model)

    def pages(self) -> Iterator[list[BatchResult]]:
        """All results, some hundred at a time."""
        start = 0
        while page := self.page(start):
            yield page
            start += len(page)

    def page(self, start: int) -> list[BatchResult]:
        """The results of some items from a position on; none behind the last."""
        return [self._result(row) for row in self._manifest.page(start, _PAGE)]

    def _result(self, row: ResultRow) -> BatchResult:
        if row.fate == Fate.ANSWERED:
            return self._answered(row)
        # A part that was dropped before it was submitted has no end.
        end = self.ends.get(row.part, PartEnd(status=BatchStatus.CANCELLED))
        raw = _loaded(row.body)
        if row.fate == Fate.REFUSED:
            error = self._codec.refused(row.status, row.body or b"")
            # The error's body does not hold it, and support desks ask for it.
            error.request_id = error.request_id or row.request_id
            return _failed(row, ItemStatus.REFUSED, error, raw)
        if row.fate == Fate.MALFORMED:
            problem = f"the provider's result cannot be read: {row.problem}"
            error = InvalidResponseError(problem, provider=self._codec.provider)
            return _failed(row, ItemStatus.INVALID, error, raw)
        status, error = _unanswered(row, end, self._codec.provider)
        return _failed(row, status, error, raw)

    def _answered(self, row: ResultRow) -> BatchResult:
        plan, body = self._plans[row.terms], row.body or b""
        try:
            if plan.is_embedding:
                vectors = self._codec.decode_embedding(
                    plan.request,
                    body,
                    texts=orjson.loads(row.texts) if row.texts else (),
                    request_id=row.request_id,
                    is_batch=True,
                )
                return BatchResult(custom_id=row.custom_id, embedding=vectors, raw=vectors.raw)
            response = self._codec.decode(
                plan.request,
                body,
                config=plan.config,
                request_id=row.request_id,
                is_batch=True,
            )
        # Before the general case: what was paid for is kept.
        except ResponseModelValidationError as error:
            return _failed(row, ItemStatus.INVALID, error, _loaded(body), error.partial)
        except RactoGatewayError as error:
            return _failed(row, ItemStatus.INVALID, error, _loaded(body))
        return BatchResult(custom_id=row.custom_id, response=response, raw=response.raw)


class _Plan:
    """How replies on the same terms are read; made once, used for each."""

    __slots__ = ("config", "is_embedding", "request")

    def __init__(
        self,
        terms: Terms,
        models: Mapping[str, type[BaseModel]],
        response_model: type[BaseModel] | None,
    ) -> None:
        if response_model is not None and terms.schema is not None:
            # Its schema need not be the one that was sent: the caller may ask for more or less.
            models = {terms.schema: response_model}
        self.request: EncodedRequest = terms.request()
        self.config: ChatConfig = terms.config(models)
        self.is_embedding = terms.kind == "embedding"


def _unanswered(
    row: ResultRow, end: PartEnd, provider: str
) -> tuple[ItemStatus, RactoGatewayError]:
    """The state of an item without an answer or refusal, and the error that says so."""
    told = f": {row.problem}" if row.problem else ""
    if row.fate == Fate.EXPIRED or (row.fate is None and end.status is BatchStatus.EXPIRED):
        return ItemStatus.EXPIRED, DeadlineExceededError(
            f"the provider did not get to the item in time{told}; submit it again",
            retryable=True,
            provider=provider,
        )
    if row.fate == Fate.CANCELLED or (row.fate is None and end.status is BatchStatus.CANCELLED):
        return ItemStatus.CANCELLED, JobError(
            f"the job was cancelled before the item was answered{told}", provider=provider
        )
    # A job that fails in the provider's checks answers nothing, and says why only once.
    if end.status is BatchStatus.FAILED:
        why = "; ".join(end.errors) or "the provider gave no reason"
        return ItemStatus.REFUSED, JobError(
            f"the provider refused the whole job: {why}", provider=provider
        )
    strays = ""
    if end.notes:
        strays = f" ({end.strays} lines of its files belong to no item, first: {end.notes[0]})"
    return ItemStatus.MISSING, JobError(
        f"the job has ended, but the item never came back{strays}; submit it again",
        retryable=True,
        provider=provider,
    )


def _failed(
    row: ResultRow,
    status: ItemStatus,
    error: RactoGatewayError,
    raw: Any,
    partial: LLMResponse | None = None,
) -> BatchResult:
    return BatchResult(
        custom_id=row.custom_id,
        response=partial,
        error=str(error),
        error_type=type(error).__name__,
        raw=raw,
        status=status,
        failure=error,
    )


def _loaded(body: bytes | None) -> Any:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # Kept as it is, for whoever wants to see what came.
        return body.decode("utf-8", "replace")
