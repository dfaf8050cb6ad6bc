"""What a chat request must keep beyond the types of its fields."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence

from racto.testing.refusals import Refusal

from .chat_requests import ChatRequest, SchemaFormat
from .chat_tools import CustomChoice, CustomTool, FunctionChoice, FunctionTool
from .content import FilePart, ImagePart, SoundPart
from .failures import refusal
from .media import file_fault, image_fault
from .messages import AnyMessage, AssistantMessage, ToolMessage, UserMessage
from .model_limits import limits
from .schemas import object_fault, strict_fault
from .settings import AnyJson
from .wording import missing


def check(request: ChatRequest) -> None:
    """Check what one field demands of another.

    Raises:
        Refusal: If the API would not take it.
    """
    for fault in _faults(request):
        if fault is not None:
            raise fault


def _faults(request: ChatRequest) -> Iterator[Refusal | None]:
    yield from _companions(request)
    yield from _tools(request)
    yield from _format(request)
    yield from _turns(request.messages)
    yield from limits(request)
    for number, message in enumerate(request.messages):
        if isinstance(message, UserMessage) and not isinstance(message.content, str):
            for place, part in enumerate(message.content):
                yield from _part(part, f"messages[{number}].content[{place}]")


def _companions(request: ChatRequest) -> Iterator[Refusal]:
    """Settings that mean nothing without another."""
    if request.stream_options is not None and not request.stream:
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        yield refusal(message, param="stream_options")
    if request.top_logprobs is not None and not request.logprobs:
        message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."
        yield refusal(message, param="top_logprobs")
    if request.max_tokens is not None and request.max_completion_tokens is not None:
        message = (
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        )
        yield refusal(message, param="max_tokens", code="invalid_parameter_combination")
    # An empty list of tools was refused before, so that None means that there are none.
    if request.tools is None:
        for name in ("tool_choice", "parallel_tool_calls"):
            if getattr(request, name) is not None:
                message = f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are"
                yield refusal(f"{message} specified.", param=name)
    if request.functions is None and request.function_call is not None:
        message = "Invalid value for 'function_call': 'function_call' is only allowed when"
        yield refusal(f"{message} 'functions' are specified.", param="function_call")
    if "audio" in (request.modalities or ()) and request.audio is None:
        yield missing("audio")


def _tools(request: ChatRequest) -> Iterator[Refusal]:
    names = set()
    for number, tool in enumerate(request.tools or ()):
        if isinstance(tool, CustomTool):
            names.add(("custom", tool.custom.name))
            continue
        names.add(("function", tool.function.name))
        yield from _parameters(tool, number)
    choice = request.tool_choice
    if isinstance(choice, FunctionChoice | CustomChoice):
        named = choice.function if isinstance(choice, FunctionChoice) else choice.custom
        if (choice.type, named.name) not in names:
            message = f"Tool choice '{named.name}' not found in 'tools' parameter."
            yield refusal(message, param="tool_choice")


def _parameters(tool: FunctionTool, number: int) -> Iterator[Refusal]:
    function = tool.function
    # Leaving the parameters out means that there are none.
    if function.parameters is None:
        return
    judge = strict_fault if function.strict else object_fault
    if fault := judge(function.parameters):
        yield refusal(
            f"Invalid schema for function '{function.name}': {fault}",
            param=f"tools[{number}].function.parameters",
            code="invalid_function_parameters",
        )


def _format(request: ChatRequest) -> Iterator[Refusal]:
    wanted = request.response_format
    if isinstance(wanted, SchemaFormat):
        described = wanted.json_schema
        fault = strict_fault(described.schema_) if described.strict else None
        if described.schema_ is None:
            yield missing("response_format.json_schema.schema")
        elif fault:
            message = f"Invalid schema for response_format '{described.name}': {fault}"
            yield refusal(message, param="response_format")
    if isinstance(wanted, AnyJson):
        # Without the word the model may fill the reply with blanks until the limit.
        said = "".join(message.model_dump_json() for message in request.messages)
        if "json" not in said.lower():
            message = (
                "'messages' must contain the word 'json' in some form, to use 'response_format'"
            )
            yield refusal(f"{message} of type 'json_object'.", param="messages")


def _turns(messages: Sequence[AnyMessage]) -> Iterator[Refusal]:
    """Calls and their answers: each call is answered, at once, and nothing else is."""
    waiting: list[str] = []
    asked = 0
    for number, message in enumerate(messages):
        param = f"messages.[{number}]"
        if isinstance(message, ToolMessage):
            # Answers may come in any order, but each call has one.
            if message.tool_call_id not in waiting:
                yield _stray(param)
            else:
                waiting.remove(message.tool_call_id)
            continue
        if waiting:
            yield _unanswered(waiting, asked)
        if isinstance(message, AssistantMessage):
            waiting, asked = [call.id for call in message.tool_calls or ()], number
            if _says_nothing(message):
                yield refusal(
                    "Invalid value for 'content': expected a string, got null.",
                    param=f"{param}.content",
                )
    if waiting:
        yield _unanswered(waiting, asked)


def _says_nothing(message: AssistantMessage) -> bool:
    said = (message.content, message.refusal, message.tool_calls, message.audio)
    return all(part is None for part in said) and message.function_call is None


def _stray(param: str) -> Refusal:
    # The misspelling is the API's.
    return refusal(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message"
        " with 'tool_calls'.",
        param=f"{param}.role",
    )


def _unanswered(waiting: Sequence[str], number: int) -> Refusal:
    return refusal(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to"
        " each 'tool_call_id'. The following tool_call_ids did not have response messages:"
        f" {', '.join(waiting)}",
        param=f"messages.[{number}].role",
    )


def _part(part: object, param: str) -> Iterator[Refusal | None]:
    if isinstance(part, ImagePart):
        yield image_fault(part.image_url.url, f"{param}.image_url.url")
    elif isinstance(part, SoundPart) and not _is_base64(part.input_audio.data):
        place = f"{param}.input_audio.data"
        message = f"Invalid '{place}'. Expected a base64-encoded value."
        yield refusal(message, param=place, code="invalid_value")
    elif isinstance(part, FilePart):
        if part.file.file_data is not None:
            yield file_fault(part.file.file_data, f"{param}.file.file_data")
        elif part.file.file_id is None:
            yield missing(f"{param}.file.file_id")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
