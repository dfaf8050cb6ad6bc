"""A provider's words as racto takes them in: text mended, and whatever is unreadable one error."""

from __future__ import annotations

import re
from dataclasses import replace

from racto.core.errors import InvalidResponseError, RactoGatewayError
from racto.core.responses import LLMResponse

from .wires import Wire, WireReply, WireRequest

_LONGEST_REASON = 300

# A pair of surrogates, half of one, or any other escape, so that an escaped backslash is passed by.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def decoded(wire: Wire, request: WireRequest, reply: WireReply) -> LLMResponse:
    """Read a whole reply.

    Half of a surrogate pair, which no text may hold, becomes U+FFFD, as it does in streams: one
    bad character is no reason to throw away what was paid for.

    Raises:
        InvalidResponseError: If the wire cannot make sense of it, whatever it trips over.
    """
    try:
        return wire.decode(request, _mended(reply))
    except RactoGatewayError:
        raise
    except Exception as error:
        raise unreadable(error, wire.provider, request_id=reply.request_id) from error


def unreadable(
    error: Exception, provider: str, *, request_id: str | None = None
) -> InvalidResponseError:
    """The error for words that a wire tripped over.

    Args:
        error: What the wire raised, not being an error of racto's.
        provider: Who sent them.
        request_id: The provider's id of the request.
    """
    reason = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
    return InvalidResponseError(
        f"{provider}: the reply is not as the provider's protocol has it ({reason})",
        provider=provider,
        request_id=request_id,
    )


def _mended(reply: WireReply) -> WireReply:
    body = reply.body
    # Most replies escape no surrogates at all, and are not searched further.
    if b"\\ud" not in body and b"\\uD" not in body:
        return reply
    mended = _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], body)
    return replace(reply, body=mended)
