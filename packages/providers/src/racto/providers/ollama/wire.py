"""Ollama's own chat API: pure functions between racto's models and its JSON."""

from __future__ import annotations

from typing import Any

from racto.core.responses import LLMResponse
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_reply
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn, WireReply, WireRequest
from racto.providers.openai.emulation import with_schema_in_words

from .connection import PROVIDER
from .fields import encode_fields
from .lines import ChatAssembler
from .replies import read_reply
from .turns import encode_messages


class OllamaWire:
    """Shapes requests and reads replies of ``/api/chat``; keeps :class:`~racto.providers.kits.Wire`.

    Args:
        translator: Makes the errors.
        truncate: Whether the server may drop what does not fit the model's context.
        keep_alive: How long the model stays in memory afterwards; the server's own when None.
    """

    def __init__(
        self,
        translator: Translator,
        *,
        truncate: bool = False,
        keep_alive: float | str | None = None,
    ) -> None:
        self._translator = translator
        self._settings: dict[str, Any] = {}
        if not truncate:
            # Both are on by default: the server would cut the beginning of a conversation, or
            # its middle, and say nothing.
            self._settings |= {"truncate": False, "shift": False}
        if keep_alive is not None:
            self._settings["keep_alive"] = keep_alive

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return PROVIDER

    def encode(self, turn: Turn) -> WireRequest:
        """The request for a turn.

        Raises:
            UnsupportedFeatureError: If the API cannot carry something and the caller does not
                allow to drop it.
        """
        omissions = Omissions(turn.config.on_unsupported, provider=PROVIDER)
        # Ollama keeps the format from the model, and only forbids what does not fit; a model
        # that is told nothing fills in nonsense.
        said = with_schema_in_words(turn.messages, turn.config)
        messages = encode_messages(said, omissions)
        fields = encode_fields(turn, omissions)
        return WireRequest(
            path="/api/chat",
            model=turn.model,
            body={"messages": messages, **self._settings, **fields},
            dropped=omissions.dropped,
        )

    def decode(self, request: WireRequest, reply: WireReply) -> LLMResponse:
        """The response in a whole reply.

        Raises:
            InvalidResponseError: If it is not a chat's reply, or says that it is not whole.
            RactoGatewayError: If the body reports an error.
        """
        data = load_reply(reply, self._translator)
        try:
            response = read_reply(data)
        except SHAPE_ERRORS as error:
            why = f"the reply is not one of {request.path} ({error!r})"
            raise self._invalid(why, reply) from error
        if not data.get("done"):
            raise self._invalid("the reply says that it is not done", reply)
        response.request_id = reply.request_id
        response.dropped = request.dropped
        return response

    def assembler(self, request: WireRequest, request_id: str | None) -> ChatAssembler:
        """A fresh assembler for one stream."""
        return ChatAssembler(self._translator, request=request, request_id=request_id)

    def _invalid(self, why: str, reply: WireReply) -> Exception:
        return self._translator.invalid(why, body=reply.body, request_id=reply.request_id)
