"""What a server serves at one time: a registry, its pipelines, and what it tells about them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from racto.retrieval.server.pipeline import Pipelines
from racto.retrieval.server.processors import Processor
from racto.retrieval.server.registry import CALLABLE, Registry


class Services:
    """One generation of services; a reload makes the next one and closes this when it is idle.

    Args:
        registry: The services by name and role.
        pipelines: Pipelines over that registry; any pipeline may be run without it.
    """

    def __init__(self, registry: Registry, pipelines: Pipelines | None = None) -> None:
        self.registry = registry
        self.pipelines = pipelines or Pipelines(registry)
        self.avail = orjson.dumps(available(self))
        self.idle = asyncio.Event()
        self.idle.set()
        self._users = 0

    def enter(self) -> None:
        """Count a request that uses this generation."""
        self._users += 1
        self.idle.clear()

    def leave(self) -> None:
        """Count it off; with the last one the generation is idle."""
        self._users -= 1
        if not self._users:
            self.idle.set()


def available(services: Services) -> dict[str, Any]:
    """What clients and importing servers are told at ``/avail``.

    Args:
        services: The services.

    Returns:
        Names by role, views of collections, and the pipeline aliases. Older clients read
        ``content``, newer ones ``collection``; both are there. There is no ``grpc_port``, since
        clients would go there.
    """
    registry = services.registry
    names = registry.get_all_services()
    told: dict[str, Any] = {role: names[role] for role in CALLABLE}
    collections = {name: registry.find(name, "content") for name in names["content"]}
    views = {name: _views(processor) for name, processor in collections.items()}
    told["content"] = list(collections)
    told["collection"] = {
        name: {"views": kinds, "default": _default(collections[name], kinds)}
        for name, kinds in views.items()
    }
    told["score_view_kinds"] = {
        name: _kind(registry.find(name, "score")) for name in names["score"]
    }
    told["pipeline_aliases"] = dict(services.pipelines.aliases.texts)
    return told


def _views(processor: Processor) -> dict[str, str]:
    views = getattr(processor, "views", None)
    return dict(views) if isinstance(views, Mapping) else {"text": "text"}


def _default(processor: Processor, kinds: Mapping[str, str]) -> str | None:
    named = getattr(processor, "default_view", None)
    if isinstance(named, str):
        return named
    # With several views and no default, whoever asks has to name one.
    return next(iter(kinds)) if len(kinds) == 1 else None


def _kind(processor: Processor) -> str:
    engine = getattr(processor, "engine", None)
    return str(getattr(engine, "accepts_view_kind", "text"))
