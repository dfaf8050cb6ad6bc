"""A chat request as a kit resolved it: everything that decides the reply, for caches and logs."""

from __future__ import annotations

from dataclasses import dataclass

from .chat import ChatConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """The complete request: a cache key must cover all of it.

    Attributes:
        provider: Who will be asked.
        model: The model after routing.
        system: The compiled system text.
        config: The caller's request: history, tools, sampling, attachments, and the rest.
        scope: Tenant or user that replies must not leak out of; empty for all.
    """

    provider: str
    model: str
    system: str
    config: ChatConfig
    scope: str = ""
