"""Settings that reasoning models refuse, told by the names of the models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from racto.testing.refusals import Refusal

from .failures import refusal

# All of the o series think before they speak. Later families mix both kinds under one name, so
# that a server which knows only the name must let their sampling settings pass.
_THINKS = re.compile(r"o\d")
_RENAMED = re.compile(r"o\d|gpt-[5-9]")
_DEFAULTS = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logprobs": False,
    "top_logprobs": None,
    "logit_bias": None,
}


def limits(request: Any) -> Iterator[Refusal]:
    """What a model refuses of a request.

    Args:
        request: A request of Chat Completions or Responses.
    """
    model = request.model or ""
    if _RENAMED.match(model) and getattr(request, "max_tokens", None) is not None:
        yield refusal(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
            " 'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    if not _THINKS.match(model):
        return
    for name, default in _DEFAULTS.items():
        # The default itself is taken, as if it had not been sent.
        if getattr(request, name, None) not in (None, default):
            message = f"Unsupported parameter: '{name}' is not supported with this model."
            yield refusal(message, param=name, code="unsupported_parameter")
