"""The collection: whether it is there, for vectors of which length, made and dropped once."""

from __future__ import annotations

from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    NotFoundError,
    RactoGatewayError,
    ServerError,
    StoreError,
)
from racto.core.flows import Flow

from .link import Link
from .plan import Plan, check_dimension


class Shelf:
    """A collection of one Chroma, and what is known of it.

    Args:
        link: The connection.
        plan: How the collection is made.
        dimension: Length of its vectors, where the user fixed it.
    """

    def __init__(self, link: Link, plan: Plan, *, dimension: int | None) -> None:
        self.link = link
        self.plan = plan
        self.given = dimension
        # What Chroma said last; it is asked anew when the collection turns out to be gone.
        self._found: int | None = None

    def forget(self) -> None:
        """Ask anew next time."""
        self._found = None
        self.link.forget()

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
        check_dimension(self.link.name, found, dimension)
        return found

    def create(self, dimension: int) -> Flow[None]:
        """Make the collection unless it is there now with vectors of this length."""
        check_dimension(self.link.name, self.given or dimension, dimension)
        # Another process may have dropped it since.
        self.forget()
        yield from self.ensure(dimension)

    def drop(self) -> Flow[None]:
        """Remove the collection with all it holds, if it is there."""
        self.forget()
        try:
            yield from self.link.ask("delete_collection", "dropping")
        except NotFoundError:
            return

    def _look(self) -> Flow[int | None]:
        try:
            collection = yield from self.link.ask(
                "get_collection", "looking at", embedding_function=None
            )
        except NotFoundError:
            return None
        found = self.plan.dimension_of(collection)
        check_dimension(self.link.name, found, self.given)
        return found

    def _create(self, dimension: int) -> Flow[int]:
        if dimension < 1:
            raise ConfigurationError(f"dimension must be at least 1, not {dimension}")
        refused: RactoGatewayError | None = None
        try:
            yield from self.link.ask(
                "create_collection", "creating", **self.plan.to_create(dimension)
            )
        except (BadRequestError, ServerError, StoreError) as error:
            # Another writer may have made it in the meantime, or an attempt that seemed to fail.
            refused = error
        # Whoever made it, it counts only if it is as this store needs it.
        self.link.forget()
        self._found = yield from self._look()
        if self._found is None:
            raise refused or StoreError(f"Chroma made no collection {self.link.name!r}")
        return self._found
