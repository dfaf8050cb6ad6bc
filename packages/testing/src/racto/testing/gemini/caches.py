"""Cached beginnings of prompts."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from itertools import count
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.interjections import Interjections
from racto.testing.payloads import encoded

from .failures import failure_answer, refusal
from .generation import prompt_tokens
from .moments import has_passed, moment
from .requests import CACHE, read
from .routes import Route
from .rules import check_fields, content_faults
from .shelves import Shelf

_HOUR = "3600s"
# Google names no limit; one is needed so that the moment can be written down.
_LONGEST = 100 * 365 * 24 * 3600
_ACTIONS = ("create", "list", "get", "update", "delete")
_FIXED = ("systemInstruction", "tools", "toolConfig")


class CachesEndpoint(Interjections):
    """Creates, shows, lists, prolongs and deletes caches."""

    def __init__(self) -> None:
        super().__init__()
        # Google does not tell who may not see a thing from who asks for nothing.
        missing = "CachedContent not found (or permission denied)"
        self._shelf: Shelf[dict[str, Any]] = Shelf(missing, status=HTTPStatus.FORBIDDEN)
        self._numbers = count(1)

    def takes(self, route: Route, request: Incoming) -> bool:
        """Whether the request is about caches."""
        return route.collection == "cachedContents" and route.action(request.method) in _ACTIONS

    def answer(self, route: Route, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        return self._interrupted(
            lambda: Outgoing(body=encoded(self._answer(route, request))), failure_answer
        )

    def check(self, asked: Mapping[str, Any], model: str) -> None:
        """Refuse a generation whose cache is not there, or not for it.

        Args:
            asked: The request, as it was read.
            model: The model that is asked.

        Raises:
            Refusal: If it is so.
        """
        if "cachedContent" not in asked:
            return
        cache = self._live(asked["cachedContent"])
        if cache["model"] != model:
            raise refusal(
                f"Model used by GenerateContent request ({model}) and CachedContent"
                f" ({cache['model']}) has to be the same."
            )
        if any(field in asked for field in _FIXED):
            raise refusal(
                "CachedContent can not be used with GenerateContent request setting"
                " system_instruction, tools or tool_config.\n\nProposed fix: move those values to"
                " CachedContent from GenerateContent request."
            )

    def _answer(self, route: Route, request: Incoming) -> dict[str, Any]:
        name = route.parent + route.name
        match route.action(request.method):
            case "create":
                return self._create(route, request)
            case "list":
                return self._shelf.page(request.query, "cachedContents", dict)
            case "update":
                return self._prolong(name, request)
            case "delete":
                self._shelf.drop(name)
                return {}
        return self._live(name)

    def _create(self, route: Route, request: Incoming) -> dict[str, Any]:
        asked = read(CACHE, request, vertex=route.vertex)
        missing = [] if asked.get("model") else ["model: model is not specified"]
        faults = [*missing, *content_faults(asked.get("contents", []))]
        check_fields("CreateCachedContentRequest.cached_content", faults)
        if not asked.keys() & {"contents", *_FIXED}:
            raise refusal("CachedContent must have contents, system_instruction or tools.")
        name = f"{route.parent}cachedContents/cache-{next(self._numbers)}"
        # Vertex AI names the model by its whole path, and is asked for it by the end of that.
        cache = {"name": name, "model": asked["model"].removeprefix(_publisher(route))}
        cache |= {"createTime": moment(), "updateTime": moment(), "expireTime": _expiry(asked)}
        if "displayName" in asked:
            cache["displayName"] = asked["displayName"]
        cache["usageMetadata"] = {"totalTokenCount": prompt_tokens(asked)}
        return self._shelf.put(name, cache)

    def _prolong(self, name: str, request: Incoming) -> dict[str, Any]:
        asked = read(CACHE, request)
        if not asked.keys() & {"ttl", "expireTime"} or asked.keys() - {"ttl", "expireTime", "name"}:
            raise refusal("Only the expiration of a CachedContent can be updated.")
        cache = self._live(name)
        cache |= {"updateTime": moment(), "expireTime": _expiry(asked)}
        return cache

    def _live(self, name: str) -> dict[str, Any]:
        cache = self._shelf.get(name)
        # A cache is dropped when it is asked for and over: no clock has to run.
        if has_passed(cache["expireTime"]):
            self._shelf.drop(name)
        return self._shelf.get(name)


def _publisher(route: Route) -> str:
    return f"{route.parent}publishers/google/" if route.vertex else ""


def _expiry(asked: Mapping[str, Any]) -> str:
    if "expireTime" in asked:
        return str(asked["expireTime"])
    seconds = float(asked.get("ttl", _HOUR)[:-1])
    if not 0 < seconds <= _LONGEST:
        raise refusal("ttl must be positive, and at most a hundred years.")
    return moment(after=seconds)
