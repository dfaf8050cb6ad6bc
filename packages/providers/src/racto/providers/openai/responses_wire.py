"""The Responses wire: pure functions between racto's models and OpenAI's JSON."""

from __future__ import annotations

from racto.core.responses import LLMResponse
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_reply
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn, WireReply, WireRequest

from .dialects import ChatDialect
from .responses_events import ResponsesAssembler
from .responses_fields import encode_fields
from .responses_items import encode_items
from .responses_replies import read_response


class ResponsesWire:
    """Shapes requests and reads replies of ``/responses``.

    Stateless: the whole conversation travels with every request, reasoning included, and nothing
    is stored, unless ``extra`` asks for it with ``store`` or ``previous_response_id``.

    Args:
        dialect: How the server speaks: its name, its schemas and its cache.
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
        stored = bool(turn.config.extra.get("store"))
        items = encode_items(turn.messages, self._dialect, omissions, stored=stored)
        body = {"input": items, **encode_fields(turn, self._dialect, omissions)}
        return WireRequest(
            path="/responses", model=turn.model, body=body, dropped=omissions.dropped
        )

    def decode(self, request: WireRequest, reply: WireReply) -> LLMResponse:
        """The response in a whole reply.

        Raises:
            InvalidResponseError: If it is not a response.
            RactoGatewayError: If the response failed, or the body reports an error.
        """
        data = load_reply(reply, self._translator)
        if data.get("status") == "failed":
            told = {"message": "it failed without a reason"}
            raise self._translator.reported(told, request_id=reply.request_id)
        if not isinstance(data.get("output"), list):
            raise self._invalid("the reply holds no output", reply)
        try:
            response = read_response(data, self.provider)
        except SHAPE_ERRORS as error:
            why = f"the reply is not a response ({error!r})"
            raise self._invalid(why, reply) from error
        response.request_id = reply.request_id
        response.dropped = request.dropped
        return response

    def assembler(self, request: WireRequest, request_id: str | None) -> ResponsesAssembler:
        """A fresh assembler for one stream."""
        return ResponsesAssembler(
            self.provider, self._translator, request=request, request_id=request_id
        )

    def _invalid(self, why: str, reply: WireReply) -> Exception:
        return self._translator.invalid(why, body=reply.body, request_id=reply.request_id)
