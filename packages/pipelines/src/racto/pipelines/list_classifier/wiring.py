"""Puts the parts of a pipeline together: services by protocol, each in both voices."""

from __future__ import annotations

from typing import Any

from racto.core.protocols.embedders import Embedder
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer

from .caches import ReplyCaches
from .calls import Calls
from .conversations import Conversations
from .inquiry import Inquiry
from .limits import Budget
from .observation import Observer
from .settings import ClassifierSettings
from .shortlists import Shortlister


def wired(
    kit: Any,
    settings: ClassifierSettings,
    *,
    exact_cache: Any,
    semantic_cache: Any,
    audit_logger: Any,
    tracer: Tracer | None,
    metrics: Metrics | None,
    rate_limiter: Any,
    memory: Any,
    embedder: Embedder | None,
) -> tuple[Calls, Inquiry]:
    """The parts that run calls, and that answer one text.

    Args:
        kit: Whatever has ``chat`` or ``achat``.
        settings: The pipeline's settings.
        exact_cache: Keeps ``ExactCache``.
        semantic_cache: Keeps ``SimilarityCache``.
        audit_logger: Keeps ``AuditLogger``.
        tracer: Keeps ``Tracer``.
        metrics: Keeps ``Metrics``.
        rate_limiter: Keeps ``RateLimiter``.
        memory: Keeps ``ChatMemory``.
        embedder: Keeps ``Embedder``.

    Raises:
        ConfigurationError: If a service lacks a method; here, and not in the midst of a call.
    """
    # What is not there costs nothing: a call asks for None and goes on.
    conversations = Conversations(memory) if memory is not None else None
    has_cache = exact_cache is not None or semantic_cache is not None
    inquiry = Inquiry(
        kit,
        settings,
        caches=ReplyCaches(kit, exact=exact_cache, semantic=semantic_cache) if has_cache else None,
        budget=Budget(rate_limiter) if rate_limiter is not None else None,
        conversations=conversations,
        shortlister=Shortlister(embedder, examples=settings.examples, size=settings.shortlist_size)
        if embedder is not None
        else None,
    )
    observer = Observer(
        settings,
        model=str(getattr(kit, "model", "")),
        audit_logger=audit_logger,
        tracer=tracer,
        metrics=metrics,
        counts_hits=has_cache,
    )
    calls = Calls(
        inquiry, observer, conversations=conversations, uncertain=settings.uncertain_label
    )
    return calls, inquiry
