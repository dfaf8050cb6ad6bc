"""The embedder over Hugging Face's router, a TEI, or a server that embeds as OpenAI does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import SecretStr

from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.core.retries import RetryPolicy
from racto.providers.catalog import default_model
from racto.providers.embeddings.embedder import AsymmetricEmbedder
from racto.providers.embeddings.wires import EmbeddingCall, EmbeddingWire

from .connection import PROVIDER, connect
from .embedding_wire import EmbeddingsWire, FeatureExtractionWire

_APIS = ("router", "tei", "openai")


class HuggingFaceEmbedder(AsymmetricEmbedder):
    """Turns texts into vectors; keeps :class:`~racto.core.protocols.Embedder`.

    Also keeps :class:`~racto.core.protocols.QueryEmbedder`: questions get the prompt
    ``query_prompt_name``, where the model has one. Safe to share between threads, tasks and
    event loops.

    Args:
        model: Embedding model; the catalog's when None. A TEI serves the one it was started with.
        token: Token; ``HF_TOKEN`` or ``HUGGINGFACE_TOKEN`` when None.
        api_key: The token under the name that all embedders have for it.
        base_url: Address of a server of one's own; the router when None.
        api: How the server speaks: ``router`` (feature extraction), ``tei`` (``/embed``), or
            ``openai`` (``/v1/embeddings``, as vLLM); ``router`` without and ``tei`` with
            ``base_url`` when None.
        dimensions: Length of the vectors, where server and model can shorten them.
        prompt_name: The model's prompt for documents; none when None.
        query_prompt_name: The model's prompt for questions; none when None.
        normalize: Whether vectors get the length 1; the model's own way when None.
        truncate: Whether the server may cut texts that are too long; without it they are
            refused, because what is cut off is found by no search and missed by nobody.
        batch_size: Most texts of one request; a TEI takes 32 unless it was started otherwise.
        retry: How often to call again after a passing error.
        timeout: Seconds for one ``embed``, retries included; None for no limit.

    Raises:
        ConfigurationError: If a number is below 1, or both ``token`` and ``api_key`` are given.
        UnsupportedFeatureError: If ``api`` is ``openai`` and a prompt, ``normalize`` or
            ``truncate`` is set: that API has no such fields.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        token: SecretStr | str | None = None,
        api_key: SecretStr | str | None = None,
        base_url: str | None = None,
        api: Literal["router", "tei", "openai"] | None = None,
        dimensions: int | None = None,
        prompt_name: str | None = None,
        query_prompt_name: str | None = None,
        normalize: bool | None = None,
        truncate: bool = False,
        batch_size: int = 32,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
    ) -> None:
        connection = connect(token=token, api_key=api_key, base_url=base_url)
        # Decided by what the caller passed, never by what a server answered.
        spoken = api or ("router" if base_url is None else "tei")
        if spoken not in _APIS:
            raise ConfigurationError(f"api must be one of {', '.join(_APIS)}, not {spoken!r}")
        settings = {
            "prompt_name": prompt_name,
            "query_prompt_name": query_prompt_name,
            "normalize": normalize,
            "truncate": truncate or None,
        }
        wire: EmbeddingWire
        if spoken == "openai":
            _refuse(settings)
            wire = EmbeddingsWire(connection.translator, is_symmetric=True)
        else:
            wire = FeatureExtractionWire(
                connection.translator,
                is_tei=spoken == "tei",
                prompts={"document": prompt_name, "query": query_prompt_name},
                normalize=normalize,
                truncate=truncate,
            )
        call = EmbeddingCall(
            model=model or default_model(PROVIDER, "embedding"),
            dimensions=dimensions,
            batch_size=batch_size,
            retry=retry,
            timeout=timeout,
        )
        super().__init__(wire, connection, call=call)


def _refuse(settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        if value is not None:
            raise UnsupportedFeatureError(
                f"an embeddings API of OpenAI's kind has no {name}; leave it out, or use "
                'api="tei"',
                feature=name,
                provider=PROVIDER,
            )
