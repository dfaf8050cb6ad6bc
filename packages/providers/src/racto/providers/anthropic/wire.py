"""The Messages wire: pure functions between racto's models and Anthropic's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from racto.core.messages import Message
from racto.core.responses import LLMResponse
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_reply
from racto.providers.counts import count
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn, WireReply, WireRequest

from .api import BETA_HEADER, CURRENT, PROVIDER, APIVersion
from .caching import check_marks, mark_prefix
from .chunks import MessagesAssembler
from .fields import encode_fields, format_in_words
from .replies import read_reply
from .turns import encode_conversation

# Of a request whose tokens are counted: the other fields say how to answer, which costs no input.
_COUNTED = (
    "model", "messages", "system", "tools", "tool_choice", "thinking", "output_config",
    "cache_control",
)  # fmt: skip


class MessagesWire:
    """Shapes requests and reads replies of ``/v1/messages``.

    Args:
        translator: Makes the errors.
        version: The API as it is asked for.
    """

    def __init__(self, translator: Translator, version: APIVersion = CURRENT) -> None:
        self._translator = translator
        self._version = version

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return PROVIDER

    def encode(self, turn: Turn) -> WireRequest:
        """The request for a turn.

        Raises:
            UnsupportedFeatureError: If the API cannot carry something and the caller does not
                allow to drop it.
            ConfigurationError: If settings contradict each other, or mark too many prefixes.
        """
        config = turn.config
        omissions = Omissions(config.on_unsupported, provider=PROVIDER)
        fields = encode_fields(turn, self._version, omissions)
        words = format_in_words(config, fields)
        messages = [Message.system(words), *turn.messages] if words else turn.messages
        fields |= encode_conversation(messages, self._version, omissions)
        if config.cache is not None:
            mark_prefix(fields, config.cache)
        check_marks(fields)
        headers = {**self._version.headers, **self._betas(config.extra)}
        return WireRequest(
            path="/v1/messages",
            model=turn.model,
            body=_extended(fields, config.extra),
            dropped=omissions.dropped,
            headers=headers,
        )

    def decode(self, request: WireRequest, reply: WireReply) -> LLMResponse:
        """The response in a whole reply.

        Raises:
            InvalidResponseError: If it is not a message.
            RactoGatewayError: If the body reports an error, as some proxies do with status 200.
        """
        data = load_reply(reply, self._translator)
        try:
            response = read_reply(data)
        except SHAPE_ERRORS as error:
            raise self._invalid(f"the reply is not a message ({error!r})", reply) from error
        response.request_id = reply.request_id
        response.dropped = request.dropped
        return response

    def assembler(self, request: WireRequest, request_id: str | None) -> MessagesAssembler:
        """A fresh assembler for one stream."""
        return MessagesAssembler(self._translator, request=request, request_id=request_id)

    def encode_count(self, turn: Turn) -> WireRequest:
        """The request to count the tokens of a turn instead of answering it.

        Raises:
            UnsupportedFeatureError: As :meth:`encode`.
            ConfigurationError: As :meth:`encode`.
        """
        request = self.encode(turn)
        body = {name: request.body[name] for name in _COUNTED if name in request.body}
        return replace(request, path="/v1/messages/count_tokens", body=body, dropped=())

    def decode_count(self, reply: WireReply) -> int:
        """The number of tokens in a reply to :meth:`encode_count`.

        Raises:
            InvalidResponseError: If it holds none.
        """
        found = count(load_reply(reply, self._translator).get("input_tokens"))
        if found is None:
            raise self._invalid("the reply holds no count of tokens", reply)
        return found

    def _invalid(self, why: str, reply: WireReply) -> Exception:
        return self._translator.invalid(why, body=reply.body, request_id=reply.request_id)

    def _betas(self, extra: Mapping[str, Any]) -> dict[str, str]:
        """The header that asks for unfinished features, where a request names some of its own."""
        asked = extra.get("betas")
        if not asked:
            return {}
        # It replaces the client's own header, which asks for those of the kit.
        own = [asked] if isinstance(asked, str) else asked
        return {BETA_HEADER: ",".join(dict.fromkeys([*self._version.betas, *own]))}


def _extended(fields: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The body with the caller's own fields, which have the last word."""
    own = {name: value for name, value in extra.items() if name != "betas"}
    # Server-side tools work beside the caller's; replacing those would be no use to anybody.
    if "tools" in own and "tools" in fields:
        own["tools"] = [*fields["tools"], *own["tools"]]
    return {**fields, **own}
