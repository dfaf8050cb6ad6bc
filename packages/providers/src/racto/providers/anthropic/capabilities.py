"""What the Anthropic kit can do."""

from __future__ import annotations

from racto.providers.capabilities import Capabilities, Feature

CAPABILITIES = Capabilities(
    title="Anthropic",
    features=frozenset(
        {
            Feature.STOP,
            Feature.TOOLS,
            Feature.TOOL_CHOICE,
            Feature.PARALLEL_TOOL_CONTROL,
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
            Feature.UPLOADED_FILES,
            Feature.CACHE,
            Feature.CACHE_MARKS,
            Feature.CITATIONS,
            Feature.REFUSALS,
            Feature.STREAM_USAGE,
        }
    ),
    notes={
        Feature.TEMPERATURE: "by API version 2023-06-01 only, which older models take",
        Feature.TOP_P: "by API version 2023-06-01 only, which older models take",
        Feature.TOP_K: "by API version 2023-06-01 only, which older models take",
        Feature.TOOL_CHOICE: "not together with thinking; not every model",
        Feature.STRUCTURED_OUTPUT: "no dicts with free keys, no types that contain themselves",
        Feature.THINKING: "adaptive; older models need a budget",
        Feature.THINKING_BUDGET: "older models only",
        Feature.CACHE_MARKS: "four a request",
        Feature.CITATIONS: "asked for on a document of your own, given as a ProviderPart",
    },
)
