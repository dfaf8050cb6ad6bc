"""What retrieval asks of a kit: short texts in tags, and answers that may fail."""

from __future__ import annotations

import logging
import re
from typing import Literal, TypeAlias

from racto.core.chat import ChatConfig
from racto.core.errors import InvalidResponseError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.protocols.chat import ChatKit

OnError: TypeAlias = Literal["raise", "original"]
"""What follows when a kit fails: its error, or the result as it is without the kit."""

MOST_CHARACTERS = 4000
"""Characters of a question that a kit gets to see; the rest of a longer one is left out."""

_log = logging.getLogger("racto.rag")


def quoted(text: str, tag: str, number: int | None = None) -> str:
    """A text between tags that it cannot close itself: data, whatever it says.

    Args:
        text: The text.
        tag: Name of the tag.
        number: Its number among several.
    """
    # Without its bracket a tag inside the text is only a word.
    inert = re.sub(rf"<(?=\s*/?\s*{tag}\b)", "&lt;", text, flags=re.IGNORECASE)
    opening = tag if number is None else f'{tag} number="{number}"'
    return f"<{opening}>\n{inert}\n</{tag}>"


def reply_text(kit: ChatKit, config: ChatConfig) -> Flow[str]:
    """The step that asks a kit and gives the words of its reply.

    Raises:
        InvalidResponseError: If it has none.
        RactoGatewayError: What the kit raises.
    """
    response = yield from step(kit.chat, kit.achat, config)
    text = (response.content or "").strip()
    if not text:
        reason = "a refusal" if response.refusal else f"finish reason {response.finish_reason}"
        raise InvalidResponseError(
            f"{kit.provider} answered without any text ({reason}); try again, or another model",
            provider=kit.provider,
            partial=response,
        )
    return text


def forgiven(error: RactoGatewayError, on_error: OnError, work: str) -> None:
    """Raise an error, or note in the log that the work is done without the kit.

    Args:
        error: What a kit or reranker raised.
        on_error: The caller's choice.
        work: What failed, for the log.
    """
    if on_error == "raise":
        raise error
    _log.warning("%s failed, and is left out: %s", work, error)
