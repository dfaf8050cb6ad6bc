"""Errors of racto's own services: limiters, job queues, retrieval engines."""

from __future__ import annotations

from .root import RactoGatewayError


class RateLimitExceededError(RactoGatewayError):
    """racto's own rate limiter refused the request; nothing was consumed."""

    default_retryable = True


class JobError(RactoGatewayError):
    """A background job, batch or task failed."""


class EngineError(RactoGatewayError):
    """A retrieval engine raised, or returned something its protocol does not allow."""
