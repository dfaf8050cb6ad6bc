"""Where a request goes: one reading of all the paths by which the same method is reached.

The version may stand in the client's base URL, in the path, or in both: with google-genai,
``HttpOptions(base_url=...)`` takes the host alone, and works with the server's ``url`` too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PREFIX = re.compile(r"/(?:v1(?:(?:alpha|beta)\d*)?|upload|download)(?=/)")
_PROJECT = re.compile(r"projects/[^/]+/locations/[^/]+/")
_PUBLISHER = "publishers/google/"
_METHOD_VERBS = {"download": "GET"}
_OF_ALL = {"GET": "list", "POST": "create"}
_OF_ONE = {"GET": "get", "PATCH": "update", "DELETE": "delete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path, taken apart.

    Attributes:
        collection: What kind of thing, for example ``models``.
        name: The thing's whole name, for example ``models/gemini-2.5-pro``; empty for all.
        method: What to do, for example ``generateContent``; empty for plain reading and writing.
        parent: The project and location before the name on Vertex AI, with a slash at its end.
        vertex: Whether it is a path of Vertex AI.
        upload: Whether a file's bytes go this way.
    """

    collection: str
    name: str
    method: str
    parent: str
    vertex: bool
    upload: bool

    @property
    def id(self) -> str:
        """The thing's name without the collection."""
        return self.name.partition("/")[2]

    def action(self, verb: str) -> str:
        """What a request does: a method's name, ``list``, ``create``, ``get``, ``update``, ...

        Args:
            verb: The HTTP method.

        Returns:
            The action; empty when there is none of this verb.
        """
        if self.method:
            # Google's custom methods are all POST; only media come by GET.
            return self.method if verb == _METHOD_VERBS.get(self.method, "POST") else ""
        return (_OF_ONE if self.name else _OF_ALL).get(verb, "")


def route(path: str) -> Route:
    """Take a path apart.

    Args:
        path: The path, without the query.
    """
    at, prefixes = 0, []
    while found := _PREFIX.match(path, at):
        prefixes.append(found.group())
        at = found.end()
    rest = path[at:].strip("/")
    # With a key instead of a project, Vertex AI's paths begin at the publisher.
    project = _PROJECT.match(rest)
    parent = project.group() if project else ""
    named = rest[len(parent) :]
    vertex = bool(project) or named.startswith(_PUBLISHER)
    named, _, method = named.removeprefix(_PUBLISHER).partition(":")
    collection = named.partition("/")[0]
    return Route(
        collection=collection,
        name=named if "/" in named else "",
        method=method,
        parent=parent,
        vertex=vertex,
        upload="/upload" in prefixes,
    )
