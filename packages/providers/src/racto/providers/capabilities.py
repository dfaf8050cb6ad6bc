"""What each provider's kit and embedder can do, declared as data; the tests hold them to it.

A feature that is declared works against a server that checks requests. Asking for one that is not
declared raises :class:`~racto.core.UnsupportedFeatureError`; it is never lost in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Feature(StrEnum):
    """Something that a request can ask for, or a reply can hold."""

    TEMPERATURE = "temperature"
    TOP_P = "top_p"
    TOP_K = "top_k"
    SEED = "seed"
    STOP = "stop sequences"
    PENALTIES = "presence and frequency penalties"
    LOGPROBS = "log-probabilities"
    TOOLS = "tools"
    TOOL_CHOICE = "forced tools"
    PARALLEL_TOOL_CONTROL = "switching parallel tool calls off"
    STRICT_TOOLS = "strict tool arguments"
    TOOL_RESULT_IMAGES = "images in tool results"
    STRUCTURED_OUTPUT = "structured output"
    THINKING = "readable thinking"
    THINKING_BUDGET = "thinking budgets"
    REASONING_EFFORT = "reasoning effort"
    REASONING_REPLAY = "signed thinking kept between turns"
    IMAGES = "images"
    IMAGE_URLS = "images by URL"
    DOCUMENTS = "PDF documents"
    DOCUMENT_URLS = "documents by URL"
    AUDIO = "audio"
    UPLOADED_FILES = "uploaded files"
    CACHE = "prompt caching control"
    CACHE_MARKS = "prompt cache marks in messages"
    CITATIONS = "citations"
    REFUSALS = "refusals told apart"
    STREAM_USAGE = "usage in streams"
    EMBEDDINGS = "embeddings"
    EMBEDDING_DIMENSIONS = "shortened embeddings"
    EMBEDDING_INPUT_TYPE = "query and document embeddings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The features of one provider's kit and embedder.

    Attributes:
        title: Name for people, for example ``OpenAI Responses``.
        features: What works.
        notes: What a reader should know about a feature: which models have it, or what there is
            in its place.
    """

    title: str
    features: frozenset[Feature]
    notes: Mapping[Feature, str] = field(default_factory=dict)

    def __contains__(self, feature: object) -> bool:
        """Whether a feature works."""
        return feature in self.features
