"""What a provider must bring to embed: a pure wire between texts and vectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.core.retries import RetryPolicy
from racto.core.usage import Usage, UsageState
from racto.providers.counts import count
from racto.providers.kits.wires import WireReply, WireRequest

BATCHES_AT_ONCE = 4
"""Requests of one call that are under way at the same time, unless a caller says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingCall:
    """How texts are to be embedded.

    Attributes:
        model: Embedding model.
        dimensions: Length of the vectors, where the model can shorten them.
        input_type: ``query`` or ``document``, where the model tells them apart.
        batch_size: Most texts of one request.
        batch_bytes: Most bytes of text (UTF-8) of one request, a longer text goes alone; None
            for no limit. No tokenizer makes more tokens of a text than it has bytes, so this
            keeps a provider's limit of tokens a request.
        at_once: Most requests under way at the same time.
        extra: Further fields, sent as they are.
        retry: How often to call again after a passing error.
        timeout: Seconds for all batches together; None for no limit.

    Raises:
        ConfigurationError: If a number is below 1.
    """

    model: str
    dimensions: int | None = None
    input_type: str | None = None
    batch_size: int = 256
    batch_bytes: int | None = None
    at_once: int = BATCHES_AT_ONCE
    extra: Mapping[str, Any] = field(default_factory=dict)
    retry: RetryPolicy = RetryPolicy()  # noqa: RUF009 - frozen
    timeout: float | None = 600.0

    def __post_init__(self) -> None:
        for name in ("dimensions", "batch_size", "batch_bytes", "at_once"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigurationError(f"{name} must be at least 1, not {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedBatch:
    """The vectors of one batch of texts.

    Attributes:
        rows: One vector a text, in the order of the texts: floats, or base64 of little-endian
            float32.
        model: Model that made them, as the provider names it; empty when it does not.
        usage: Tokens.
        request_id: The provider's id of the request.
    """

    rows: Sequence[Any]
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    request_id: str | None = None


class EmbeddingWire(Protocol):
    """One embeddings protocol of a provider, as pure functions."""

    @property
    def provider(self) -> str:
        """Name of the provider, for responses, errors and fingerprints."""
        ...

    def encode(self, texts: Sequence[str], call: EmbeddingCall) -> WireRequest:
        """Shape the request for one batch.

        Raises:
            UnsupportedFeatureError: If the API cannot do what the call asks for.
        """
        ...

    def decode(self, reply: WireReply, count: int) -> EmbeddedBatch:
        """Read a reply; the flow checks number and shape of the vectors.

        Args:
            reply: The provider's reply.
            count: Number of texts that were sent.

        Raises:
            RactoGatewayError: If the body reports an error, or is no reply of this protocol.
        """
        ...


def input_usage(tokens: Any) -> Usage:
    """The usage of a call that only reads; unknown when the tokens are no count.

    Args:
        tokens: What the reply tells in the place of its tokens.
    """
    found = count(tokens)
    if found is None:
        return Usage()
    return Usage(input_tokens=found, state=UsageState.MEASURED)


def check_support(
    call: EmbeddingCall,
    *,
    provider: str,
    dimensions: bool = True,
    input_types: Collection[str] = (),
) -> None:
    """Refuse what an API cannot do: dropping it would embed something else in silence.

    Args:
        call: What is asked.
        provider: Name of the provider, for the error.
        dimensions: Whether vectors can be shortened.
        input_types: The input types that the API tells apart; none when it tells none.

    Raises:
        UnsupportedFeatureError: If the call asks for more.
    """
    if call.dimensions is not None and not dimensions:
        raise UnsupportedFeatureError(
            f"{provider} cannot shorten the vectors of {call.model}; leave dimensions out",
            feature="dimensions",
            provider=provider,
        )
    kind = call.input_type
    if kind is None or kind in input_types:
        return
    known = " or ".join(repr(each) for each in input_types)
    told = f"takes {known} as input_type, not {kind!r}" if known else (
        "does not tell queries from documents; leave input_type out, or send a field of the "
        "server's own in extra"
    )  # fmt: skip
    raise UnsupportedFeatureError(
        f"{provider}'s embeddings API {told}", feature="input_type", provider=provider
    )
