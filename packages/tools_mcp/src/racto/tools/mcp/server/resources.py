"""The resources that a server offers: fixed texts and bytes, functions, and URI templates."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import mcp_types as types
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.path_security import contains_path_traversal, is_absolute_path
from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate

from racto.core import RactoFile
from racto.core.errors import ConfigurationError, RactoGatewayError, ToolArgumentsError
from racto.core.schemas import json_text

from .answers import check_size
from .functions import OfferedFunction
from .limits import ServerLimits
from .pages import page_of

_log = logging.getLogger("racto.tools.mcp")

ResourceSource: TypeAlias = str | bytes | Callable[..., Any]
"""What a resource holds: a text, bytes, or a function that returns them when it is read."""


@dataclass(frozen=True, kw_only=True)
class OfferedResource:
    """One resource, or one template of many.

    Attributes:
        uri: Its URI or template.
        source: Text, bytes, or the function that makes them.
        name: Its name.
        description: What it holds.
        mime_type: Its kind; derived from what the function returns when it is None.
        template: The parsed template; None for a single resource.
        paths: Whether values of the template may be paths that leave their folder.
    """

    uri: str
    source: str | bytes | OfferedFunction
    name: str
    description: str | None
    mime_type: str | None
    template: UriTemplate | None = None
    paths: bool = False

    def match(self, uri: str) -> dict[str, Any] | None:
        """The values of the template's variables in a URI; None when it does not fit."""
        if self.template is None:
            return {} if uri == self.uri else None
        values = self.template.match(uri)
        # Every template is checked: its author may not think of files where they are.
        if values is None or (not self.paths and not all(map(_is_harmless, values.values()))):
            return None
        return dict(values)


class ResourceShelf:
    """All resources of a server.

    Args:
        context: Objects for parameters that the server fills in.
        limits: Sizes, times and pages.
    """

    def __init__(self, *, context: Sequence[Any], limits: ServerLimits) -> None:
        self._context = context
        self._limits = limits
        self._offered: dict[str, OfferedResource] = {}

    def add(
        self,
        uri: str,
        source: ResourceSource,
        *,
        name: str | None,
        description: str | None,
        mime_type: str | None,
        paths: bool,
    ) -> None:
        """Offer a resource, or with ``{variables}`` in the URI a template.

        Raises:
            ConfigurationError: If the URI is taken or none, or the template's variables are not
                the function's parameters.
        """
        if uri in self._offered:
            raise ConfigurationError(f"a resource {uri!r} is offered already")
        if "://" not in uri:
            raise ConfigurationError(f"{uri!r} is no URI; write scheme://path, as config://app")
        held = source if isinstance(source, (str, bytes)) else self._function(uri, source)
        template = _template(uri, held) if "{" in uri else None
        about = held.summary if isinstance(held, OfferedFunction) else ""
        own = "" if isinstance(source, (str, bytes)) else getattr(source, "__name__", "")
        self._offered[uri] = OfferedResource(
            uri=uri,
            source=held,
            name=name or own.strip("<>") or uri,
            description=description or about or None,
            mime_type=mime_type,
            template=template,
            paths=paths,
        )

    def install(self, server: Server[Any]) -> None:
        """Let a server list and read the resources."""
        paged, read = types.PaginatedRequestParams, types.ReadResourceRequestParams
        server.add_request_handler("resources/list", paged, self._list)
        server.add_request_handler("resources/templates/list", paged, self._templates)
        server.add_request_handler("resources/read", read, self._read)

    def _function(self, uri: str, source: Callable[..., Any]) -> OfferedFunction:
        if not callable(source):
            raise ConfigurationError(f"{uri!r} holds text, bytes or a function, not {source!r}")
        label = f"resource {uri!r}"
        return OfferedFunction(source, label=label, context=self._context, limits=self._limits)

    async def _list(
        self, _request: ServerRequestContext[Any, Any], params: types.PaginatedRequestParams
    ) -> types.ListResourcesResult:
        single = [each for each in self._offered.values() if each.template is None]
        page, cursor = page_of(
            single, params.cursor, size=self._limits.page_size, name=lambda each: each.uri
        )
        return types.ListResourcesResult(resources=[_listed(e) for e in page], next_cursor=cursor)

    async def _templates(
        self, _request: ServerRequestContext[Any, Any], params: types.PaginatedRequestParams
    ) -> types.ListResourceTemplatesResult:
        several = [each for each in self._offered.values() if each.template is not None]
        page, cursor = page_of(
            several, params.cursor, size=self._limits.page_size, name=lambda each: each.uri
        )
        listed = [
            types.ResourceTemplate(
                uri_template=each.uri,
                name=each.name,
                description=each.description,
                mime_type=each.mime_type,
            )
            for each in page
        ]
        return types.ListResourceTemplatesResult(resource_templates=listed, next_cursor=cursor)

    async def _read(
        self, request: ServerRequestContext[Any, Any], params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        uri = str(params.uri)
        offered, values = self._found(uri)
        try:
            value: Any = offered.source
            if isinstance(value, OfferedFunction):
                value = await value(request, values)
            held = _contents(uri, value, offered.mime_type)
            size = len(held.blob) if isinstance(held, types.BlobResourceContents) else _bytes(held)
            check_size(f"resource {uri!r}", size, self._limits.max_result_bytes)
        except ToolArgumentsError as error:
            raise MCPError(types.INVALID_PARAMS, error.message, {"uri": uri}) from error
        except (RactoGatewayError, ValueError, RecursionError) as error:
            _log.error("resource %r failed", uri, exc_info=error)
            raise MCPError(types.INTERNAL_ERROR, str(error), {"uri": uri}) from error
        return types.ReadResourceResult(contents=[held])

    def _found(self, uri: str) -> tuple[OfferedResource, dict[str, Any]]:
        # A single resource before the templates, which may match it too.
        exact = self._offered.get(uri)
        candidates = [exact] if exact is not None else list(self._offered.values())
        for offered in candidates:
            values = offered.match(uri)
            if values is not None:
                return offered, values
        raise MCPError(types.INVALID_PARAMS, f"there is no resource {uri!r}", {"uri": uri})


def _template(uri: str, held: object) -> UriTemplate:
    if not isinstance(held, OfferedFunction):
        raise ConfigurationError(f"{uri!r} has variables, so it needs a function to fill them in")
    try:
        template = UriTemplate.parse(uri)
    except InvalidUriTemplate as error:
        raise ConfigurationError(f"{uri!r} is no URI template: {error}") from error
    schema = held.schema
    known, needed = set(schema["properties"]), set(schema.get("required", ()))
    # Only what stands in the query may be missing from a URI.
    named = set(template.variable_names)
    if not needed <= named - template.query_variable_names or not named <= known:
        raise ConfigurationError(
            f"{uri!r} has the variables {sorted(named)}, and its function the parameters "
            f"{sorted(known)}, of which it needs {sorted(needed)}; give them the same names"
        )
    return template


def _is_harmless(value: str | list[str]) -> bool:
    parts = [value] if isinstance(value, str) else value
    return not any(
        "\0" in part or contains_path_traversal(part) or is_absolute_path(part) for part in parts
    )


def _listed(offered: OfferedResource) -> types.Resource:
    held = offered.source
    return types.Resource(
        uri=offered.uri,
        name=offered.name,
        description=offered.description,
        mime_type=offered.mime_type or _kind(held),
        size=len(held.encode() if isinstance(held, str) else held)
        if isinstance(held, (str, bytes))
        else None,
    )


def _kind(value: object) -> str | None:
    if isinstance(value, str):
        return "text/plain"
    return "application/octet-stream" if isinstance(value, bytes) else None


def _contents(
    uri: str, value: Any, mime_type: str | None
) -> types.TextResourceContents | types.BlobResourceContents:
    kind = mime_type or _kind(value)
    if isinstance(value, RactoFile):
        kind, value = mime_type or value.mime_type, value.data
    if isinstance(value, (bytes, bytearray, memoryview)):
        blob = base64.b64encode(value).decode("ascii")
        return types.BlobResourceContents(uri=uri, mime_type=kind, blob=blob)
    # Data of any other kind, as a tool's would be.
    if not isinstance(value, str):
        kind, value = kind or "application/json", json_text(value)
    return types.TextResourceContents(uri=uri, mime_type=kind, text=value)


def _bytes(held: types.TextResourceContents) -> int:
    # Raises on the halves of characters that no wire can carry.
    return len(held.text.encode("utf-8"))
