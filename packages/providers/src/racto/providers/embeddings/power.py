"""The power of a kit to embed: requests and replies as models, under the kit's own settings."""

from __future__ import annotations

from collections.abc import Sequence

from racto.core.embeddings import EmbeddingConfig, EmbeddingResponse, EmbeddingVector
from racto.core.flows import Flow, arun, run
from racto.core.requests import EncodedRequest
from racto.core.telemetry import conventions
from racto.core.usage import Usage
from racto.providers.arrays import lists
from racto.providers.catalog import default_model
from racto.providers.connections.connection import Connection
from racto.providers.kits.observation import Observation
from racto.providers.kits.settings import KitSettings
from racto.providers.kits.wires import WireReply

from .flow import checked, embedded
from .wires import EmbeddedBatch, EmbeddingCall, EmbeddingWire


class EmbeddingService:
    """Answers embedding requests of a kit.

    Args:
        wire: Shapes requests and replies.
        connection: Carries them.
        settings: The kit's settings: its retries, its timeout, its prices, its telemetry.
        model: Model for requests that name none; the catalog's when None.
        catalog: Name of the provider in the catalog; the wire's own when None.
        batch_size: Most texts of one request.
        batch_bytes: Most bytes of text of one request; None for no limit.
    """

    def __init__(
        self,
        wire: EmbeddingWire,
        connection: Connection,
        *,
        settings: KitSettings,
        model: str | None = None,
        catalog: str | None = None,
        batch_size: int = 256,
        batch_bytes: int | None = None,
    ) -> None:
        self._wire = wire
        self._connection = connection
        self._settings = settings
        self._model = model
        self._catalog = catalog or wire.provider
        self._batch_size = batch_size
        self._batch_bytes = batch_bytes

    def answer(self, config: EmbeddingConfig) -> Flow[EmbeddingResponse]:
        """Embed all texts of a request, in its order."""
        call = self._call(config)
        with self._observation(call.model) as observation:
            batches = yield from embedded(
                config.texts, call, wire=self._wire, connection=self._connection, shape=lists
            )
            usage = sum((self._priced(batch, call.model) for batch in batches), Usage.nothing())
            observation.used(usage)
        return self._response(batches, config.texts, model=call.model, usage=usage)

    def encode(self, config: EmbeddingConfig) -> EncodedRequest:
        """The request that embeds all texts at once, for whoever carries it himself."""
        return self._wire.encode(config.texts, self._call(config))

    def decode(
        self, reply: WireReply, texts: Sequence[str], *, model: str, is_batch: bool = False
    ) -> EmbeddingResponse:
        """Read a reply to :meth:`encode`.

        Args:
            reply: The provider's reply.
            texts: The texts that were sent.
            model: Model that was asked.
            is_batch: Whether it was part of a batch job, for its price.

        Raises:
            EmbeddingError: If there is not one vector for each text.
        """
        batch = checked(self._wire.decode(reply, len(texts)), len(texts), "the request", lists)
        return self._response(
            [batch], texts, model=model, usage=self._priced(batch, model, is_batch)
        )

    def _response(
        self, batches: Sequence[EmbeddedBatch], texts: Sequence[str], *, model: str, usage: Usage
    ) -> EmbeddingResponse:
        rows = (row for batch in batches for row in batch.rows)
        vectors = [
            EmbeddingVector(index=number, text=text, embedding=row)
            for number, (text, row) in enumerate(zip(texts, rows, strict=True))
        ]
        return EmbeddingResponse(
            vectors=vectors,
            model=batches[0].model or model,
            usage=usage,
            provider=self._wire.provider,
        )

    def _priced(self, batch: EmbeddedBatch, model: str, is_batch: bool = False) -> Usage:
        # By who answered: a compatible server's models are not sold at the prices of their namesakes.
        names = (self._wire.provider, batch.model, model)
        return self._settings.priced(batch.usage, *names, batch=is_batch)

    def _call(self, config: EmbeddingConfig) -> EmbeddingCall:
        return EmbeddingCall(
            model=config.model or self._model or default_model(self._catalog, "embedding"),
            dimensions=config.dimensions,
            input_type=config.input_type,
            batch_size=self._batch_size,
            batch_bytes=self._batch_bytes,
            extra=config.extra,
            retry=self._settings.retry,
            timeout=self._settings.timeout,
        )

    def _observation(self, model: str) -> Observation:
        return Observation(
            self._settings.tracer,
            self._settings.metrics,
            operation=conventions.OPERATION_EMBEDDINGS,
            provider=self._wire.provider,
            model=model,
        )


class EmbeddingPower:
    """Gives a kit ``embed`` and ``aembed``; keeps :class:`~racto.core.protocols.EmbeddingKit`.

    A mixin: the kit's constructor sets ``_embeddings``.
    """

    _embeddings: EmbeddingService

    def embed(self, config: EmbeddingConfig) -> EmbeddingResponse:
        """Embed all texts of a request, in its order.

        Args:
            config: Texts, and how to embed them.

        Raises:
            EmbeddingError: If another number of vectors came back, or they are no vectors.
            UnsupportedFeatureError: If the API cannot do what ``dimensions`` or ``input_type``
                asks for.
            RactoGatewayError: What the server answered.
        """
        return run(self._embeddings.answer(config))

    async def aembed(self, config: EmbeddingConfig) -> EmbeddingResponse:
        """Async twin of :meth:`embed`."""
        return await arun(self._embeddings.answer(config))
