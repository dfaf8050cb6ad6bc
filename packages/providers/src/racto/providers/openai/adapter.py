"""The reference's low-level adapter for OpenAI, over the kit."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from racto.core.tools import ToolRegistry
from racto.providers.gateway import KitAdapter
from racto.providers.kits.omissions import Omissions

from .dialects import COMPATIBLE, OPENAI
from .fields import encode_tool
from .kit import OpenAIDeveloperKit


class OpenAILLMKit(KitAdapter):
    """One request at a time against OpenAI, for :class:`~racto.providers.Gateway`.

    Args:
        model: Chat model; the catalog's when None.
        api_key: Key; ``OPENAI_API_KEY`` when None.
        base_url: Root of another server's API.
        **options: Further options of :class:`OpenAIDeveloperKit`.
    """

    def __init__(
        self,
        model: str | None = None,
        api_key: SecretStr | str | None = None,
        *,
        base_url: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(OpenAIDeveloperKit(model, api_key=api_key, base_url=base_url, **options))
        self._dialect = options.get("dialect") or (COMPATIBLE if base_url else OPENAI)

    def translate_tools(self, registry: ToolRegistry) -> list[dict[str, Any]]:
        """The tools as OpenAI's API describes them."""
        # Nobody would read what was dropped here, so nothing is.
        omissions = Omissions("raise", provider=self._dialect.provider)
        return [encode_tool(schema, self._dialect, omissions) for schema in registry]
