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

    A key in the environment goes to its provider, or to the server that the environment names
    beside it; to a server on the command line only the key that the command line names.

    Raises:
        ConfigurationError: If a model is named without a key or server, or a server without a
            model, or racto-providers is not installed.
    """
    model = options.model or os.environ.get("RACTO_MODEL")
    if model:
        return ChosenModel(kit=_kit(model, options))
    for name in ("base_url", "key_env"):
        if getattr(options, name):
            option = f"--{name.replace('_', '-')}"
            raise ConfigurationError(f"{option} needs --model NAME (or RACTO_MODEL)")
    if os.environ.get("OPENAI_API_KEY"):
        return ChosenModel(hint="OPENAI_API_KEY is set: add --model NAME to have a model answer")
    return ChosenModel(hint="to have a model answer: OPENAI_API_KEY=... and --model NAME")


def _kit(model: str, options: argparse.Namespace) -> ChatKit:
    key = _key(options.key_env)
    url = options.base_url
    if options.kit == KIT:
        named = os.environ.get("OPENAI_BASE_URL")
        if url is None:
            url = named
            key = key or os.environ.get("OPENAI_API_KEY")
        if not (url or key):
            raise ConfigurationError(
                f"model {model!r} needs OPENAI_API_KEY in the environment, --key-env of another "
                "variable, --kit of another provider, or --base-url of a server that speaks "
                "OpenAI's protocol"
            )
        # Servers on one's own machine take any key, but the protocol wants one.
        key = key or _PLACEHOLDER_KEY
    wanted = {"model": model, "api_key": key, "base_url": url}
    given = {name: value for name, value in wanted.items() if value is not None}
    kit: ChatKit = discovery.create("racto.chat_kits", options.kit, **given)
    return kit


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise ConfigurationError(f"--key-env: the variable {variable} is not set")
    return key
