"""Requests below the caller's words: as a kit resolved them, and as a provider takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedRequest:
    """A request in a provider's own words, ready to be sent or to be written into a file.

    Attributes:
        path: Path below the provider's base URL.
        body: The JSON body.
        model: Model that is asked, for replies that do not name theirs.
        dropped: Fields of the config that the body does not carry, by the caller's leave.
        headers: Headers that this very request needs, for example of a beta feature.
    """

    path: str
    body: Mapping[str, Any]
    model: str = ""
    dropped: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
