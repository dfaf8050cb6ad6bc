"""What a server offers, put together piece by piece: tools, resources, prompts, and news of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypeVar, overload

from mcp.shared.subscriptions import (
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ServerEvent,
    ToolsListChanged,
)

from racto.core import ToolAnnotations, ToolRegistry
from racto.core.protocols.retrievers import Retriever

from .adapters import DataAnalyst, QuestionAnswerer, analyst_tool, rag_tool, retriever_tool
from .calls import ToolCalls
from .completions import Completions
from .contexts import ToolContext
from .identities import WireServer
from .limits import ServerLimits
from .notices import Notices
from .prompts import PromptShelf
from .resources import ResourceShelf, ResourceSource
from .tools import ToolShelf

F = TypeVar("F", bound=Callable[..., Any])

_EVENTS: dict[str, Callable[[], ServerEvent]] = {
    "tools": ToolsListChanged,
    "resources": ResourcesListChanged,
    "prompts": PromptsListChanged,
}

Completer: TypeAlias = Callable[[str, Mapping[str, str]], Iterable[str]]
"""Takes what is typed and the other arguments, and returns suggestions; may be async."""


class Offerings:
    """The half of a server that its owner fills.

    Args:
        wire: The server of the SDK.
        context: Objects for parameters that the server fills in.
        limits: Sizes, numbers and times.
    """

    def __init__(self, wire: WireServer, *, context: Sequence[Any], limits: ServerLimits) -> None:
        self._wire = wire
        self._tools = ToolShelf(injected=(ToolContext, *map(type, context)), limits=limits)
        self._calls = ToolCalls(self._tools, limits=limits, context=context)
        self._resources = ResourceShelf(context=context, limits=limits)
        self._prompts = PromptShelf(context=context, limits=limits)
        self._completions = Completions(wire)
        self._notices = Notices()
        for part in (self._tools, self._calls, self._resources, self._prompts, self._notices):
            part.install(wire)

    def add_registry(self, registry: ToolRegistry) -> None:
        """Offer the tools of a registry too.

        Raises:
            ConfigurationError: If one of their names is taken.
        """
        self._tools.add_registry(registry)
        self.notify_changed("tools")

    def add_tool(
        self,
        fn: Callable[..., Any],
        *,
        name: str | None = None,
        description: str | None = None,
        annotations: ToolAnnotations | None = None,
    ) -> None:
        """Offer a function as a tool.

        Its annotations make the schema of the arguments, its return annotation that of the
        result, and its docstring the description.

        Args:
            fn: The function, sync or async.
            name: Name instead of its own.
            description: Description instead of its docstring's.
            annotations: What it does to the world, which clients show before they call it.

        Raises:
            ConfigurationError: If the name is taken.
            SchemaError: If a parameter cannot be expressed as JSON Schema.
        """
        self._tools.add(fn, name=name, description=description, annotations=annotations)
        self.notify_changed("tools")

    @overload
    def tool(
        self,
        fn: F,
        *,
        name: str | None = None,
        description: str | None = None,
        annotations: ToolAnnotations | None = None,
    ) -> F: ...
    @overload
    def tool(
        self,
        fn: None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        annotations: ToolAnnotations | None = None,
    ) -> Callable[[F], F]: ...
    def tool(
        self,
        fn: Any = None,
        *,
        name: str | None = None,
        description: str | None = None,
        annotations: ToolAnnotations | None = None,
    ) -> Any:
        """Decorate a function to offer it as a tool: ``@server.tool``, ``@server.tool(name=...)``.

        Args:
            fn: The function.
            name: Name instead of its own.
            description: Description instead of its docstring's.
            annotations: What it does to the world.
        """

        def offer(function: F) -> F:
            self.add_tool(function, name=name, description=description, annotations=annotations)
            return function

        return offer if fn is None else offer(fn)

    def add_resource(
        self,
        uri: str,
        source: ResourceSource,
        *,
        name: str | None = None,
        description: str | None = None,
        mime_type: str | None = None,
        allow_paths: bool = False,
    ) -> None:
        """Offer a resource, or a template of many, as ``users://{id}/profile``.

        Args:
            uri: Its URI; ``{variables}`` are the parameters of the function.
            source: A text, bytes, or a function (sync or async) that returns text, bytes, a
                ``RactoFile``, or data that is shown as JSON.
            name: Name instead of the function's.
            description: Description instead of the docstring's.
            mime_type: Its kind, where what it holds does not tell.
            allow_paths: Whether a variable may be an absolute path or lead out of its folder
                with ``..``. The function must then check it, as ``safe_join`` of the SDK does.

        Raises:
            ConfigurationError: If the URI is taken or none, or its variables are not parameters.
        """
        self._resources.add(
            uri,
            source,
            name=name,
            description=description,
            mime_type=mime_type,
            paths=allow_paths,
        )
        self.notify_changed("resources")

    def resource(self, uri: str, **options: Any) -> Callable[[F], F]:
        """Decorate a function to offer it as a resource.

        Args:
            uri: Its URI, or a template.
            **options: As :meth:`add_resource` takes them.
        """

        def offer(function: F) -> F:
            self.add_resource(uri, function, **options)
            return function

        return offer

    def add_prompt(
        self, fn: Callable[..., Any], *, name: str | None = None, description: str | None = None
    ) -> None:
        """Offer a prompt.

        Args:
            fn: Returns text, a ``Message``, content parts, or a list of them; sync or async.
            name: Name instead of its own.
            description: Description instead of its docstring's.

        Raises:
            ConfigurationError: If the name is taken.
        """
        self._prompts.add(fn, name=name, description=description)
        self.notify_changed("prompts")

    @overload
    def prompt(self, fn: F, *, name: str | None = None, description: str | None = None) -> F: ...
    @overload
    def prompt(
        self, fn: None = None, *, name: str | None = None, description: str | None = None
    ) -> Callable[[F], F]: ...
    def prompt(
        self, fn: Any = None, *, name: str | None = None, description: str | None = None
    ) -> Any:
        """Decorate a function to offer it as a prompt.

        Args:
            fn: The function.
            name: Name instead of its own.
            description: Description instead of its docstring's.
        """

        def offer(function: F) -> F:
            self.add_prompt(function, name=name, description=description)
            return function

        return offer if fn is None else offer(fn)

    def completion(self, target: str, argument: str) -> Callable[[Completer], Completer]:
        """Decorate a function that completes an argument while a user types it.

        Args:
            target: Name of a prompt, or a URI template.
            argument: Name of its argument. The function takes what is typed and the other
                arguments, and returns suggestions.
        """

        def offer(function: Completer) -> Completer:
            self._completions.add(target, argument, function)
            return function

        return offer

    def add_retriever(
        self, retriever: Retriever, *, name: str = "search", description: str | None = None
    ) -> None:
        """Offer a retriever as a tool that finds passages."""
        self.add_tool(retriever_tool(retriever, name=name, description=description))

    def add_rag(
        self, pipeline: QuestionAnswerer, *, name: str = "ask", description: str | None = None
    ) -> None:
        """Offer a RAG pipeline as a tool that answers with citations."""
        self.add_tool(rag_tool(pipeline, name=name, description=description))

    def add_analyst(
        self,
        analyst: DataAnalyst,
        *,
        name: str = "analyse",
        description: str | None = None,
        **fixed: Any,
    ) -> None:
        """Offer an SQL analyst as a tool.

        Args:
            analyst: The analyst.
            name: Name of the tool.
            description: What the data are about.
            **fixed: Passed with every question, such as ``connection_string``; ``max_rows``
                limits the rows that the model sees.
        """
        self.add_tool(analyst_tool(analyst, name=name, description=description, **fixed))

    def notify_changed(self, what: Literal["tools", "resources", "prompts"]) -> None:
        """Tell clients that a list has changed; from any thread, without waiting.

        The server does so by itself when something is added to it, but cannot see what is
        registered in a shared registry.
        """
        self._notices.tell(_EVENTS[what]())

    def notify_resource_updated(self, uri: str) -> None:
        """Tell the clients that watch a resource that it has changed; from any thread."""
        self._notices.tell(ResourceUpdated(uri=uri))
