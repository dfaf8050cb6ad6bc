"""What the Ollama kit and embedder can do."""

from __future__ import annotations

from racto.providers.capabilities import Capabilities, Feature

CAPABILITIES = Capabilities(
    title="Ollama",
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
            Feature.STRUCTURED_OUTPUT,
            Feature.THINKING,
            Feature.REASONING_EFFORT,
            Feature.IMAGES,
            Feature.STREAM_USAGE,
            Feature.EMBEDDINGS,
            Feature.EMBEDDING_DIMENSIONS,
        }
    ),
    notes={
        Feature.TOOLS: "models with the capability `tools`; calls get their ids from racto",
        Feature.STRUCTURED_OUTPUT: (
            "by grammar and in words; beside tools in words alone, since the grammar forbids calls"
        ),
        Feature.THINKING: "models with the capability `thinking`",
        Feature.REASONING_EFFORT: "levels where the model has them; `none` switches thinking off",
        Feature.IMAGES: "models with the capability `vision`",
        Feature.STREAM_USAGE: "in the last line; a stream that is cut has told none",
    },
)
