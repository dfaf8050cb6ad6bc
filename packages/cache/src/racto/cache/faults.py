"""Errors that a request brings to whoever makes it, as opposed to those of one caller."""

from __future__ import annotations

import copy

from racto.core.errors import (
    BadRequestError,
    ContentFilterError,
    RactoGatewayError,
    ResponseModelValidationError,
)

# Keys, quotas, time limits and settings are one caller's; what passes may be gone by now.
_OF_THE_REQUEST = (BadRequestError, ContentFilterError, ResponseModelValidationError)


def common_fault(error: BaseException | None) -> RactoGatewayError | None:
    """The error when all who ask the same would meet it and no retry mends it, else None.

    Args:
        error: What ended a call.
    """
    if isinstance(error, _OF_THE_REQUEST) and not error.retryable:
        return error
    return None


def bare(error: RactoGatewayError) -> RactoGatewayError:
    """The error alone, to be remembered: without the frames it went through and all they hold.

    Args:
        error: What ended a call.
    """
    twin = copy.copy(error)
    twin.usage = twin.partial = None
    return twin


def retold(error: RactoGatewayError) -> RactoGatewayError:
    """The error for one who did not make the call: it cost him nothing and brought him nothing.

    Args:
        error: What the one who made the call met.
    """
    twin = bare(error)
    # A list of his own: a copy shares that of the original.
    twin.__notes__ = [*getattr(error, "__notes__", ()), "met by another who asked the same"]
    return twin
