"""The floors: pydantic alone, and calls without a flow."""

from __future__ import annotations

from collections.abc import Callable

from startup import cpu_ms


def package() -> Callable[[], float]:
    """Importing pydantic."""
    return lambda: cpu_ms("import pydantic")


def model() -> Callable[[], float]:
    """Defining a first model."""
    return lambda: cpu_ms(
        "from pydantic import BaseModel, Field\nclass M(BaseModel):\n    a: int = Field(default=0)"
    )


def calls() -> Callable[[], None]:
    """A thousand calls."""

    def add(one: int, two: int) -> int:
        return one + two

    def once() -> None:
        total = 0
        for number in range(1000):
            total = add(total, number)

    return once
