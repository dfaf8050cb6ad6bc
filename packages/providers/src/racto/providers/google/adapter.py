"""The reference's low-level adapter for Google, over the kit."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from racto.core.tools import ToolRegistry
from racto.providers.gateway import KitAdapter
from racto.providers.kits.omissions import Omissions

from .fields import encode_tool
from .kit import GoogleDeveloperKit
from .turns import PROVIDER


class GoogleLLMKit(KitAdapter):
    """One request at a time against Gemini, for :class:`~racto.providers.Gateway`.

    Args:
        model: Chat model; the catalog's when None.
        api_key: Key; ``GOOGLE_API_KEY`` or ``GEMINI_API_KEY`` when None.
        base_url: Root of another server's API.
        **options: Further options of :class:`GoogleDeveloperKit`.
    """

    def __init__(
        self,
        model: str | None = None,
        api_key: SecretStr | str | None = None,
        *,
        base_url: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(GoogleDeveloperKit(model, api_key=api_key, base_url=base_url, **options))

    def translate_tools(self, registry: ToolRegistry) -> list[dict[str, Any]]:
        """The tools as Gemini's API describes them: one tool that holds all functions."""
        # Nobody would read what was dropped here, so nothing is.
        omissions = Omissions("raise", provider=PROVIDER)
        functions = [encode_tool(schema, omissions) for schema in registry]
        return [{"functionDeclarations": functions}] if functions else []
