"""Functions behind resources and prompts: arguments made of text, sync ones off the event loop."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from mcp.server.context import ServerRequestContext

from racto.core.conformity import problems
from racto.core.docstrings import parse_docstring
from racto.core.errors import ToolArgumentsError, ToolExecutionError
from racto.core.tool_calls import RegisteredTool

from .contexts import ToolContext
from .limits import ServerLimits
from .states import CallState


class OfferedFunction:
    """A function that clients run by name or URI.

    Args:
        function: Sync or async; a parameter annotated with an injected type is filled in.
        label: What errors call it.
        context: Objects for parameters that the server fills in, beside :class:`ToolContext`.
        limits: Of these, how long it may take.

    Raises:
        SchemaError: If a parameter cannot be expressed as JSON Schema.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        label: str,
        context: Sequence[Any],
        limits: ServerLimits,
    ) -> None:
        injected: Collection[type] = (ToolContext, *map(type, context))
        # Its own name may be none that a tool can have, such as that of a lambda.
        self._tool = RegisteredTool.of(function, name="function", injected=injected)
        self._label = label
        self._context = tuple(context)
        self._timeout = limits.tool_timeout

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the parameters that the client gives."""
        return self._tool.schema.to_json_schema()

    @property
    def summary(self) -> str:
        """The first paragraph of its docstring; empty without one."""
        return parse_docstring(inspect.getdoc(self._tool.call)).summary

    async def __call__(
        self, request: ServerRequestContext[Any, Any], arguments: Mapping[str, Any]
    ) -> Any:
        """Run it.

        Raises:
            ToolArgumentsError: If the arguments do not fit.
            ToolExecutionError: If it fails or takes too long.
        """
        try:
            checked = self._tool.validate(self._read(arguments))
        except ToolArgumentsError as error:
            raise ToolArgumentsError(
                f"{self._label}: {'; '.join(error.problems) or error.message}",
                problems=error.problems,
            ) from error
        # No further request brings a reply to a resource or a prompt, so nothing is waited for.
        state = CallState(request)
        finished = False
        try:
            given = [ToolContext(state), *self._context]
            values = checked | self._tool.injections(given)
            async with asyncio.timeout(self._timeout):
                answer = await self._tool.arun(values)
            await state.line.drained()
            finished = True
        except TimeoutError as error:
            raise ToolExecutionError(
                f"{self._label} did not finish within {self._timeout:g} s"
            ) from error
        except ToolExecutionError as error:
            reason = error.__cause__ or error
            raise ToolExecutionError(
                f"{self._label} failed: {type(reason).__name__}: {reason}"
            ) from error
        finally:
            state.end(cancelled=not finished)
        return answer

    def _read(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments that came as text, as the types of the parameters."""
        schema = self.schema
        read: dict[str, Any] = {}
        for name, value in arguments.items():
            wanted = schema["properties"].get(name, {})
            read[name] = value
            alone = {"$defs": schema.get("$defs", {}), **wanted}
            if isinstance(value, str) and problems(value, alone):
                with suppress(ValueError):
                    read[name] = json.loads(value)
        return read
