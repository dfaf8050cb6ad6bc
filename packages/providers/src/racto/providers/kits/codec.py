"""What a kit says to its provider, as pure functions; keeps :class:`~racto.core.protocols.RequestCodec`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from racto.core.chat import ChatConfig
from racto.core.embeddings import EmbeddingConfig, EmbeddingResponse
from racto.core.errors import RactoGatewayError, UnsupportedFeatureError
from racto.core.requests import EncodedRequest
from racto.core.responses import FinishReason, LLMResponse

from . import structured
from .readings import decoded
from .resolution import resolve
from .settings import AUTO, KitSettings
from .systems import effective_prompt
from .templates import templated
from .wires import Transport, Turn, Wire, WireReply

if TYPE_CHECKING:
    from racto.providers.embeddings.power import EmbeddingService


class KitCodec:
    """Shapes requests and reads replies as a kit does, and sends nothing.

    Args:
        wire: The kit's wire.
        transport: The kit's transport, which knows the provider's errors.
        model: The kit's model.
        settings: The kit's settings: prompt, router, truncator and prices count here.
        embeddings: The kit's power to embed; None when it has none.
    """

    def __init__(
        self,
        wire: Wire,
        transport: Transport,
        *,
        model: str,
        settings: KitSettings,
        embeddings: EmbeddingService | None = None,
    ) -> None:
        self._wire = wire
        self._transport = transport
        self._model = model
        self._settings = settings
        self._embeddings = embeddings

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return self._wire.provider

    @property
    def model(self) -> str:
        """Model for requests that name none."""
        return self._model

    def encode(self, config: ChatConfig) -> EncodedRequest:
        """Shape a chat request that is answered in one turn.

        Raises:
            UnsupportedFeatureError: If the wire cannot carry something, or tools are to be run.
            ConfigurationError: If settings contradict each other.
        """
        if config.auto_execute_tools:
            raise UnsupportedFeatureError(
                "nobody is there to run tools between the turns of an encoded request; leave "
                "auto_execute_tools out and run the tool calls of the reply",
                feature="auto_execute_tools",
                provider=self.provider,
            )
        request = resolve(
            config, provider=self.provider, model=self._model, settings=self._settings
        )
        asked = request.config
        messages = asked.messages(request.system or None)
        turn = Turn(
            model=request.model, messages=messages, config=asked, tool_choice=asked.tool_choice
        )
        return self._wire.encode(turn)

    def template(self, config: ChatConfig) -> Callable[[str], EncodedRequest] | None:
        """What makes the request of ``config`` with other words, by putting them in their place.

        None where a router chooses by the words, or a truncator measures them.

        Raises:
            UnsupportedFeatureError: As :meth:`encode` does.
            ConfigurationError: As :meth:`encode` does.
        """
        chosen = config.model or self._model
        if chosen == AUTO or self._settings.truncator is not None:
            return None
        return templated(self.encode, config)

    def decode(
        self,
        request: EncodedRequest,
        body: bytes,
        *,
        config: ChatConfig | None = None,
        request_id: str | None = None,
        is_batch: bool = False,
    ) -> LLMResponse:
        """Read a whole reply, price it, and check it where its config is known.

        Raises:
            InvalidResponseError: If it is no reply of this provider.
            ResponseModelValidationError: If it does not satisfy ``response_model``.
        """
        reply = WireReply(body=body, request_id=request_id)
        response = decoded(self._wire, request, reply)
        response.usage = self._settings.priced(
            response.usage, self.provider, response.model, request.model, batch=is_batch
        )
        if config is not None:
            self._check(response, config)
        return response

    def encode_embedding(self, config: EmbeddingConfig) -> EncodedRequest:
        """Shape a request that embeds all texts at once.

        Raises:
            UnsupportedFeatureError: If the kit cannot embed, or not as it is asked.
        """
        return self._embedding().encode(config)

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

        Raises:
            EmbeddingError: If there is not one vector for each text.
            InvalidResponseError: If it is no reply of this provider.
        """
        reply = WireReply(body=body, request_id=request_id)
        return self._embedding().decode(reply, texts, model=request.model, is_batch=is_batch)

    def refused(
        self, status: int | None, body: bytes, *, headers: Mapping[str, str] | None = None
    ) -> RactoGatewayError:
        """The error that a refusal reports; returned, not raised."""
        return self._transport.refused(status, headers or {}, body)

    def _check(self, response: LLMResponse, config: ChatConfig) -> None:
        """Judge a structured reply as the kit would; a tool call is none."""
        config = structured.with_inferred_model(
            effective_prompt(config, self._settings.default_prompt)
        )
        model = config.response_model
        if model is None or response.finish_reason is FinishReason.TOOL_CALL:
            if structured.asks_for_json(config):
                response.parsed = structured.find_json(response.content or "")
            return
        fault = structured.fault_of(response, model)
        if fault is not None:
            error = structured.failure(response, model, fault, attempts=1)
            error.partial, error.usage = response, response.usage
            raise error from fault

    def _embedding(self) -> EmbeddingService:
        if self._embeddings is None:
            raise UnsupportedFeatureError(
                f"{self.provider} has no embeddings", feature="embeddings", provider=self.provider
            )
        return self._embeddings
