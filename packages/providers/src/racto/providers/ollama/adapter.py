"""The reference's low-level adapter for Ollama, over the kit."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from racto.core.tools import ToolRegistry
from racto.providers.gateway import KitAdapter
from racto.providers.kits.omissions import Omissions

from .connection import PROVIDER
from .fields import encode_tool
from .kit import OllamaDeveloperKit


class OllamaLLMKit(KitAdapter):
    """One request at a time against Ollama, for :class:`~racto.providers.Gateway`.

    Args:
        model: Chat model; the catalog's when None.
        api_key: Key; ``OLLAMA_API_KEY`` when None.
        base_url: Address of the server; ``OLLAMA_HOST``, or this machine, when None.
        **options: Further options of :class:`OllamaDeveloperKit`.
    """

    def __init__(
        self,
        model: str | None = None,
        api_key: SecretStr | str | None = None,
        *,
        base_url: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(OllamaDeveloperKit(model, api_key=api_key, base_url=base_url, **options))

    def translate_tools(self, registry: ToolRegistry) -> list[dict[str, Any]]:
        """The tools as Ollama's API describes them."""
        # Nobody would read what was dropped here, so nothing is.
        omissions = Omissions("raise", provider=PROVIDER)
        return [encode_tool(schema, omissions) for schema in registry]
