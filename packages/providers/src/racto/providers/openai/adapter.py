"""The reference's low-level adapter for OpenAI, over the kit."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from racto.core.tools import ToolRegistry
from racto.providers.gateway import KitAdapter
from racto.providers.kits.omissions import Omissions

from .fields import encode_tool
from .kit import OpenAIDeveloperKit
from .responses_fields import encode_tool as encode_responses_tool


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
        kit = OpenAIDeveloperKit(model, api_key=api_key, base_url=base_url, **options)
        super().__init__(kit)
        self._api, self._dialect = kit.api, kit.dialect

    def translate_tools(self, registry: ToolRegistry) -> list[dict[str, Any]]:
        """The tools as the API that the kit speaks describes them."""
        # Nobody would read what was dropped here, so nothing is.
        omissions = Omissions("raise", provider=self._dialect.provider)
        encode = encode_responses_tool if self._api == "responses" else encode_tool
        return [encode(schema, self._dialect, omissions) for schema in registry]
