"""What an endpoint makes of a request, before the script is asked whether all goes well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A sound request.

    Attributes:
        model: The model that is asked.
        render: Makes the body of the answer.
    """

    model: str
    render: Callable[[], dict[str, Any]]
