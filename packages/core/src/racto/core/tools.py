"""Tools that a model may call: registered once, checked before they run, run in both voices.

Whatever goes wrong with a call (no such tool, malformed or unfit arguments, a tool that raises)
becomes an answer marked as an error, worded so that the model can mend its next call; with
``raise_errors=True`` it is an exception.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar, overload

from pydantic import BaseModel

from . import flows
from .content import ToolCallResult, ToolResultPart
from .errors import ConfigurationError, ToolArgumentsError, ToolError, ToolNotFoundError
from .tool_calls import RegisteredTool
from .tool_results import error_part, result_part
from .tool_schemas import (
    ParamSchema,
    ToolAnnotations,
    ToolSchema,
    describe_function,
    describe_model,
)

__all__ = ["ParamSchema", "ToolAnnotations", "ToolRegistry", "ToolSchema", "tool"]

F = TypeVar("F", bound=Callable[..., Any])


class ToolRegistry:
    """Tools by name, in the order in which they were registered. Safe to share by threads.

    ``ToolRegistry([get_weather, search])`` registers at once; ``@registry.register`` decorates.

    Args:
        tools: Functions or pydantic models to register.
        injected: Types that racto fills in: a parameter annotated with one is not part of the
            schema and gets the matching object of ``execute(..., context=...)``.
    """

    def __init__(
        self,
        tools: Iterable[Callable[..., Any] | type[BaseModel]] = (),
        *,
        injected: Collection[type] = (),
    ) -> None:
        self._tools: dict[str, RegisteredTool] = {}
        self._lock = threading.Lock()
        self.injected = tuple(injected)
        for target in tools:
            self.register(target)

    @overload
    def register(
        self,
        target: F,
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool | None = None,
        annotations: ToolAnnotations | None = None,
        replace: bool = False,
    ) -> F: ...
    @overload
    def register(
        self,
        target: None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool | None = None,
        annotations: ToolAnnotations | None = None,
        replace: bool = False,
    ) -> Callable[[F], F]: ...
    def register(
        self,
        target: Any = None,
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool | None = None,
        annotations: ToolAnnotations | None = None,
        replace: bool = False,
    ) -> Any:
        """Register a function or a pydantic model as a tool; also a decorator.

        Args:
            target: Function, other callable, or pydantic model (a tool without a function).
            name: Name for the model instead of the target's own.
            description: Description instead of the first paragraph of the docstring.
            strict: Whether the provider should hold the model to the schema; None leaves it to
                the kit.
            annotations: What it does to the world, for people and approval hooks.
            replace: Whether a tool of the same name may be replaced.

        Returns:
            ``target`` itself, or a decorator when there is no target.

        Raises:
            SchemaError: If a parameter cannot be expressed as JSON Schema.
            ConfigurationError: If the name is taken and ``replace`` is not set.
            TypeError: If the target is neither callable nor a pydantic model.
        """

        def put(found: Any) -> Any:
            made = RegisteredTool.of(
                found,
                name=name,
                description=description,
                strict=strict,
                annotations=annotations,
                injected=self.injected,
            )
            self._put(made, replace=replace)
            return found

        return put if target is None else put(target)

    def add(
        self,
        schema: ToolSchema,
        call: Callable[..., Any] | None = None,
        *,
        acall: Callable[..., Awaitable[Any]] | None = None,
        replace: bool = False,
    ) -> None:
        """Register a tool whose schema is already known, such as a remote one.

        Arguments are checked against ``schema.json_schema`` and passed by keyword. One voice is
        enough: a lone ``call`` runs in a thread for ``aexecute``, a lone ``acall`` on racto's
        private event loop for ``execute``.

        Args:
            schema: Its description, kept whole.
            call: Runs the tool and blocks.
            acall: Runs the tool and is awaited.
            replace: Whether a tool of the same name may be replaced.

        Raises:
            ConfigurationError: If the name is taken and ``replace`` is not set.
        """
        self._put(RegisteredTool(schema=schema, call=call, acall=acall), replace=replace)

    def remove(self, name: str) -> None:
        """Forget a tool.

        Raises:
            ToolNotFoundError: If there is none of this name.
        """
        with self._lock:
            self._found(name)
            self._tools = {key: tool for key, tool in self._tools.items() if key != name}

    def copy(self) -> ToolRegistry:
        """A registry of its own with the same tools."""
        twin = ToolRegistry(injected=self.injected)
        twin._tools = self._tools
        return twin

    @property
    def schemas(self) -> list[ToolSchema]:
        """The schemas of all tools."""
        return [tool.schema for tool in self._tools.values()]

    @property
    def tools(self) -> dict[str, ToolSchema]:
        """Name and schema of all tools; changing the dictionary does not change the registry."""
        return {name: tool.schema for name, tool in self._tools.items()}

    def get_schema(self, name: str) -> ToolSchema | None:
        """The schema of one tool, or None."""
        found = self._tools.get(name)
        return found.schema if found else None

    def get_callable(self, name: str) -> Callable[..., Any] | None:
        """What runs a tool, as it was registered; None for a model or an unknown name."""
        found = self._tools.get(name)
        return (found.call or found.acall) if found else None

    def get_async_callable(self, name: str) -> Callable[..., Awaitable[Any]] | None:
        """What runs a tool and is awaited, so that it can be cancelled; None if nothing does."""
        found = self._tools.get(name)
        return found.async_call if found else None

    def validate(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Check a call's arguments and return them as the Python values the tool takes.

        Args:
            name: Name of the tool.
            arguments: JSON data from the model.

        Raises:
            ToolNotFoundError: If there is no such tool.
            ToolArgumentsError: If the arguments do not fit; ``problems`` lists why.
        """
        return self._found(name).validate(arguments)

    def execute(
        self, call: ToolCallResult, *, raise_errors: bool = False, context: Collection[Any] = ()
    ) -> ToolResultPart:
        """Run the tool that a model asked for, and return the answer for the model.

        An async tool runs on racto's private event loop, whether or not one runs here.

        Args:
            call: The model's call.
            raise_errors: Raise instead of answering with ``is_error=True``.
            context: Objects for injected parameters, matched by type.

        Raises:
            ToolNotFoundError: With ``raise_errors``, if there is no such tool.
            ToolArgumentsError: With ``raise_errors``, if the arguments do not fit.
            ToolExecutionError: With ``raise_errors``, if the tool raised, or returned what
                cannot be sent to a model.
        """
        return flows.run(self._executing(call, raise_errors, context))

    async def aexecute(
        self, call: ToolCallResult, *, raise_errors: bool = False, context: Collection[Any] = ()
    ) -> ToolResultPart:
        """Async twin of :meth:`execute`: awaits async tools, runs others in a thread."""
        return await flows.arun(self._executing(call, raise_errors, context))

    def __len__(self) -> int:
        return len(self._tools)

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def __iter__(self) -> Iterator[ToolSchema]:
        return iter(self.schemas)

    def __repr__(self) -> str:
        return f"ToolRegistry({list(self._tools)!r})"

    def __deepcopy__(self, _memo: Any) -> ToolRegistry:
        return self.copy()

    def _executing(
        self, call: ToolCallResult, raise_errors: bool, context: Collection[Any]
    ) -> flows.Flow[ToolResultPart]:
        try:
            found = self._found(call.name)
            if call.is_malformed:
                raise _malformed(call)
            # Injections last: a model cannot slip in a value for what racto fills in.
            values = found.validate(call.arguments) | found.injections(context)
            answer = yield from flows.step(found.run, found.arun, values)
            return result_part(call, answer)
        except ToolError as error:
            if raise_errors:
                raise
            return error_part(call, error)

    def _found(self, name: str) -> RegisteredTool:
        found = self._tools.get(name)
        if found is None:
            known = ", ".join(self._tools) or "none"
            raise ToolNotFoundError(f"There is no tool {name!r}. Available tools: {known}.")
        return found

    def _put(self, made: RegisteredTool, *, replace: bool) -> None:
        name = made.schema.name
        with self._lock:
            old = self._tools.get(name)
            if old is not None and not replace and old != made:
                raise ConfigurationError(
                    f"a tool named {name!r} is registered already; give another name=, or "
                    "replace=True to take its place"
                )
            # A new dictionary each time, so that readers need no lock.
            self._tools = {**self._tools, name: made}


@overload
def tool(
    fn: F,
    *,
    name: str | None = None,
    description: str | None = None,
    registry: ToolRegistry | None = None,
) -> F: ...
@overload
def tool(
    fn: ToolRegistry | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    registry: ToolRegistry | None = None,
) -> Callable[[F], F]: ...
def tool(
    fn: Any = None,
    *,
    name: str | None = None,
    description: str | None = None,
    registry: ToolRegistry | None = None,
) -> Any:
    """Mark a function as a tool: ``@tool``, ``@tool(name=...)`` or ``@tool(registry)``.

    The function gains ``_tool_schema``, the :class:`ToolSchema` that a registry then uses.

    Args:
        fn: The function, or the registry to register it in.
        name: Name for the model instead of the function's own.
        description: Description instead of the first paragraph of the docstring.
        registry: Where to register it.

    Raises:
        SchemaError: If a parameter cannot be expressed as JSON Schema.
        TypeError: If ``fn`` is neither callable nor a registry, or two registries are given.
    """
    if isinstance(fn, ToolRegistry):
        if registry is not None and registry is not fn:
            raise TypeError("tool() was given two different registries")
        fn, registry = None, fn

    def mark(function: Any) -> Any:
        if not callable(function):
            raise TypeError(f"tool() takes a function or a ToolRegistry, not {function!r}")
        injected = registry.injected if registry is not None else ()
        # A model is a tool too, as in ToolRegistry.register.
        if isinstance(function, type) and issubclass(function, BaseModel):
            schema = describe_model(function, name=name, description=description)
        else:
            schema = describe_function(
                function, name=name, description=description, injected=injected
            )
        function._tool_schema = schema
        if registry is not None:
            registry.register(function)
        return function

    return mark if fn is None else mark(fn)


def _malformed(call: ToolCallResult) -> ToolArgumentsError:
    import json

    from .strictness import arguments_error

    # The parser's own words tell the model where its JSON breaks.
    try:
        json.loads(call.raw_arguments or "")
        reason = "they are JSON, but not an object"
    except (ValueError, RecursionError) as error:
        reason = str(error)
    return arguments_error(call.name, [f"the arguments are not one JSON object: {reason}"])
