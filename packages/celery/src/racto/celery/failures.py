"""Errors as a result back end can keep them: of racto's tree, with a message and nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery.exceptions import BackendError, SoftTimeLimitExceeded  # type: ignore[import-untyped]

from racto.core import errors
from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    DeadlineExceededError,
    JobError,
    RactoGatewayError,
)
from racto.core.secrets import redact

LONGEST = 4000
"""Most characters of a message that are kept."""


def portable(error: BaseException) -> RactoGatewayError:
    """The error as it is kept in the back end and sent between processes.

    Of the same class where that can be made from a message alone, otherwise a ``JobError`` that
    begins with the class's name. Without replies, causes, secrets and stack of the original.
    """
    if is_soft_limit(error):
        return DeadlineExceededError(
            "the task was stopped at its soft time limit; raise TaskLimits.soft_time_s"
        )
    if not isinstance(error, RactoGatewayError):
        return JobError(_words(error))
    kind = type(error)
    if _is_plain(kind):
        made = kind(shortened(str(error)))
    else:
        made = JobError(shortened(f"{kind.__name__}: {error}"))
    made.retryable, made.retry_after = error.retryable, error.retry_after
    made.provider, made.status_code = error.provider, error.status_code
    made.request_id = error.request_id
    return made


def is_soft_limit(error: BaseException) -> bool:
    """Whether the soft time limit is behind an error, however a kit has wrapped it."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        if isinstance(found, SoftTimeLimitExceeded):
            return True
        seen.add(id(found))
        found = found.__cause__ or found.__context__
    return False


def shortened(text: str) -> str:
    """The text, cut when it is longer than a message may be."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def _words(error: BaseException) -> str:
    # Cut before as well: looking for secrets in millions of characters takes seconds.
    return shortened(f"{type(error).__name__}: {redact(str(error)[: 4 * LONGEST]).strip()}")


@contextmanager
def translated(what: str, *, service: str, at: Callable[[], str] | None = None) -> Iterator[None]:
    """Turn errors of Celery, kombu and their clients into racto's.

    Args:
        what: What was being done, for the message.
        service: ``broker`` or ``result back end``.
        at: Says where the service is, without secrets; asked only when it failed.

    Raises:
        APIConnectionError: If the service cannot be reached; the message names its host.
        ConfigurationError: If the app's broker or back end cannot do it at all.
        JobError: If it answered something that cannot be used.
    """
    try:
        yield
    except RactoGatewayError:
        raise
    # The clients of a dozen brokers have no root in common.
    except Exception as error:
        host = at() if at is not None else ""
        raise _translation(error, what, f"{service} at {host}" if host else service) from error


def _translation(error: Exception, what: str, service: str) -> RactoGatewayError:
    detail = _words(error)
    # Back ends without a power say so in this way, and no later try will help.
    if isinstance(error, NotImplementedError):
        return ConfigurationError(f"{what}: this Celery app's {service} cannot do it: {detail}")
    cause = error.__cause__
    if isinstance(error, RuntimeError) and cause is not None and _is_of_connection(cause):
        # Celery's own word for a Redis that did not come back, while it sends or waits for results.
        lost = f"{what}: the result back end failed: {_words(cause)}"
        return APIConnectionError(lost, provider="celery")
    if _is_of_connection(error):
        return APIConnectionError(f"{what}: the {service} failed: {detail}", provider="celery")
    return JobError(f"{what}: {detail}")


def _is_of_connection(error: BaseException) -> bool:
    # Clients are named by their modules: importing them would make them requirements.
    return isinstance(error, (OSError, BackendError)) or any(
        kind.__module__.partition(".")[0] in _CLIENTS or kind.__qualname__ == "OperationalError"
        for kind in type(error).__mro__
    )


_CLIENTS = frozenset({"redis", "amqp", "pymongo", "sqlalchemy", "botocore"})


def _is_plain(kind: type[RactoGatewayError]) -> bool:
    """Whether the class is racto-core's and takes a message alone."""
    if getattr(errors, kind.__name__, None) is not kind:
        return False
    needed = [
        parameter.name
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    ]
    return needed in ([], ["message"])
