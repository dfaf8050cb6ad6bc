"""One registered tool: its schema, the check of its arguments, and the call in both voices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from .errors import ConfigurationError, ToolError, ToolExecutionError
from .tool_schemas import (
    ToolAnnotations,
    ToolSchema,
    check_name,
    describe_function,
    describe_model,
    list_parameters,
)

if TYPE_CHECKING:
    from .arguments import FunctionArguments


@dataclass(frozen=True, kw_only=True)
class RegisteredTool:
    """A tool as a registry keeps it.

    Attributes:
        schema: What the model is told.
        call: Runs the tool: a plain or an async function. None when only ``acall`` does, or
            when the tool is a model without a function.
        acall: Runs the tool and is awaited.
        model: The pydantic model that checks the arguments of a tool made of a model.
        arguments: Checks and lays out the arguments of a tool made of a function.
    """

    schema: ToolSchema
    call: Callable[..., Any] | None = None
    acall: Callable[..., Awaitable[Any]] | None = None
    model: type[BaseModel] | None = None
    arguments: FunctionArguments | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        target: Any,
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool | None = None,
        annotations: ToolAnnotations | None = None,
        injected: Collection[type] = (),
    ) -> RegisteredTool:
        """Make a tool of a function or of a pydantic model.

        Args:
            target: Function, other callable, or pydantic model.
            name: Name instead of the target's own.
            description: Description instead of its docstring's.
            strict: Whether the provider should hold the model to the schema.
            annotations: What it does to the world.
            injected: Types of parameters that racto fills in.

        Raises:
            SchemaError: If a parameter cannot be expressed as JSON Schema.
            TypeError: If the target is neither callable nor a model.
        """
        wanted = {
            "name": name,
            "description": description,
            "strict": strict,
            "annotations": annotations,
        }
        if isinstance(target, type) and issubclass(target, BaseModel):
            # Not getattr: a subclass must not pass for its parent.
            schema = vars(target).get("_tool_schema") or describe_model(target, name=name)
            return cls(schema=_changed(schema, wanted), model=target)
        if not callable(target):
            raise TypeError(f"a tool is a callable or a pydantic model, not {target!r}")
        from .arguments import FunctionArguments

        arguments = FunctionArguments(target, injected=injected)
        schema = getattr(target, "_tool_schema", None)
        if not isinstance(schema, ToolSchema):
            schema = describe_function(target, name=name, arguments=arguments)
        elif arguments.injected:
            # @tool did not know which types this registry fills in.
            whole = arguments.json_schema
            shown = {"json_schema": whole, "parameters": list_parameters(whole)}
            schema = schema.model_copy(update=shown)
        schema = _changed(schema, wanted)
        return cls(schema=schema, call=target, arguments=arguments)

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as Python values.

        Raises:
            ToolArgumentsError: If they do not fit the schema.
        """
        if self.arguments is not None:
            return self.arguments.validate(arguments, tool=self.schema.name)
        if self.model is not None:
            from .strictness import validate_strictly

            checked = validate_strictly(self.model, arguments, tool=self.schema.name)
            return dict(checked)
        from .conformity import problems
        from .strictness import arguments_error

        # Read only, so the copy that to_json_schema makes for its callers is not needed.
        schema = self.schema.json_schema or self.schema.to_json_schema()
        found = problems(arguments, schema, path="arguments")
        if found:
            raise arguments_error(self.schema.name, found)
        return dict(arguments)

    def injections(self, context: Collection[Any]) -> dict[str, Any]:
        """The values of the parameters that racto fills in.

        Args:
            context: Objects to choose from, by type.

        Raises:
            ConfigurationError: If a parameter without default has no matching object.
        """
        values: dict[str, Any] = {}
        for name, kind in (self.arguments.injected if self.arguments else {}).items():
            fitting = [thing for thing in context if isinstance(thing, kind)]
            if fitting:
                values[name] = fitting[0]
            elif self.arguments and self.arguments.is_required(name):
                raise ConfigurationError(
                    f"tool {self.schema.name!r} needs a {getattr(kind, '__name__', kind)} for its "
                    f"parameter {name!r}; pass it: execute(call, context=[...])"
                )
        return values

    def run(self, values: Mapping[str, Any]) -> Any:
        """Run the tool and block until it answers.

        Args:
            values: Validated arguments and injections.

        Raises:
            ToolExecutionError: If the tool raises; its exception is the cause.
        """
        # Binding stands inside too: a tool whose signature lies fails as a tool, not as racto.
        with self._errors():
            made = self._made(self.call or self.acall, values)
            if self.call is None or self._is_async:
                return _waited(made)
            answer = made()
            return _waited(lambda: answer) if _is_awaitable(answer) else answer

    async def arun(self, values: Mapping[str, Any]) -> Any:
        """Async twin of :meth:`run`; a blocking tool runs in a thread."""
        import asyncio

        with self._errors():
            made = self._made(self.acall or self.call, values)
            if self.acall is not None or self._is_async:
                return await made()
            answer = await asyncio.to_thread(self._guarded, made)
            return await answer if _is_awaitable(answer) else answer

    @property
    def async_call(self) -> Callable[..., Awaitable[Any]] | None:
        """What runs the tool and is awaited, whichever way it was registered."""
        return self.acall or (self.call if self.call and self._is_async else None)

    @property
    def _is_async(self) -> bool:
        from .signatures import is_async

        return is_async(self.call)

    def _made(
        self, call: Callable[..., Any] | None, values: Mapping[str, Any]
    ) -> Callable[[], Any]:
        if call is None:
            raise ToolExecutionError(
                f"Tool {self.schema.name!r} has no function to run: it was registered as a model. "
                "Use its arguments yourself, or register a function"
            )
        if self.arguments is None:
            return lambda: call(**values)
        bound = self.arguments.bind(values)
        return lambda: call(*bound.args, **bound.kwargs)

    def _guarded(self, made: Callable[[], Any]) -> Any:
        # In the thread itself, because a StopIteration cannot leave it through a future.
        with self._errors():
            return made()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except ToolError:
            raise
        except Exception as error:
            raise ToolExecutionError(
                f"Tool {self.schema.name!r} failed: {type(error).__name__}: {error}"
            ) from error


def _changed(schema: ToolSchema, wanted: Mapping[str, Any]) -> ToolSchema:
    if wanted["name"] is not None:
        check_name(wanted["name"])
    return schema.model_copy(
        update={key: value for key, value in wanted.items() if value is not None}
    )


def _waited(make: Callable[[], Awaitable[Any]]) -> Any:
    from .portals import wait

    return wait(make)


def _is_awaitable(answer: Any) -> bool:
    import inspect

    return inspect.isawaitable(answer)
