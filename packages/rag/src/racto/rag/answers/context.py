"""The context that a model answers from: numbered sources, within a budget, kept as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.protocols.chat import TokenCounter

CHARACTERS_A_TOKEN = 4
"""A cautious estimate for European languages, used when the kit cannot count."""

DEFAULT_TEMPLATE = "Sources:\n\n{context}\n\nQuestion: {question}"

_PLACEHOLDER = re.compile(r"\{(context|question)\}")
_TAG = re.compile(r"<(?=\s*/?\s*source\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedContext:
    """Sources as a model sees them.

    Attributes:
        text: The context.
        sources: What its numbers stand for, number 1 first.
    """

    text: str
    sources: tuple[RetrievalResult, ...]


def check_template(template: str) -> str:
    """Return a template that has both of its placeholders.

    Raises:
        ConfigurationError: If ``{context}`` or ``{question}`` is missing.
    """
    missing = {"context", "question"} - set(_PLACEHOLDER.findall(template))
    if missing:
        names = " and ".join(sorted(f"{{{name}}}" for name in missing))
        raise ConfigurationError(f"context_template lacks {names}")
    return template


def fill(template: str, context: str, question: str) -> str:
    """Put context and question into a template; braces inside them are plain text."""
    # In one pass and without str.format: documents may hold braces, even our placeholders.
    values = {"context": context, "question": question}
    return _PLACEHOLDER.sub(lambda found: values[found.group(1)], template)


def token_counter(kit: object) -> Callable[[str], int]:
    """The kit's own count of tokens, or an estimate."""
    if isinstance(kit, TokenCounter):
        return kit.count_tokens
    return lambda text: -(-len(text) // CHARACTERS_A_TOKEN)


def pack(
    results: Sequence[RetrievalResult], budget: int, count: Callable[[str], int]
) -> PackedContext:
    """Number the best results and join as many as fit.

    Args:
        results: Best first.
        budget: Most tokens of the whole context.
        count: Counts tokens.

    Returns:
        At least the first result, cut short if it alone is too long.
    """
    blocks: list[str] = []
    kept: list[RetrievalResult] = []
    left = budget
    for result in results:
        block = _block(len(blocks) + 1, result.chunk, result.chunk.content)
        cost = count(block)
        if cost > left:
            # A shorter one behind it may still fit.
            if blocks:
                continue
            share = max(1, len(result.chunk.content) * left // cost)
            block = _block(1, result.chunk, result.chunk.content[:share])
        blocks.append(block)
        kept.append(result)
        left -= cost
    return PackedContext(text="\n\n".join(blocks), sources=tuple(kept))


def _block(number: int, chunk: Chunk, content: str) -> str:
    facts = chunk.metadata
    place = [facts.source]
    if facts.page is not None:
        place.append(f"page {facts.page}")
    if facts.section:
        place.append(f"section {facts.section}")
    title = " ".join(", ".join(place).replace('"', "'").split())
    # A document must not be able to close its own quotation and speak in another's name.
    return f'<source number="{number}" from="{_inert(title)}">\n{_inert(content)}\n</source>'


def _inert(text: str) -> str:
    return _TAG.sub("&lt;", text)
