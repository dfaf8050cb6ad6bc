"""What a Responses request must keep beyond the types of its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from racto.testing.payloads import encoded
from racto.testing.refusals import Refusal

from .failures import refusal
from .model_limits import limits
from .response_requests import ResponseRequest, SchemaFormat
from .response_tools import CustomTool, FunctionTool, NamedTool
from .schemas import object_fault, strict_fault
from .settings import AnyJson
from .wording import missing


def check(request: ResponseRequest, given: Mapping[str, Any]) -> None:
    """Check what one field demands of another.

    Args:
        request: The request.
        given: Its body as it was sent.

    Raises:
        Refusal: If the API would not take it.
    """
    faults = (_companions(request), _tools(request), _format(request, given), limits(request))
    for fault in chain(*faults):
        raise fault


def _companions(request: ResponseRequest) -> Iterator[Refusal]:
    if request.model is None and request.prompt is None:
        yield missing("model")
    sources = (request.input, request.prompt, request.previous_response_id, request.conversation)
    if all(source is None for source in sources):
        yield refusal(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be"
            " provided.",
            param="input",
            code="missing_required_parameter",
        )
    if request.conversation is not None and request.previous_response_id is not None:
        yield refusal(
            "Mutually exclusive parameters: ['conversation', 'previous_response_id'].",
            code="mutually_exclusive_parameters",
        )
    if request.stream_options is not None and not request.stream:
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        yield refusal(message, param="stream_options")
    # What nobody waits for must be kept for whoever comes back.
    if request.background and request.store is False:
        yield refusal("Background mode requires 'store' to be true.", param="background")


def _tools(request: ResponseRequest) -> Iterator[Refusal]:
    # Hosted tools have no names of the user's.
    names = set()
    for number, tool in enumerate(request.tools or ()):
        if isinstance(tool, FunctionTool | CustomTool):
            names.add((tool.type, tool.name))
        if isinstance(tool, FunctionTool) and tool.parameters is not None:
            judge = strict_fault if tool.strict else object_fault
            if fault := judge(tool.parameters):
                yield refusal(
                    f"Invalid schema for function '{tool.name}': {fault}",
                    param=f"tools[{number}].parameters",
                    code="invalid_function_parameters",
                )
    choice = request.tool_choice
    if isinstance(choice, NamedTool) and (choice.type, choice.name) not in names:
        message = f"Tool choice '{choice.name}' not found in 'tools' parameter."
        yield refusal(message, param="tool_choice")
    if choice == "required" and not request.tools:
        message = "Tool choice 'required' must be specified with 'tools' parameter."
        yield refusal(message, param="tool_choice")


def _format(request: ResponseRequest, given: Mapping[str, Any]) -> Iterator[Refusal]:
    wanted = request.text.format if request.text is not None else None
    if (
        isinstance(wanted, SchemaFormat)
        and wanted.strict
        and (fault := strict_fault(wanted.schema_))
    ):
        yield refusal(
            f"Invalid schema for response_format '{wanted.name}': {fault}",
            param="text.format.schema",
            code="invalid_json_schema",
        )
    # Without the word the model may fill the reply with blanks until the limit.
    if isinstance(wanted, AnyJson):
        said = encoded([given.get("input"), given.get("instructions")])
        if b"json" not in said.lower():
            yield refusal(
                "Response input messages must contain the word 'json' in some form to use"
                " 'text.format' of type 'json_object'.",
                param="input",
            )
