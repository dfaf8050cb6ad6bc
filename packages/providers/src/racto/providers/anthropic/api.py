"""The Messages API: whose it is, which version is spoken, and what that no longer takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PROVIDER = "anthropic"
"""Name of the provider in responses, errors and traces."""

VERSION_HEADER = "anthropic-version"
BETA_HEADER = "anthropic-beta"


@dataclass(frozen=True, slots=True, kw_only=True)
class APIVersion:
    """The API as one kit asks for it.

    Attributes:
        date: Its version, the day of its release as ISO 8601.
        betas: Names of the unfinished features that every request asks for.
    """

    date: str = "2026-10-21"
    betas: tuple[str, ...] = ()

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> APIVersion:
        """What a kit's own headers ask for.

        Args:
            headers: The headers, their names in lower case.
        """
        betas = filter(None, map(str.strip, headers.get(BETA_HEADER, "").split(",")))
        return cls(date=headers.get(VERSION_HEADER) or CURRENT.date, betas=tuple(betas))

    @property
    def headers(self) -> Mapping[str, str]:
        """What a request must say of it that goes another way than over the kit's own client."""
        date = {} if self.date == CURRENT.date else {VERSION_HEADER: self.date}
        return date | ({BETA_HEADER: ",".join(self.betas)} if self.betas else {})

    @property
    def is_old(self) -> bool:
        """Whether it still takes sampling fields, and a turn of the assistant at the end."""
        return self.date < CURRENT.date


CURRENT = APIVersion()
"""The version that racto speaks unless a kit's headers name another."""

HOW_TO_SEND_IT = (
    "its API takes it no more since 2026-10-21; for an older model make the kit with "
    'headers={"anthropic-version": "2023-06-01"}'
)
"""Advice for what only the version before takes."""
