"""The collection: whether it is there, for vectors of which length, made and dropped once."""

from __future__ import annotations

from typing import Any

from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    NotFoundError,
    RactoGatewayError,
    StoreError,
)
from racto.core.flows import Flow

from . import wire
from .link import Link
from .plan import Plan


class Shelf:
    """A collection of one Qdrant, and what is known of it.

    Args:
        link: The connection.
        plan: How the collection is made.
        dimension: Length of its vectors, where the user fixed it.
    """

    def __init__(self, link: Link, plan: Plan, *, dimension: int | None) -> None:
        self.link = link
        self.plan = plan
        self.given = dimension
        # What the server said last; it is asked anew when the collection turns out to be gone.
        self._found: int | None = None

    def forget(self) -> None:
        """Ask anew next time."""
        self._found = None

    def dimension(self) -> Flow[int | None]:
        """Length of the collection's vectors; None if there is no collection.

        Raises:
            DimensionMismatchError: If it is another one than the user fixed.
        """
        if self._found is None:
            self._found = yield from self._look()
        # What is known needs no call, and a closed store must say so all the same.
        self.link.check_open()
        return self._found

    def exists(self) -> Flow[bool]:
        """Whether the collection is there now."""
        self.forget()
        return (yield from self.dimension()) is not None

    def ensure(self, dimension: int) -> Flow[int]:
        """Make the collection unless it is there, and return the length of its vectors.

        Raises:
            DimensionMismatchError: If it is there for vectors of another length.
        """
        found = yield from self.dimension()
        if found is None:
            found = yield from self._create(self.given or dimension)
        self.plan.check_dimension(found, dimension)
        return found

    def create(self, dimension: int) -> Flow[None]:
        """Make the collection unless it is there now with vectors of this length."""
        self.plan.check_dimension(self.given or dimension, dimension)
        # Another process may have dropped it since.
        self.forget()
        yield from self.ensure(dimension)

    def drop(self) -> Flow[None]:
        """Remove the collection with all it holds, if it is there."""
        self.forget()
        try:
            yield from self._ask("delete_collection", "dropping")
        except NotFoundError:
            return

    def _look(self) -> Flow[int | None]:
        try:
            info = yield from self._ask("get_collection", "looking at")
        except NotFoundError:
            return None
        found = self.plan.dimension_of(info.config.params.model_dump(mode="json"))
        self.plan.check_dimension(found, self.given)
        return found

    def _create(self, dimension: int) -> Flow[int]:
        if dimension < 1:
            raise ConfigurationError(f"dimension must be at least 1, not {dimension}")
        doing = f"creating collection {self.plan.name!r}"
        refused: RactoGatewayError | None = None
        try:
            made = wire.creation(self.plan, dimension)
            yield from self.link.ask("create_collection", doing, **made)
        except (BadRequestError, StoreError) as error:
            # Another writer may have made it in the meantime, or an attempt that seemed to fail.
            refused = error
        # Whoever made it, it counts only if it is as this store needs it.
        self._found = yield from self._look()
        if self._found is None:
            raise refused or StoreError(f"Qdrant made no collection while {doing}")
        # Local Qdrant keeps no payload indexes, and warns of each.
        if not self.link.address.is_local:
            for path, schema in self.plan.payload_indexes().items():
                yield from self._ask(
                    "create_payload_index", "indexing", field_name=path, field_schema=schema
                )
        return self._found

    def _ask(self, method: str, doing: str, **arguments: Any) -> Flow[Any]:
        name = self.plan.name
        return self.link.ask(
            method, f"{doing} collection {name!r}", collection_name=name, **arguments
        )
