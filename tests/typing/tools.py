"""Tools as a user types them: decorators leave the function's own type alone."""

from __future__ import annotations

from typing import Literal, assert_type

from pydantic import BaseModel

from racto.core import ToolRegistry, tool

registry = ToolRegistry()


@tool
def weather(city: str, unit: Literal["C", "F"] = "C") -> float:
    """The temperature in a city."""
    return 21.5


@tool(registry)
def wind(city: str) -> int:
    """The wind in a city."""
    return 3


@registry.register
def rain(city: str) -> bool:
    """Whether it rains."""
    return False


@registry.register(name="snow_in")
async def snow(city: str) -> bool:
    """Whether it snows."""
    return False


class Booking(BaseModel):
    """A table for dinner."""

    guests: int


assert_type(weather("Bern"), float)
assert_type(wind("Bern"), int)
assert_type(rain("Bern"), bool)
assert_type(registry.register(Booking), type[Booking])

weather(1)  # type: ignore[arg-type]
weather("Bern", unit="K")  # type: ignore[arg-type]


async def ask() -> None:
    """An async tool stays async."""
    assert_type(await snow("Bern"), bool)
