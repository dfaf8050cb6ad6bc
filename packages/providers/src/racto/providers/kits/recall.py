"""Replies remembered: when a kit asks its caches, and when it lets them remember.

No cache is asked, and none told, of a request whose tools run here or that brings a
``tool_context``: its reply depends on who asks and on what the tools find, of which a cache's key
knows nothing, and a remembered reply would leave out what the tools do. A request that only
declares its tools is answered by the model alone, and is remembered like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import cast

from racto.core.flows import Flow, step
from racto.core.protocols.caches import Coalescing, Lead
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse
from racto.core.retries import Deadline

from .observation import Observation
from .settings import KitSettings


def recalled(
    request: ChatRequest,
    settings: KitSettings,
    observation: Observation,
    *,
    deadline: Deadline,
    answer: Callable[[], Flow[LLMResponse]],
) -> Flow[LLMResponse]:
    """The remembered reply, or the one that ``answer`` brings, which is then remembered.

    With a cache that can, many who ask the same at once make one call, and the others wait for it
    within their own deadline.

    Args:
        request: The resolved request.
        settings: Whose caches are asked.
        observation: Told what they say.
        deadline: When all must be done.
        answer: Asks the model.

    Raises:
        RactoGatewayError: Whatever ``answer`` raises; also what it raised for another who asked
            the same, when it is the request's own fault.
    """
    if reaches_outside(request):
        return (yield from answer())
    cache, lead = settings.exact_cache, None
    if cache is not None:
        found: LLMResponse | Lead | None
        if _coalesces(type(cache)):
            power = cast("Coalescing", cache)
            found = yield from step(power.join, power.ajoin, request, timeout=deadline.timeout())
        else:
            found = yield from step(cache.lookup, cache.alookup, request)
        if isinstance(found, LLMResponse):
            observation.cache_answered("exact", hit=True)
            return found
        observation.cache_answered("exact", hit=False)
        lead = found
    try:
        return (yield from _fetched(request, settings, observation, answer=answer, lead=lead))
    except BaseException as error:
        # Also when a task is cancelled or a flow is closed: others must not wait for nobody.
        if lead is not None:
            lead.abandon(error)
        raise


def _fetched(
    request: ChatRequest,
    settings: KitSettings,
    observation: Observation,
    *,
    answer: Callable[[], Flow[LLMResponse]],
    lead: Lead | None,
) -> Flow[LLMResponse]:
    response = yield from _similar(request, settings, observation)
    if response is None:
        response = yield from answer()
        yield from _remember(request, response, settings, lead)
    elif lead is not None:
        # Only for those who wait: the exact cache keeps no reply to another question.
        yield from step(lead.finish, lead.afinish, response, keep=False)
    return response


def _similar(
    request: ChatRequest, settings: KitSettings, observation: Observation
) -> Flow[LLMResponse | None]:
    # After the exact one, which is cheaper and cannot be wrong.
    cache = settings.semantic_cache
    if cache is None or not stands_alone(request):
        return None
    near = yield from step(cache.nearest, cache.anearest, request)
    observation.cache_answered("semantic", hit=near is not None)
    return None if near is None else near.response


def _remember(
    request: ChatRequest, response: LLMResponse, settings: KitSettings, lead: Lead | None
) -> Flow[None]:
    # Those who wait first. What is cut or refused is handed to them, and kept by nobody.
    is_whole = response.finish_reason.is_complete
    if lead is not None:
        yield from step(lead.finish, lead.afinish, response)
    elif settings.exact_cache is not None and is_whole:
        cache = settings.exact_cache
        yield from step(cache.remember, cache.aremember, request, response)
    if settings.semantic_cache is not None and is_whole and stands_alone(request):
        similar = settings.semantic_cache
        yield from step(similar.remember, similar.aremember, request, response)


@lru_cache(maxsize=64)
def _coalesces(kind: type) -> bool:
    # Asked for every request, and a protocol's own check takes longer than the cache.
    return issubclass(kind, Coalescing)


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
