"""The wire of ``generateContent``: pure functions between racto's models and Google's JSON."""

from __future__ import annotations

from typing import Any

from racto.core.responses import LLMResponse
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import load_reply
from racto.providers.counts import count
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn, WireReply, WireRequest

from .assembly import Assembly
from .endpoints import Endpoint
from .fields import encode_fields, merged
from .reading import EventAssembler, invalid, reading
from .turns import PROVIDER, TOKEN, continued, encode_contents, encode_system

# What Vertex AI counts; the Gemini API counts whole requests.
_COUNTED = ("contents", "systemInstruction", "tools", "generationConfig")


class GenerateContentWire:
    """Shapes requests and reads replies of ``generateContent`` and its like.

    Args:
        endpoint: Where the models are served.
        translator: Makes the errors.
    """

    def __init__(self, endpoint: Endpoint, translator: Translator) -> None:
        self._endpoint = endpoint
        self._translator = translator

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return PROVIDER

    def encode(self, turn: Turn) -> WireRequest:
        """The request for a turn.

        Raises:
            UnsupportedFeatureError: If the API cannot carry something and the caller does not
                allow to drop it.
            ConfigurationError: If a tool's result answers no call, or the model's name is none.
        """
        omissions = Omissions(turn.config.on_unsupported, provider=PROVIDER)
        messages, token = continued(turn.messages)
        body: dict[str, Any] = {"contents": encode_contents(messages, turn.model, omissions)}
        if system := encode_system(messages):
            body["systemInstruction"] = system
        body |= encode_fields(turn, omissions)
        if token is not None:
            body[TOKEN] = token
        method = "streamGenerateContent?alt=sse" if turn.stream else "generateContent"
        return WireRequest(
            path=self._endpoint.path(turn.model, method),
            # Last, so that a caller can mend what racto gets wrong for a new model.
            body=merged(body, turn.config.extra),
            model=turn.model,
            dropped=omissions.dropped,
        )

    def decode(self, request: WireRequest, reply: WireReply) -> LLMResponse:
        """The response in a whole reply.

        Raises:
            ContentFilterError: If the prompt was blocked.
            InvalidResponseError: If it is no reply of this API.
            RactoGatewayError: If the body reports an error, as some proxies do with status 200.
        """
        data = load_reply(reply, self._translator)
        assembly = Assembly(request, reply.request_id)
        with reading(reply.body, self._translator, reply.request_id):
            assembly.take(data)
            if not data.get("candidates"):
                raise ValueError("it holds no candidates")
            return assembly.whole()

    def assembler(self, request: WireRequest, request_id: str | None) -> EventAssembler:
        """A fresh assembler for one stream."""
        return EventAssembler(Assembly(request, request_id), self._translator)

    def encode_count(self, turn: Turn) -> WireRequest:
        """The request to count the tokens of a turn instead of answering it.

        Raises:
            UnsupportedFeatureError: As :meth:`encode`.
            ConfigurationError: As :meth:`encode`.
        """
        body = self.encode(turn).body
        if self._endpoint.is_vertex:
            counted: dict[str, Any] = {name: body[name] for name in _COUNTED if name in body}
        else:
            named = {"model": self._endpoint.resource(turn.model)}
            counted = {"generateContentRequest": {**named, **body}}
        path = self._endpoint.path(turn.model, "countTokens")
        return WireRequest(path=path, body=counted, model=turn.model)

    def decode_count(self, reply: WireReply) -> int:
        """The number of tokens in a reply to :meth:`encode_count`.

        Raises:
            InvalidResponseError: If it holds none.
        """
        found = count(load_reply(reply, self._translator).get("totalTokens"))
        if found is None:
            why = "the reply holds no count of tokens"
            raise invalid(why, reply.body, self._translator, reply.request_id)
        return found
