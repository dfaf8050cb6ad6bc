"""What is known of a model: limits, prices, powers and the day of its end; the rest stays unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from racto.core.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model charges, in ``currency`` per million tokens; None where it is not known.

    Attributes:
        input: Input tokens that no cache is involved in.
        cache_read: Input tokens read from the provider's cache.
        cache_write_5m: Input tokens written to a cache for the provider's shortest term.
        cache_write_1h: Input tokens written to a cache for one hour or longer.
        output: Generated tokens, reasoning included.
        batch: Factor on all of it in a batch job.
        currency: ISO 4217 code.
        since: First day on which it holds, as ISO 8601; empty for always.
        above: What a request pays whose input is longer than ``above_tokens``.
        above_tokens: Input tokens, cached ones included, from which on ``above`` holds for the
            whole request.
    """

    input: float | None = None
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None
    output: float | None = None
    batch: float = 1.0
    currency: str = "USD"
    since: str = ""
    above: Price | None = None
    above_tokens: int = 0

    @classmethod
    def of(cls, data: Mapping[str, Any], *, place: str = "price") -> Price:
        """Read a price from JSON.

        Args:
            data: The fields by name; ``above`` is an object with ``tokens`` and prices.
            place: Where it stands, for errors.

        Raises:
            ConfigurationError: If a field is unknown or no number, naming the place.
        """
        checked_keys(data, [field.name for field in fields(cls)], place)
        given = dict(data)
        for name in (*_RATES, "batch"):
            if given.get(name) is not None:
                given[name] = _number(given[name], f"{place}.{name}")
        above = given.pop("above", None)
        if above is not None:
            checked_keys(above, None, f"{place}.above")
            tokens = _number(above.get("tokens"), f"{place}.above.tokens")
            rates: dict[str, Any] = {k: given[k] for k in ("batch", "currency") if k in given}
            rates |= {key: value for key, value in above.items() if key != "tokens"}
            given["above"] = cls.of(rates, place=f"{place}.above")
            given["above_tokens"] = int(tokens)
        if given.get("since"):
            checked_date(given["since"], f"{place}.since")
        return cls(**given)


FREE = Price(input=0.0, cache_read=0.0, cache_write_5m=0.0, cache_write_1h=0.0, output=0.0)
"""The price of what runs on one's own machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What the catalog knows of one model.

    Attributes:
        provider: Who serves it.
        model: The name that was asked about.
        listed_as: The name under which the catalog lists it; None when it does not.
        context_window: Most tokens of input and output together.
        max_output_tokens: Most tokens of one reply.
        prices: Its prices by their first day, the oldest first.
        capabilities: What it takes and can do, in words such as ``images`` or ``tools``.
        retires: Day on which its provider withdraws it, as ISO 8601.
        sources: Where the figures were found: addresses.
    """

    provider: str
    model: str
    listed_as: str | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    prices: tuple[Price, ...] = ()
    capabilities: frozenset[str] | None = None
    retires: str | None = None
    sources: tuple[str, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the facts that the catalog does not hold."""
        named = ("context_window", "max_output_tokens", "prices", "capabilities", "retires")
        return tuple(name for name in named if not getattr(self, name))

    def price(self, on: date | None = None) -> Price | None:
        """The price on a day, today by default; None when it is not known."""
        day = (on or date.today()).isoformat()
        valid = [price for price in self.prices if price.since <= day]
        return valid[-1] if valid else None


def checked_keys(data: Any, known: Sequence[str] | None, place: str) -> None:
    """Do nothing if ``data`` is an object with known fields only.

    Args:
        data: What was read.
        known: The fields that it may have; None for any.
        place: Where it stands, for errors.

    Raises:
        ConfigurationError: If it is not, naming the place and what is allowed there.
    """
    if not isinstance(data, Mapping):
        raise ConfigurationError(f"{place} must be an object, not {type(data).__name__}")
    if known is not None and (strange := sorted(set(data) - set(known))):
        raise ConfigurationError(
            f"{place} has unknown fields: {', '.join(strange)}; known: {', '.join(known)}"
        )


def checked_date(value: Any, place: str) -> str:
    """A day as ISO 8601.

    Raises:
        ConfigurationError: If it is none, naming the place.
    """
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{place} must be a day as 2027-01-31, not {value!r}") from error


def _number(value: Any, place: str) -> float:
    # A bool is an int to Python, and NaN would spread through every sum.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        raise ConfigurationError(f"{place} must be a number, zero or more, not {value!r}")
    return float(value)


_RATES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
