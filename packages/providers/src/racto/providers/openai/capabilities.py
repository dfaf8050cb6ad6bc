"""What the OpenAI kit can do over each of the two APIs."""

from __future__ import annotations

from racto.providers.capabilities import Capabilities, Feature

_BOTH = frozenset(
    {
        Feature.TEMPERATURE,
        Feature.TOP_P,
        Feature.LOGPROBS,
        Feature.TOOLS,
        Feature.TOOL_CHOICE,
        Feature.PARALLEL_TOOL_CONTROL,
        Feature.STRICT_TOOLS,
        Feature.STRUCTURED_OUTPUT,
        Feature.REASONING_EFFORT,
        Feature.IMAGES,
        Feature.IMAGE_URLS,
        Feature.DOCUMENTS,
        Feature.UPLOADED_FILES,
        Feature.CACHE,
        Feature.CACHE_MARKS,
        Feature.CITATIONS,
        Feature.REFUSALS,
        Feature.STREAM_USAGE,
        Feature.EMBEDDINGS,
        Feature.EMBEDDING_DIMENSIONS,
    }
)

_NOTES = {
    Feature.TEMPERATURE: "models that reason take none",
    Feature.LOGPROBS: "models that do not reason",
    Feature.STRUCTURED_OUTPUT: "what strict mode cannot express is refused before the call",
    Feature.REASONING_EFFORT: "models that reason",
    Feature.CACHE: "prefixes are always cached for minutes; `1h` asks for a day",
    Feature.CACHE_MARKS: "recent models",
    Feature.STREAM_USAGE: "at the end; a stream that is cut has told none",
    Feature.EMBEDDING_DIMENSIONS: "all but the oldest models",
}

CAPABILITIES = Capabilities(
    title="OpenAI Responses",
    features=_BOTH
    | {
        Feature.TOOL_RESULT_IMAGES,
        Feature.THINKING,
        Feature.REASONING_REPLAY,
        Feature.DOCUMENT_URLS,
    },
    notes={**_NOTES, Feature.THINKING: "as a summary, by models that reason"},
)

CHAT_CAPABILITIES = Capabilities(
    title="OpenAI Chat",
    features=_BOTH | {Feature.SEED, Feature.STOP, Feature.PENALTIES, Feature.AUDIO},
    notes={
        **_NOTES,
        Feature.AUDIO: "WAV and MP3, by models that hear",
        Feature.STOP: "at most four; models that reason take none",
    },
)
