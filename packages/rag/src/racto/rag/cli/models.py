"""Which model writes the answer: none, unless the user named one."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass

from racto.core import discovery
from racto.core.errors import ConfigurationError
from racto.core.protocols.chat import ChatKit

KIT = "openai"
"""The entry point, in the group ``racto.chat_kits``, of the kit for OpenAI's protocol."""

_PLACEHOLDER_KEY = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenModel:
    """What the options and the environment come to.

    Attributes:
        kit: The kit; None when the answer is to quote the documents.
        hint: What to do to get an answer written by a model.
    """

    kit: ChatKit | None = None
    hint: str = ""


def choose_model(options: argparse.Namespace) -> ChosenModel:
    """The kit that the user asked for.

    Raises:
        ConfigurationError: If a model is named without a key or server, or a server without a
            model, or racto-providers is not installed.
    """
    model = options.model or os.environ.get("RACTO_MODEL")
    url = options.base_url or os.environ.get("OPENAI_BASE_URL")
    key = os.environ.get("OPENAI_API_KEY")
    if model and not (url or key):
        raise ConfigurationError(
            f"model {model!r} needs OPENAI_API_KEY in the environment, or --base-url of a server "
            "that speaks OpenAI's protocol"
        )
    if model:
        # Servers on one's own machine take any key, but the protocol wants one.
        wanted = {"model": model, "api_key": key or _PLACEHOLDER_KEY, "base_url": url}
        return ChosenModel(kit=discovery.create("racto.chat_kits", KIT, **wanted))
    if options.base_url:
        raise ConfigurationError("--base-url needs --model NAME (or RACTO_MODEL)")
    if key:
        return ChosenModel(hint="OPENAI_API_KEY is set: add --model NAME to have a model answer")
    return ChosenModel(hint="to have a model answer: OPENAI_API_KEY=... and --model NAME")
