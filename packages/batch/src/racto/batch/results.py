"""Results: what became of each item, and of a job as a whole."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from racto.core.embeddings import EmbeddingResponse
from racto.core.errors import RactoGatewayError
from racto.core.responses import LLMResponse
from racto.core.usage import Usage


class ItemStatus(StrEnum):
    """How an item ended.

    ``invalid`` was answered, but not as its ``response_model`` wants it, or in a way that cannot
    be read; ``missing`` never came back, though its job has ended.
    """

    ANSWERED = "answered"
    INVALID = "invalid"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    MISSING = "missing"


class BatchResult(BaseModel):
    """The outcome of a single :class:`~racto.batch.BatchItem`; every item has exactly one.

    Attributes:
        custom_id: The item's name.
        response: The reply; of an invalid one too, as far as it could be read.
        error: Why there is no good reply; None when there is one.
        raw: The provider's JSON: the reply, or its error. Not part of the JSON.
        status: How the item ended.
        error_type: Name of the error's class, for example ``RateLimitError``.
        embedding: The vectors of an item with texts.
        failure: ``error`` as an exception, for ``isinstance`` and ``retryable``; not raised, and
            not part of the JSON.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    custom_id: str
    response: LLMResponse | None = None
    error: str | None = None
    # The reply a second time; files of results would be twice as large.
    raw: Any = Field(default=None, exclude=True, repr=False)
    # As text beside the exception: it survives a file, and the exception does not.
    status: ItemStatus = ItemStatus.ANSWERED
    error_type: str | None = None
    embedding: EmbeddingResponse | None = None
    failure: RactoGatewayError | None = Field(default=None, exclude=True, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the request succeeded: no error, and a reply or vectors."""
        return self.error is None and (self.response is not None or self.embedding is not None)

    @property
    def usage(self) -> Usage:
        """Tokens of the item and their price in a batch; nothing for one that was not answered."""
        # An invalid reply was paid for like a good one.
        answer = self.response or self.embedding
        if answer is not None:
            return answer.usage
        if self.failure is not None and self.failure.usage is not None:
            return self.failure.usage
        return Usage.nothing()


class BatchSummary(BaseModel):
    """An ended job in numbers.

    Attributes:
        job_id: The job.
        counts: Items by how they ended.
        usage: Tokens and price of all items, at the price of batches.
        strays: Lines of the result files that belong to no item, or cannot be read: how many.
        first_strays: What is wrong with the first of them.
    """

    model_config = ConfigDict(frozen=True)

    job_id: str
    counts: dict[ItemStatus, int]
    usage: Usage
    strays: int = 0
    first_strays: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Items without a good reply."""
        return sum(self.counts.values()) - self.counts.get(ItemStatus.ANSWERED, 0)
