"""Codecs: a provider's words as pure functions, for whoever carries requests another way than a kit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from racto.core.chat import ChatConfig
from racto.core.embeddings import EmbeddingConfig, EmbeddingResponse
from racto.core.errors import RactoGatewayError
from racto.core.requests import EncodedRequest
from racto.core.responses import LLMResponse


@runtime_checkable
class RequestCodec(Protocol):
    """Shapes requests and reads replies of one provider, without any input or output.

    Batch jobs, proxies and recordings need what a kit says to its provider, but carry it
    themselves. Safe to share between threads.
    """

    @property
    def provider(self) -> str:
        """Name of the provider, for example ``openai``."""
        ...

    @property
    def model(self) -> str:
        """Model that is asked when the request names none."""
        ...

    def encode(self, config: ChatConfig) -> EncodedRequest:
        """Shape a chat request that is answered in one turn.

        Raises:
            UnsupportedFeatureError: If the provider cannot take something, unless the config's
                ``on_unsupported`` allows to drop it; and for ``auto_execute_tools``, because
                nobody is there to run them.
            ConfigurationError: If settings contradict each other.
        """
        ...

    def decode(
        self,
        request: EncodedRequest,
        body: bytes,
        *,
        config: ChatConfig | None = None,
        request_id: str | None = None,
        is_batch: bool = False,
    ) -> LLMResponse:
        """Read a whole reply of status below 400.

        Args:
            request: What was sent; its ``model`` and ``dropped`` suffice.
            body: The reply's JSON.
            config: What was asked, so that a structured reply is checked; None leaves ``parsed``
                empty.
            request_id: The provider's id of the request.
            is_batch: Whether it was part of a batch job, for its price.

        Raises:
            InvalidResponseError: If it is no reply of this provider.
            ResponseModelValidationError: If it does not satisfy ``response_model``; ``partial``
                holds the reply and ``usage`` what it cost.
        """
        ...

    def encode_embedding(self, config: EmbeddingConfig) -> EncodedRequest:
        """Shape a request that embeds all texts of the config at once.

        Raises:
            UnsupportedFeatureError: If the provider has no embeddings, or not as it is asked.
        """
        ...

    def decode_embedding(
        self,
        request: EncodedRequest,
        body: bytes,
        *,
        texts: Sequence[str],
        request_id: str | None = None,
        is_batch: bool = False,
    ) -> EmbeddingResponse:
        """Read a whole reply to :meth:`encode_embedding`.

        Args:
            request: What was sent; its ``model`` suffices.
            body: The reply's JSON.
            texts: The texts that were sent, in their order.
            request_id: The provider's id of the request.
            is_batch: Whether it was part of a batch job, for its price.

        Raises:
            EmbeddingError: If there is not one vector for each text.
            InvalidResponseError: If it is no reply of this provider.
        """
        ...

    def refused(
        self, status: int | None, body: bytes, *, headers: Mapping[str, str] | None = None
    ) -> RactoGatewayError:
        """The error that a refusal reports; returned, not raised.

        Args:
            status: HTTP status, 400 or above; None when only the error's body is known.
            body: The reply's JSON.
            headers: Response headers.
        """
        ...


@runtime_checkable
class Templating(Protocol):
    """The power of a codec to shape one request, and then many that differ in their words only."""

    def template(self, config: ChatConfig) -> Callable[[str], EncodedRequest] | None:
        """What makes the request of ``config`` with other words in place of its ``user_message``.

        Equal to :meth:`RequestCodec.encode` for any words, and several times as fast.

        Args:
            config: The request; its ``user_message`` is not used.

        Returns:
            None where the words decide more than themselves: the model, or what is left out.

        Raises:
            UnsupportedFeatureError: As :meth:`RequestCodec.encode` does.
            ConfigurationError: As :meth:`RequestCodec.encode` does.
        """
        ...


@runtime_checkable
class Encoding(Protocol):
    """The power of a kit to show how it speaks to its provider."""

    @property
    def codec(self) -> RequestCodec:
        """Shapes requests and reads replies as the kit does, under the kit's own settings."""
        ...
