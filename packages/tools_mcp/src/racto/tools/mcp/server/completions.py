"""Suggestions while a user types an argument of a prompt or of a resource template."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import mcp_types as types
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from racto.core.errors import ConfigurationError, ToolExecutionError
from racto.core.tool_calls import RegisteredTool

_log = logging.getLogger("racto.tools.mcp")
# The protocol allows no more.
_MOST: Final = 100


class Completions:
    """The functions that complete arguments.

    Args:
        server: Told of the power when the first function comes, so that a server without any
            does not claim it.
    """

    def __init__(self, server: Server[Any]) -> None:
        self._server = server
        self._functions: dict[tuple[str, str], RegisteredTool] = {}

    def add(
        self,
        target: str,
        argument: str,
        function: Callable[[str, Mapping[str, str]], Iterable[str]],
    ) -> None:
        """Complete an argument.

        Args:
            target: Name of a prompt, or a URI template.
            argument: Name of its argument.
            function: Takes what is typed and the other arguments, and returns the suggestions;
                sync or async.

        Raises:
            ConfigurationError: If the argument is completed already.
        """
        if (target, argument) in self._functions:
            raise ConfigurationError(f"{argument!r} of {target!r} is completed already")
        self._functions[target, argument] = RegisteredTool.of(_keyed(function), name="completion")
        # A handler is what the SDK makes the announced powers of.
        self._server.add_request_handler(
            "completion/complete", types.CompleteRequestParams, self._complete
        )

    async def _complete(
        self, _request: ServerRequestContext[Any, Any], params: types.CompleteRequestParams
    ) -> types.CompleteResult:
        ref = params.ref
        target = ref.name if isinstance(ref, types.PromptReference) else ref.uri
        known = self._functions.get((target, params.argument.name))
        values: list[str] = []
        if known is not None:
            others = dict((params.context and params.context.arguments) or {})
            try:
                values = list(await known.arun({"typed": params.argument.value, "others": others}))
            except ToolExecutionError as error:
                _log.error("completion of %r failed", target, exc_info=error)
                raise MCPError(types.INTERNAL_ERROR, error.message) from error
        completion = types.Completion(
            values=values[:_MOST], total=len(values), has_more=len(values) > _MOST
        )
        return types.CompleteResult(completion=completion)


def _keyed(function: Callable[..., Any]) -> Callable[..., Any]:
    # By position, so that the function may name its parameters as it likes.
    def complete(typed: str, others: dict[str, str]) -> Any:
        return function(typed, others)

    return complete
