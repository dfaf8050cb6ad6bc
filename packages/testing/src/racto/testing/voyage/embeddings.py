"""Vectors of texts, and of texts and pictures together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.testing.exchange import Incoming
from racto.testing.vectors import tokens

from .answers import Prepared
from .failures import refusal
from .limits import MOST_TEXTS, count_tokens
from .requests import EmbeddingsRequest, MultimodalRequest, TextSegment, VectorSettings, read
from .vectors import told_vector

# What each picture or film counts for, whatever its size.
_PICTURE_PIXELS = 1_000_000
_PIXELS_PER_TOKEN = 560


def embeddings(request: Incoming) -> Prepared:
    """``POST /v1/embeddings``.

    Raises:
        Refusal: If the API would not take the request.
    """
    asked = read(EmbeddingsRequest, request)
    if not asked.texts or "" in asked.texts:
        raise refusal("Input cannot contain empty strings or empty lists.")
    if len(asked.texts) > MOST_TEXTS:
        raise refusal(
            f"The batch size limit is {MOST_TEXTS}. Your batch size is {len(asked.texts)}."
        )
    total = count_tokens(asked.texts, asked.model, truncation=asked.truncation)
    return _prepared(asked, asked.texts, {"total_tokens": total})


def multimodal_embeddings(request: Incoming) -> Prepared:
    """``POST /v1/multimodalembeddings``.

    Raises:
        Refusal: If the API would not take the request.
    """
    asked = read(MultimodalRequest, request)
    texts = [
        " ".join(
            # Equal pictures get equal vectors; what is in them nobody looks at.
            part.text if isinstance(part, TextSegment) else repr(part)
            for part in each.content
        )
        for each in asked.inputs
    ]
    parts = [part for each in asked.inputs for part in each.content]
    words = sum(tokens(part.text) for part in parts if isinstance(part, TextSegment))
    pixels = _PICTURE_PIXELS * sum(part.type.startswith("image") for part in parts)
    film = _PICTURE_PIXELS * sum(part.type.startswith("video") for part in parts)
    usage = {
        "text_tokens": words,
        "image_pixels": pixels,
        "video_pixels": film,
        "total_tokens": words + (pixels + film) // _PIXELS_PER_TOKEN,
    }
    return _prepared(asked, texts, usage)


def _prepared(asked: VectorSettings, texts: Sequence[str], usage: Mapping[str, int]) -> Prepared:
    def render() -> dict[str, Any]:
        data = [
            {"object": "embedding", "embedding": told_vector(text, asked), "index": number}
            for number, text in enumerate(texts)
        ]
        return {"object": "list", "data": data, "model": asked.model, "usage": dict(usage)}

    return Prepared(model=asked.model, render=render)
