"""The Chat Completions wire: pure functions between racto's models and OpenAI's JSON."""

from __future__ import annotations

from racto.core.responses import LLMResponse
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_reply
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn, WireReply, WireRequest

from .chunks import ChatAssembler
from .dialects import ChatDialect
from .emulation import unwrapped, with_schema_in_words
from .fields import encode_fields
from .replies import read_reply
from .turns import encode_messages


class ChatWire:
    """Shapes requests and reads replies of ``/chat/completions``.

    Args:
        dialect: How the server speaks.
        translator: Makes the errors.
    """

    def __init__(self, dialect: ChatDialect, translator: Translator) -> None:
        self._dialect = dialect
        self._translator = translator

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return self._dialect.provider

    def encode(self, turn: Turn) -> WireRequest:
        """The request for a turn.

        Raises:
            UnsupportedFeatureError: If the API cannot carry something and the caller does not
                allow to drop it.
        """
        omissions = Omissions(turn.config.on_unsupported, provider=self.provider)
        said = turn.messages
        if self._dialect.structured in ("json_object", "prompt"):
            said = with_schema_in_words(said, turn.config)
        messages = encode_messages(said, self._dialect, omissions)
        body = {"messages": messages, **encode_fields(turn, self._dialect, omissions)}
        return WireRequest(
            path="/chat/completions", model=turn.model, body=body, dropped=omissions.dropped
        )

    def decode(self, request: WireRequest, reply: WireReply) -> LLMResponse:
        """The response in a whole reply.

        Raises:
            InvalidResponseError: If it is not a completion.
            RactoGatewayError: If the body reports an error, as some proxies do with status 200.
        """
        data = load_reply(reply, self._translator)
        choices = data.get("choices")
        if not choices:
            raise self._invalid("the reply holds no choices", reply)
        try:
            # With extra={"n": ...} there are more choices; they stay in raw.
            response = unwrapped(read_reply(data, choices[0], self.provider))
        except SHAPE_ERRORS as error:
            why = f"the reply is not a chat completion ({error!r})"
            raise self._invalid(why, reply) from error
        response.request_id = reply.request_id
        response.dropped = request.dropped
        return response

    def assembler(self, request: WireRequest, request_id: str | None) -> ChatAssembler:
        """A fresh assembler for one stream."""
        return ChatAssembler(
            self._dialect, self._translator, request=request, request_id=request_id
        )

    def _invalid(self, why: str, reply: WireReply) -> Exception:
        return self._translator.invalid(why, body=reply.body, request_id=reply.request_id)
