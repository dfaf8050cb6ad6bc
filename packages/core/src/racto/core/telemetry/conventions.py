"""The names of OpenTelemetry's conventions for generative AI, in this one room.

Source: open-telemetry/semantic-conventions-genai, all of it still in development; when a name
changes there, it changes here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

OPERATION_NAME = "gen_ai.operation.name"
PROVIDER_NAME = "gen_ai.provider.name"
CONVERSATION_ID = "gen_ai.conversation.id"
OUTPUT_TYPE = "gen_ai.output.type"

REQUEST_MODEL = "gen_ai.request.model"
REQUEST_TEMPERATURE = "gen_ai.request.temperature"
REQUEST_TOP_P = "gen_ai.request.top_p"
REQUEST_TOP_K = "gen_ai.request.top_k"
REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
REQUEST_STOP_SEQUENCES = "gen_ai.request.stop_sequences"
REQUEST_SEED = "gen_ai.request.seed"
REQUEST_PRESENCE_PENALTY = "gen_ai.request.presence_penalty"
REQUEST_FREQUENCY_PENALTY = "gen_ai.request.frequency_penalty"
REQUEST_ENCODING_FORMATS = "gen_ai.request.encoding_formats"

RESPONSE_MODEL = "gen_ai.response.model"
RESPONSE_ID = "gen_ai.response.id"
RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons"

USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens"
USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
USAGE_CACHE_READ_TOKENS = "gen_ai.usage.cache_read.input_tokens"
USAGE_CACHE_WRITE_TOKENS = "gen_ai.usage.cache_creation.input_tokens"
TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 - a name, no secret

TOOL_NAME = "gen_ai.tool.name"
TOOL_CALL_ID = "gen_ai.tool.call.id"
TOOL_DESCRIPTION = "gen_ai.tool.description"
TOOL_TYPE = "gen_ai.tool.type"
AGENT_NAME = "gen_ai.agent.name"
EMBEDDINGS_DIMENSION_COUNT = "gen_ai.embeddings.dimension.count"
DATA_SOURCE_ID = "gen_ai.data_source.id"

# Message content: only for tracers that opted in.
SYSTEM_INSTRUCTIONS = "gen_ai.system_instructions"
INPUT_MESSAGES = "gen_ai.input.messages"
OUTPUT_MESSAGES = "gen_ai.output.messages"
TOOL_CALL_ARGUMENTS = "gen_ai.tool.call.arguments"
TOOL_CALL_RESULT = "gen_ai.tool.call.result"

ERROR_TYPE = "error.type"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
EXCEPTION_EVENT = "exception"
EXCEPTION_TYPE = "exception.type"
EXCEPTION_MESSAGE = "exception.message"

OPERATION_CHAT = "chat"
OPERATION_EMBEDDINGS = "embeddings"
OPERATION_EXECUTE_TOOL = "execute_tool"
OPERATION_INVOKE_AGENT = "invoke_agent"

METRIC_TOKEN_USAGE = "gen_ai.client.token.usage"  # noqa: S105 - a name, no secret
METRIC_OPERATION_DURATION = "gen_ai.client.operation.duration"
METRIC_TIME_TO_FIRST_CHUNK = "gen_ai.client.operation.time_to_first_chunk"

# racto's own, where the conventions have no name.
RACTO_COST = "racto.usage.cost"
RACTO_CURRENCY = "racto.usage.currency"
RACTO_REASONING_TOKENS = "racto.usage.reasoning_tokens"
RACTO_ATTEMPT = "racto.attempt"
RACTO_CACHED = "racto.cached"
RACTO_ROUTING_SCORE = "racto.routing.score"
RACTO_ROUTING_REASONS = "racto.routing.reasons"
METRIC_CACHE_HITS = "racto.cache.hits"
METRIC_CACHE_MISSES = "racto.cache.misses"
METRIC_RETRIES = "racto.client.retries"
METRIC_COST = "racto.client.cost"

UNITS: Mapping[str, str] = {
    METRIC_TOKEN_USAGE: "{token}",
    METRIC_OPERATION_DURATION: "s",
    METRIC_TIME_TO_FIRST_CHUNK: "s",
    METRIC_CACHE_HITS: "{request}",
    METRIC_CACHE_MISSES: "{request}",
    METRIC_RETRIES: "{retry}",
    METRIC_COST: "USD",
}
"""Unit of each metric, as UCUM writes it."""

BUCKETS: Mapping[str, tuple[float, ...]] = {
    METRIC_TOKEN_USAGE: tuple(float(4**power) for power in range(14)),
    METRIC_OPERATION_DURATION: tuple(0.01 * 2**power for power in range(14)),
    METRIC_TIME_TO_FIRST_CHUNK: tuple(0.001 * 2**power for power in range(14)),
}
"""Upper bounds of the histograms' buckets, as the conventions advise."""
