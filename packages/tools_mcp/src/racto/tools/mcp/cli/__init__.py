"""The command ``racto-mcp``: list, call, read, prompt, inspect, serve."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .command import main as main

__getattr__, __dir__, __all__ = lazily(__name__, {"command": "main"})
