"""Tools and how they may be called, as the API takes them."""

from __future__ import annotations

from .messages import Message, Repeated, Table
from .parts import INTERVAL
from .protojson import ANYTHING, DURATION, FLAG, FLOAT, INT32, STRUCT, TEXT, Enumeration
from .schemas import SCHEMA

FUNCTION = Message(
    "FunctionDeclaration",
    {
        "name": TEXT,
        "description": TEXT,
        "parameters": SCHEMA,
        "parametersJsonSchema": ANYTHING,
        "response": SCHEMA,
        "responseJsonSchema": ANYTHING,
        "behavior": Enumeration(
            "FunctionDeclaration.Behavior", "UNSPECIFIED BLOCKING NON_BLOCKING"
        ),
    },
)
"""A function that the model may ask for."""

# A tool that is switched on by being there.
_NOTHING = Message("Empty", {})

_SEARCH = Message(
    "GoogleSearch",
    {
        "timeRangeFilter": INTERVAL,
        "searchTypes": Message("SearchTypes", {"webSearch": _NOTHING, "imageSearch": _NOTHING}),
    },
    vertex={"excludeDomains": Repeated(TEXT), "blockingConfidence": TEXT},
)

_MAPS = Message(
    "GoogleMaps",
    {"enableWidget": FLAG},
    vertex={"authConfig": STRUCT, "groundingTypes": STRUCT},
)

_RETRIEVAL = Message(
    "GoogleSearchRetrieval",
    {
        "dynamicRetrievalConfig": Message(
            "DynamicRetrievalConfig",
            {
                "mode": Enumeration("DynamicRetrievalConfig.Mode", "MODE_UNSPECIFIED MODE_DYNAMIC"),
                "dynamicThreshold": FLOAT,
            },
        )
    },
)

_COMPUTER = Message(
    "ComputerUse",
    {
        "environment": Enumeration(
            "ComputerUse.Environment",
            "ENVIRONMENT_UNSPECIFIED ENVIRONMENT_BROWSER ENVIRONMENT_MOBILE ENVIRONMENT_DESKTOP",
        ),
        "excludedPredefinedFunctions": Repeated(TEXT),
        "enablePromptInjectionDetection": FLAG,
        "disabledSafetyPolicies": Repeated(TEXT),
    },
)

_FILE_SEARCH = Message(
    "FileSearch",
    {"fileSearchStoreNames": Repeated(TEXT), "topK": INT32, "metadataFilter": TEXT},
)

_MCP_SERVER = Message(
    "McpServer",
    {
        "name": TEXT,
        "streamableHttpTransport": Message(
            "StreamableHttpTransport",
            {
                "url": TEXT,
                "headers": Table(TEXT),
                "timeout": DURATION,
                "sseReadTimeout": DURATION,
                "terminateOnClose": FLAG,
            },
        ),
    },
)

TOOL = Message(
    "Tool",
    {
        "functionDeclarations": Repeated(FUNCTION),
        "googleSearch": _SEARCH,
        "googleSearchRetrieval": _RETRIEVAL,
        "googleMaps": _MAPS,
        "codeExecution": _NOTHING,
        "urlContext": _NOTHING,
        "computerUse": _COMPUTER,
        "fileSearch": _FILE_SEARCH,
        "mcpServers": Repeated(_MCP_SERVER),
    },
    # Tools of Vertex AI alone, whose settings change with each release.
    vertex={
        "retrieval": STRUCT,
        "enterpriseWebSearch": STRUCT,
        "parallelAiSearch": STRUCT,
        "exaAiSearch": STRUCT,
    },
)
"""A set of functions, or a tool that runs at Google's."""

TOOL_CONFIG = Message(
    "ToolConfig",
    {
        "functionCallingConfig": Message(
            "FunctionCallingConfig",
            {
                "mode": Enumeration(
                    "FunctionCallingConfig.Mode", "MODE_UNSPECIFIED AUTO ANY NONE VALIDATED"
                ),
                "allowedFunctionNames": Repeated(TEXT),
            },
            vertex={"streamFunctionCallArguments": FLAG},
        ),
        "retrievalConfig": Message(
            "RetrievalConfig",
            {
                "latLng": Message("LatLng", {"latitude": FLOAT, "longitude": FLOAT}),
                "languageCode": TEXT,
            },
        ),
        "includeServerSideToolInvocations": FLAG,
    },
)
"""Whether and which functions the model must, may or must not call."""
