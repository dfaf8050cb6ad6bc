"""The reference's low-level adapter for Hugging Face, over the kit."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from racto.core.tools import ToolRegistry
from racto.providers.gateway import KitAdapter
from racto.providers.kits.omissions import Omissions
from racto.providers.openai.fields import encode_tool

from .connection import PROVIDER
from .kit import HuggingFaceDeveloperKit
from .wire import HUGGINGFACE


class HuggingFaceLLMKit(KitAdapter):
    """One request at a time against Hugging Face, for :class:`~racto.providers.Gateway`.

    Args:
        model: Chat model; the catalog's when None.
        api_key: Token; ``HF_TOKEN`` or ``HUGGINGFACE_TOKEN`` when None.
        base_url: Address of a server of one's own; the router when None.
        **options: Further options of :class:`HuggingFaceDeveloperKit`.
    """

    def __init__(
        self,
        model: str | None = None,
        api_key: SecretStr | str | None = None,
        *,
        base_url: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            HuggingFaceDeveloperKit(model, api_key=api_key, base_url=base_url, **options)
        )
        self._dialect = options.get("dialect", HUGGINGFACE)

    def translate_tools(self, registry: ToolRegistry) -> list[dict[str, Any]]:
        """The tools as the server's API describes them."""
        # Nobody would read what was dropped here, so nothing is.
        omissions = Omissions("raise", provider=PROVIDER)
        return [encode_tool(schema, self._dialect, omissions) for schema in registry]
