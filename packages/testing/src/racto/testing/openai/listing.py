"""Lists in pages, as OpenAI's API cuts them: by the id after which a page begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from racto.testing.exchange import Incoming, Outgoing
from racto.testing.fields import Given, Strict
from racto.testing.payloads import encoded

from .failures import refusal
from .validation import M, read


class ListQuery(Strict):
    """How most lists are asked for."""

    after: Given[str] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class FilesQuery(Strict):
    """How the list of files is asked for."""

    after: Given[str] = None
    limit: Annotated[int, Field(ge=1, le=10_000)] = 10_000
    order: Literal["asc", "desc"] = "desc"
    purpose: Given[str] = None


def read_fields(model: type[M], fields: Mapping[str, Any]) -> M:
    """Read fields that came as text, of a query or a form: numbers are made of digits.

    Raises:
        Refusal: If the API would not take them.
    """
    return read(model, Incoming(method="POST", path="", body=encoded(_typed(fields))))


def page(items: Sequence[Mapping[str, Any]], query: ListQuery | FilesQuery) -> Outgoing:
    """One page of a list.

    Args:
        items: All that there is, in order; each has an ``id``.
        query: What was asked for.

    Raises:
        Refusal: If it shall begin after an object that is not there.
    """
    ids = [item["id"] for item in items]
    if query.after is not None and query.after not in ids:
        raise refusal(f"No such object: {query.after}", param="after", status=404)
    rest = items if query.after is None else items[ids.index(query.after) + 1 :]
    shown = rest[: query.limit]
    body = {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": len(rest) > len(shown),
    }
    return Outgoing(body=encoded(body))


def _typed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _typed(inner) for name, inner in value.items()}
    # Short enough to be a number that the API would take.
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value
