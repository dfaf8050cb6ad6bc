"""The reference's low-level adapter for Anthropic, over the kit."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from racto.core.tools import ToolRegistry
from racto.providers.gateway import KitAdapter
from racto.providers.kits.omissions import Omissions

from .api import PROVIDER
from .kit import AnthropicDeveloperKit
from .tools import encode_tool


class AnthropicLLMKit(KitAdapter):
    """One request at a time against Anthropic, for :class:`~racto.providers.Gateway`.

    Args:
        model: Chat model; the catalog's when None.
        api_key: Key; ``ANTHROPIC_API_KEY`` when None.
        **options: Further options of :class:`AnthropicDeveloperKit`.
    """

    def __init__(
        self,
        model: str | None = None,
        api_key: SecretStr | str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(AnthropicDeveloperKit(model, api_key=api_key, **options))

    def translate_tools(self, registry: ToolRegistry) -> list[dict[str, Any]]:
        """The tools as Anthropic's API describes them."""
        # Nobody would read what was dropped here, so nothing is.
        omissions = Omissions("raise", provider=PROVIDER)
        return [encode_tool(schema, omissions) for schema in registry]
