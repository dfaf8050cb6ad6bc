"""Turns and parts of a conversation, as the API takes them."""

from __future__ import annotations

from .messages import Message, Repeated
from .protojson import (
    BYTES,
    DURATION,
    FLAG,
    FLOAT,
    INT32,
    STRUCT,
    TEXT,
    TIMESTAMP,
    Enumeration,
    Kind,
)

_DATA = """
    text inlineData fileData functionCall functionResponse executableCode codeExecutionResult
    toolCall toolResponse audioTranscription
"""

BLOB = Message("Blob", {"mimeType": TEXT, "data": BYTES, "displayName": TEXT})
"""Bytes in the request itself."""

FILE_DATA = Message("FileData", {"mimeType": TEXT, "fileUri": TEXT, "displayName": TEXT})
"""A file by its address."""

INTERVAL = Message("Interval", {"startTime": TIMESTAMP, "endTime": TIMESTAMP})
"""From one moment to another."""

_RESOLUTION = Message(
    "PartMediaResolution",
    {
        "level": Enumeration(
            "PartMediaResolution.Level",
            "MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM "
            "MEDIA_RESOLUTION_HIGH MEDIA_RESOLUTION_ULTRA_HIGH",
        ),
        "numTokens": INT32,
    },
)
_PROCESSING = Enumeration("MediaProcessing", "MEDIA_PROCESSING_UNSPECIFIED STATIC AGENTIC")
# These tools run at Google's; the client only carries their calls back and forth.
_TOOL_TYPE = Enumeration(
    "ToolType",
    "TOOL_TYPE_UNSPECIFIED GOOGLE_SEARCH_WEB GOOGLE_SEARCH_IMAGE URL_CONTEXT GOOGLE_MAPS "
    "FILE_SEARCH MEDIA_PROCESSING",
)


def _layers(owner: str, names: str) -> Repeated:
    layers = Enumeration(f"{owner}.ContentLayer", f"CONTENT_LAYER_UNSPECIFIED {names}")
    return Repeated(layers)


# How to read a medium; a part of a function's answer takes the same fields.
_MEDIA: dict[str, Kind] = {
    "mediaResolution": _RESOLUTION,
    "mediaProcessing": _PROCESSING,
    "videoMetadata": Message(
        "VideoMetadata",
        {
            "startOffset": DURATION,
            "endOffset": DURATION,
            "fps": FLOAT,
            "contentLayers": _layers("VideoMetadata", "FRAMES AUDIO TRANSCRIPT"),
        },
    ),
    "documentMetadata": Message(
        "DocumentMetadata",
        {
            "startPage": INT32,
            "endPage": INT32,
            "contentLayers": _layers("DocumentMetadata", "PAGE_IMAGE PAGE_TEXT"),
        },
    ),
    "spreadsheetMetadata": Message(
        "SpreadsheetMetadata",
        {
            "visibleCells": TEXT,
            "sheetIndex": INT32,
            "contentLayers": _layers("SpreadsheetMetadata", "DATA FORMULAS VISUAL"),
        },
    ),
    "audioMetadata": Message("AudioMetadata", {"startOffset": DURATION, "endOffset": DURATION}),
}

FUNCTION_CALL = Message(
    "FunctionCall",
    {"id": TEXT, "name": TEXT, "args": STRUCT},
    # Only Vertex AI streams arguments, so only it takes the pieces back.
    vertex={
        "willContinue": FLAG,
        "partialArgs": Repeated(
            Message(
                "PartialArg",
                {
                    "jsonPath": TEXT,
                    "stringValue": TEXT,
                    "numberValue": FLOAT,
                    "boolValue": FLAG,
                    "nullValue": TEXT,
                    "willContinue": FLAG,
                },
                oneof={"delta": "stringValue numberValue boolValue nullValue"},
            )
        ),
    },
)
"""A tool that the model asked for."""

FUNCTION_RESPONSE = Message(
    "FunctionResponse",
    {
        "id": TEXT,
        "name": TEXT,
        "response": STRUCT,
        "willContinue": FLAG,
        "scheduling": Enumeration(
            "FunctionResponse.Scheduling", "SCHEDULING_UNSPECIFIED SILENT WHEN_IDLE INTERRUPT"
        ),
        "parts": Repeated(
            Message(
                "FunctionResponsePart",
                {"inlineData": BLOB, "fileData": FILE_DATA, **_MEDIA},
                oneof={"data": "inlineData fileData"},
            )
        ),
    },
)
"""What a tool answered."""

_WORD = Message("WordInfo", {"word": TEXT, "startOffset": DURATION, "endOffset": DURATION})

PART = Message(
    "Part",
    {
        "text": TEXT,
        "inlineData": BLOB,
        "fileData": FILE_DATA,
        "functionCall": FUNCTION_CALL,
        "functionResponse": FUNCTION_RESPONSE,
        "executableCode": Message(
            "ExecutableCode",
            {
                "id": TEXT,
                "language": Enumeration("ExecutableCode.Language", "LANGUAGE_UNSPECIFIED PYTHON"),
                "code": TEXT,
            },
        ),
        "codeExecutionResult": Message(
            "CodeExecutionResult",
            {
                "id": TEXT,
                "outcome": Enumeration(
                    "CodeExecutionResult.Outcome",
                    "OUTCOME_UNSPECIFIED OUTCOME_OK OUTCOME_FAILED OUTCOME_DEADLINE_EXCEEDED",
                ),
                "output": TEXT,
            },
        ),
        "toolCall": Message("ToolCall", {"id": TEXT, "toolType": _TOOL_TYPE, "args": STRUCT}),
        "toolResponse": Message(
            "ToolResponse", {"id": TEXT, "toolType": _TOOL_TYPE, "response": STRUCT}
        ),
        "audioTranscription": Message(
            "Transcription",
            {
                "text": TEXT,
                "finished": FLAG,
                "languageCode": TEXT,
                "speakerLabel": TEXT,
                "words": Repeated(_WORD),
                "startOffset": DURATION,
                "endOffset": DURATION,
            },
        ),
        # Beside the data: any kind of part may be a thought or carry a signature.
        "thought": FLAG,
        "thoughtSignature": BYTES,
        "partMetadata": STRUCT,
        "speechMetadata": Message("SpeechMetadata", {"speaker": TEXT, "style": TEXT}),
        **_MEDIA,
    },
    oneof={"data": _DATA},
)
"""One piece of a turn."""

CONTENT = Message("Content", {"role": TEXT, "parts": Repeated(PART)})
"""One turn."""

DATA_FIELDS = frozenset(_DATA.split())
"""The fields of a part of which one is set."""
