"""What the Hugging Face kit and embedder can do."""

from __future__ import annotations

from racto.providers.capabilities import Capabilities, Feature

CAPABILITIES = Capabilities(
    title="Hugging Face",
    features=frozenset(
        {
            Feature.TEMPERATURE,
            Feature.TOP_P,
            Feature.SEED,
            Feature.STOP,
            Feature.PENALTIES,
            Feature.LOGPROBS,
            Feature.TOOLS,
            Feature.TOOL_CHOICE,
            Feature.STRUCTURED_OUTPUT,
            Feature.THINKING,
            Feature.REASONING_EFFORT,
            Feature.IMAGES,
            Feature.IMAGE_URLS,
            Feature.CITATIONS,
            Feature.REFUSALS,
            Feature.STREAM_USAGE,
            Feature.EMBEDDINGS,
            Feature.EMBEDDING_DIMENSIONS,
        }
    ),
    notes={
        Feature.TOOLS: "models and inference providers that offer them",
        Feature.STRUCTURED_OUTPUT: "inference providers that offer it, and TGI",
        Feature.THINKING: "reasoning models, as `reasoning` or `reasoning_content`",
        Feature.IMAGES: "vision models",
        Feature.CITATIONS: "inference providers that send `annotations`",
        Feature.REFUSALS: "inference providers that send `refusal`",
        Feature.EMBEDDING_DIMENSIONS: "servers of one's own; the router does not shorten",
        Feature.EMBEDDING_INPUT_TYPE: "the embedder: prompts of the model, at the router and at a TEI",
    },
)
