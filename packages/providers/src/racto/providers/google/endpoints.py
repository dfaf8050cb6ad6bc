"""Where Google's models are served: the Gemini API and Vertex AI, their URLs and their paths."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from racto.core.errors import ConfigurationError

_GEMINI_URL = "https://generativelanguage.googleapis.com"
_VERTEX_HOST = "aiplatform.googleapis.com"

# Areas of several regions have hosts of another shape than single regions.
_AREAS = frozenset(["us", "eu"])

_VERSION = re.compile(r"/(v\d\w*)/?$")

# Dots that climb, queries and fragments would turn a model's name into another call.
_MODEL = re.compile(r"(?!.*\.\.)[\w.@:-]+(?:/[\w.@:-]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One of the services that offer Google's models.

    Attributes:
        base_url: Its root, without a version.
        version: Version of its API.
        is_vertex: Whether it is Vertex AI, whose requests differ here and there.
        parent: Project and location that calls are made in; empty where a key tells them.
    """

    base_url: str
    version: str
    is_vertex: bool = False
    parent: str = ""

    def path(self, model: str, method: str) -> str:
        """The path of a call, below :attr:`base_url`.

        Args:
            model: Name of a model, with or without the collection it is in.
            method: What to do with it, for example ``generateContent``.

        Raises:
            ConfigurationError: If the model's name cannot stand in a path.
        """
        name = self.resource(model)
        # The full name of a tuned model or an endpoint brings its project along.
        parent = "" if name.startswith("projects/") or not self.parent else f"{self.parent}/"
        return f"/{self.version}/{parent}{name}:{method}"

    def collection(self, name: str) -> str:
        """The path of a collection, for example ``interactions``."""
        parent = f"{self.parent}/" if self.parent else ""
        return f"/{self.version}/{parent}{name}"

    def resource(self, model: str) -> str:
        """The full name of a model.

        Raises:
            ConfigurationError: If it cannot stand in a path.
        """
        if not _MODEL.fullmatch(model):
            raise ConfigurationError(
                f"{model!r} is no name of a model: give its name as Google lists it, or a full one "
                "such as 'tunedModels/mine'"
            )
        if not self.is_vertex:
            return model if model.startswith(("models/", "tunedModels/")) else f"models/{model}"
        if model.startswith(("projects/", "models/", "publishers/")):
            return model
        publisher, slash, name = model.partition("/")
        return (
            f"publishers/{publisher}/models/{name}"
            if slash
            else f"publishers/google/models/{model}"
        )


def gemini_endpoint(base_url: str | None = None, version: str | None = None) -> Endpoint:
    """The Gemini API, which takes keys of AI Studio.

    Args:
        base_url: Root of another server, with or without a version;
            ``GOOGLE_GEMINI_BASE_URL``, or Google's, when None.
        version: Version of the API; the one in ``base_url``, or ``v1``, when None.
    """
    root = base_url or os.environ.get("GOOGLE_GEMINI_BASE_URL") or _GEMINI_URL
    bare, told = _parted(root)
    return Endpoint(base_url=bare, version=version or told or "v1")


def vertex_endpoint(
    base_url: str | None = None,
    version: str | None = None,
    *,
    project: str | None = None,
    location: str | None = None,
) -> Endpoint:
    """Vertex AI, in a project of Google Cloud, or with a key alone (express mode).

    Args:
        base_url: Root of another server, with or without a version;
            ``GOOGLE_VERTEX_BASE_URL``, or Google's, when None.
        version: Version of the API; the one in ``base_url``, or ``v1beta1``, when None.
        project: The project; None where a key tells it.
        location: Region, area (``us``, ``eu``) or ``global``.
    """
    place = location or "global"
    root = base_url or os.environ.get("GOOGLE_VERTEX_BASE_URL") or _vertex_url(place)
    bare, told = _parted(root)
    return Endpoint(
        base_url=bare,
        version=version or told or "v1beta1",
        is_vertex=True,
        parent=f"projects/{project}/locations/{place}" if project else "",
    )


def _parted(root: str) -> tuple[str, str | None]:
    """A URL without the version at its end, and the version."""
    found = _VERSION.search(root)
    return (root[: found.start()], found[1]) if found else (root.rstrip("/"), None)


def _vertex_url(place: str) -> str:
    if place == "global":
        return f"https://{_VERTEX_HOST}"
    if place in _AREAS:
        return f"https://aiplatform.{place}.rep.googleapis.com"
    return f"https://{place}-{_VERTEX_HOST}"
