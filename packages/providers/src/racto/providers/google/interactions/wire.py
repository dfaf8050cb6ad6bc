"""The wire of the Interactions API: pure functions between racto's models and Google's JSON."""

from __future__ import annotations

from typing import Any

from racto.core.messages import MessageRole
from racto.core.responses import LLMResponse
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import load_reply
from racto.providers.google.endpoints import Endpoint
from racto.providers.google.fields import merged
from racto.providers.google.reading import EventAssembler, reading
from racto.providers.google.turns import PROVIDER, continued
from racto.providers.kits.omissions import Omissions
from racto.providers.kits.wires import Turn, WireReply, WireRequest

from .assembly import InteractionAssembly
from .settings import encode_settings
from .steps import encode_steps


class InteractionsWire:
    """Shapes requests and reads replies of ``/interactions``, each on its own and not stored.

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
        """
        omissions = Omissions(turn.config.on_unsupported, provider=PROVIDER)
        messages, token = continued(turn.messages)
        body: dict[str, Any] = {"input": encode_steps(messages, omissions)}
        system = [each.text for each in messages if each.role is MessageRole.SYSTEM and each.text]
        if system:
            body["system_instruction"] = "\n\n".join(system)
        body |= encode_settings(turn, omissions)
        if token is not None:
            body["continuation_token"] = token
        return WireRequest(
            path=self._endpoint.collection("interactions"),
            # Last, so that a caller can mend what racto gets wrong for a new model.
            body=merged(body, turn.config.extra),
            model=turn.model,
            dropped=omissions.dropped,
        )

    def decode(self, request: WireRequest, reply: WireReply) -> LLMResponse:
        """The response in a whole interaction.

        Raises:
            InvalidResponseError: If it is no reply of this API.
            RactoGatewayError: If the interaction failed and tells why.
        """
        data = load_reply(reply, self._translator)
        with reading(reply.body, self._translator, reply.request_id):
            return self._assembly(request, reply.request_id).whole(data)

    def assembler(self, request: WireRequest, request_id: str | None) -> EventAssembler:
        """A fresh assembler for one stream."""
        return EventAssembler(self._assembly(request, request_id), self._translator)

    def _assembly(self, request: WireRequest, request_id: str | None) -> InteractionAssembly:
        return InteractionAssembly(request, request_id, translator=self._translator)
