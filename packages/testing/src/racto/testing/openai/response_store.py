"""Responses that a server keeps, and the items of the model that it has given out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from .failures import refusal

# So many are remembered: a server in a long benchmark must not grow without end.
_MOST = 2000

Item = Mapping[str, Any]


class StoredResponse:
    """One response, and what was asked for it.

    Args:
        body: The finished response.
        asked: The items of its input.
        is_background: Whether it is made while nobody waits: each look at it finds it further on.

    Attributes:
        finished: The response at its end.
        asked: The items of its input.
        is_background: Whether it was made in the background.
    """

    def __init__(
        self, body: dict[str, Any], *, asked: Sequence[Item], is_background: bool = False
    ) -> None:
        self.finished = body
        # Each look takes one away, so that a poller sees every state once and no clock is needed.
        self._ahead = ["queued", "in_progress"] if is_background else []
        self.asked = asked
        self.is_background = is_background

    @property
    def id(self) -> str:
        """Its id, by which it can be had again."""
        return str(self.finished["id"])

    @property
    def body(self) -> dict[str, Any]:
        """The response as it stands now."""
        if not self._ahead:
            return self.finished
        unfinished: Item = {
            "status": self._ahead[0],
            "output": [],
            "usage": None,
            "completed_at": None,
        }
        return {**self.finished, **unfinished}

    @property
    def output(self) -> Sequence[Item]:
        """The items that the model has given."""
        items: Sequence[Item] = self.body["output"]
        return items

    def go_on(self) -> None:
        """Come one state nearer to the end."""
        if self._ahead:
            self._ahead.pop(0)

    def cancel(self) -> None:
        """Stop, unless it has ended."""
        if self._ahead:
            self.finished = {**self.body, "status": "cancelled"}
            self._ahead.clear()


class ResponseStore:
    """What a server remembers of its responses; of each kind the newest."""

    def __init__(self) -> None:
        self._responses: OrderedDict[str, StoredResponse] = OrderedDict()
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._seals: OrderedDict[str, None] = OrderedDict()
        self._thoughts: OrderedDict[str, str] = OrderedDict()

    def give(self, output: Sequence[Item]) -> None:
        """Note what the model has given, stored or not, so that it is known when it comes back."""
        thought = None
        for item in output:
            if item["type"] == "reasoning":
                thought = item["id"]
                if "encrypted_content" in item:
                    _remember(self._seals, item["encrypted_content"], None)
            # All that follows a thought depends on it, until the next one.
            elif thought is not None:
                _remember(self._thoughts, item["id"], thought)

    def keep(self, stored: StoredResponse) -> None:
        """Keep a response and its items, so that later requests may refer to them."""
        _remember(self._responses, stored.id, stored)
        for item in (*stored.asked, *stored.finished["output"]):
            _remember(self._items, item["id"], item)

    def find(self, id: str) -> StoredResponse:
        """A stored response.

        Raises:
            Refusal: If there is none of that id.
        """
        if id not in self._responses:
            raise refusal(f"Response with id '{id}' not found.", status=404)
        return self._responses[id]

    def forget(self, id: str) -> None:
        """Delete a response.

        Raises:
            Refusal: If there is none of that id.
        """
        gone = self.find(id)
        del self._responses[id]
        for item in gone.output:
            self._items.pop(item["id"], None)

    def item(self, id: str) -> Item | None:
        """An item of a stored response."""
        return self._items.get(id)

    def is_sealed_here(self, content: str) -> bool:
        """Whether encrypted reasoning is this server's."""
        return content in self._seals

    def thought_before(self, id: str) -> str | None:
        """The id of the reasoning without which an item may not come back."""
        return self._thoughts.get(id)

    def before(self, previous: str | None) -> list[Item]:
        """The conversation up to a response, oldest item first.

        Raises:
            Refusal: If a response of it is not stored.
        """
        turns: list[list[Item]] = []
        while previous is not None:
            if previous not in self._responses:
                raise refusal(
                    f"Previous response with id '{previous}' not found.",
                    param="previous_response_id",
                    code="previous_response_not_found",
                )
            found = self._responses[previous]
            turns.append([*found.asked, *found.output])
            previous = found.body["previous_response_id"]
        return [item for turn in reversed(turns) for item in turn]


def _remember(place: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    place[key] = value
    # The oldest go first; a client that goes on with one is told that it is unknown.
    if len(place) > _MOST:
        place.popitem(last=False)
