"""Replies remembered: when a kit asks its caches, and when it lets them remember.

No cache is asked, and none told, of a request whose tools run here or that brings a
``tool_context``: its reply depends on who asks and on what the tools find, of which a cache's key
knows nothing, and a remembered reply would leave out what the tools do. A request that only
declares its tools is answered by the model alone, and is remembered like any other.
"""

from __future__ import annotations

from racto.core.flows import Flow, step
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse

from .observation import Observation
from .settings import KitSettings


def recall(
    request: ChatRequest, settings: KitSettings, observation: Observation
) -> Flow[LLMResponse | None]:
    """The remembered reply to the same request, or to a question that means the same."""
    if reaches_outside(request):
        return None
    # The exact one first: it is cheaper, and it cannot be wrong.
    if settings.exact_cache is not None:
        cache = settings.exact_cache
        found = yield from step(cache.lookup, cache.alookup, request)
        observation.cache_answered("exact", hit=found is not None)
        if found is not None:
            return found
    if settings.semantic_cache is not None and stands_alone(request):
        similar = settings.semantic_cache
        near = yield from step(similar.nearest, similar.anearest, request)
        observation.cache_answered("semantic", hit=near is not None)
        if near is not None:
            return near.response
    return None


def remember(request: ChatRequest, response: LLMResponse, settings: KitSettings) -> Flow[None]:
    """Let the caches keep a whole reply; a cut or refused one would be served for ever."""
    if reaches_outside(request) or not response.finish_reason.is_complete:
        return
    if settings.exact_cache is not None:
        cache = settings.exact_cache
        yield from step(cache.remember, cache.aremember, request, response)
    if settings.semantic_cache is not None and stands_alone(request):
        similar = settings.semantic_cache
        yield from step(similar.remember, similar.aremember, request, response)


def reaches_outside(request: ChatRequest) -> bool:
    """Whether the reply depends on more than the request: on tools that run here, for somebody."""
    return request.config.auto_execute_tools or bool(request.config.tool_context)


def stands_alone(request: ChatRequest) -> bool:
    """Whether the question means the same whoever asks it, and when.

    "And its capital?" after France is another question than after Japan; a semantic cache,
    which compares questions alone, must see neither.
    """
    config = request.config
    return not (config.history or config.attachments or config.tools or config.response_model)
