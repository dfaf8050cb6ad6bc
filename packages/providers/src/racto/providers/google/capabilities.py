"""What the Google kit and embedder can do."""

from __future__ import annotations

from racto.providers.capabilities import Capabilities, Feature

_SHARED_NOTES = {
    Feature.STRICT_TOOLS: "for all tools of a request together",
    Feature.TOOL_RESULT_IMAGES: "Gemini 3 and later",
    Feature.STRUCTURED_OUTPUT: "beside tools only since Gemini 3",
    Feature.REASONING_EFFORT: "Gemini 3 and later; which levels there are depends on the model",
    Feature.EMBEDDING_DIMENSIONS: "brought to length 1 again by racto",
    Feature.EMBEDDING_INPUT_TYPE: (
        "by a field up to gemini-embedding-001, and in the words of the text since then"
    ),
}

CAPABILITIES = Capabilities(
    title="Google",
    features=frozenset(
        {
            Feature.TEMPERATURE,
            Feature.TOP_P,
            Feature.TOP_K,
            Feature.SEED,
            Feature.STOP,
            Feature.PENALTIES,
            Feature.LOGPROBS,
            Feature.TOOLS,
            Feature.TOOL_CHOICE,
            Feature.STRICT_TOOLS,
            Feature.TOOL_RESULT_IMAGES,
            Feature.STRUCTURED_OUTPUT,
            Feature.THINKING,
            Feature.THINKING_BUDGET,
            Feature.REASONING_EFFORT,
            Feature.REASONING_REPLAY,
            Feature.IMAGES,
            Feature.IMAGE_URLS,
            Feature.DOCUMENTS,
            Feature.DOCUMENT_URLS,
            Feature.AUDIO,
            Feature.UPLOADED_FILES,
            Feature.CITATIONS,
            Feature.STREAM_USAGE,
            Feature.EMBEDDINGS,
            Feature.EMBEDDING_DIMENSIONS,
            Feature.EMBEDDING_INPUT_TYPE,
        }
    ),
    notes={
        **_SHARED_NOTES,
        Feature.TEMPERATURE: "Gemini 4 takes temperature, top_p and top_k, and ignores them",
        Feature.PENALTIES: "Gemini 4 refuses them",
        Feature.THINKING_BUDGET: "Gemini 2.5 and some of Gemini 3; later models take an effort",
        Feature.CACHE: (
            'Gemini caches unchanged beginnings by itself; `extra={"cachedContent": ...}` names a '
            "cache of yours"
        ),
    },
)

INTERACTIONS_CAPABILITIES = Capabilities(
    title="Google Interactions",
    features=CAPABILITIES.features
    - {Feature.TOP_K, Feature.PENALTIES, Feature.LOGPROBS, Feature.THINKING_BUDGET},
    notes={
        **_SHARED_NOTES,
        Feature.TEMPERATURE: "Gemini 4 takes temperature and top_p, and ignores them",
        Feature.CACHE: "Gemini caches unchanged beginnings by itself",
    },
)
"""What the kit can do with ``api="interactions"``."""
