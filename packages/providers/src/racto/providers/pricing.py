"""What tokens cost: prices as dated data, yours over the catalog's, and unknown is never zero.

Costs are list prices of the providers' standard tier. Priority tiers, tools that are billed by
the call, storage of caches and contracts of your own are not in them; a
:class:`PriceTable` of your own can say what you really pay.
"""

from __future__ import annotations

import copy
import ipaddress
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from racto.core.usage import Usage, UsageState

from .catalog import Catalog, read_json
from .facts import FREE, Price, checked_keys

Prices: TypeAlias = Mapping[str, Mapping[str, Price | Mapping[str, Any]]]
"""Prices by provider and model, as :class:`Price` or as its fields."""

_PER = 1e-6
_DAY = 86400.0
_REMEMBERED = 1024
# More than any call can have: a server that reports so many has miscounted.
_MOST_TOKENS = 10**12


class PriceTable:
    """Prices of models, per million tokens.

    Safe to share between threads. Lookups are remembered until the day changes.

    Args:
        prices: Prices of your own by provider and model; they stand over the catalog's. Models
            are found by the catalog's rule, so a price of ``m`` is also that of ``m-2026-01-31``.
        catalog: Where all other prices come from; racto's own when None.
        clock: The Unix time in seconds, for prices that change on a day.

    Raises:
        ConfigurationError: If a price is malformed, naming its place.
    """

    def __init__(
        self,
        prices: Prices | None = None,
        *,
        catalog: Catalog | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._own = _catalog_of(prices) if prices else None
        self._catalog = catalog
        self._clock = clock
        self._at_home = True
        self._midnight = 0.0
        self._found: dict[tuple[str, str], Price | None] = {}

    @classmethod
    def of(cls, path: str | Path) -> PriceTable:
        """A table with prices of your own from a JSON file: provider, model, price.

        Args:
            path: For example ``{"openai": {"my-model": {"input": 1.0, "output": 4.0}}}``.

        Raises:
            ConfigurationError: If it is not JSON, or a price is malformed.
            FileNotFoundError: If there is no such file.
        """
        return cls(read_json(path))

    def at(self, url: str) -> PriceTable:
        """The same prices for a server at an address: what is free at home is unknown elsewhere.

        Whoever runs a server for others may want money for it. Where yours does not, say so with
        prices of zero of your own.

        Args:
            url: Root of the server; at home are ``localhost`` and the loopback addresses.
        """
        if _is_here(url):
            return self
        table = copy.copy(self)
        table._at_home, table._found = False, {}
        return table

    def price(self, provider: str, model: str) -> Price | None:
        """The price of a model today; None when it is not known."""
        found = self._found
        # Prices change at midnight, and names may come from outside: both empty the memory.
        if self._clock() >= self._midnight or len(found) > _REMEMBERED:
            found = self._found = {}
            self._midnight = (self._clock() // _DAY + 1) * _DAY
        key = (provider, model)
        if key not in found:
            found[key] = self._look_up(provider, model)
        return found[key]

    def cost(self, provider: str, model: str, usage: Usage, *, batch: bool = False) -> float | None:
        """What one call cost.

        Args:
            provider: Who answered.
            model: Which model.
            usage: Its tokens; of one call, because long inputs have other prices.
            batch: Whether it was part of a batch job.

        Returns:
            The cost in the price's currency; None when the usage, the model or the price of a
            kind of token that was used is not known, or a count is beyond belief.
        """
        price = self.price(provider, model)
        return None if price is None else _cost(price, usage, batch)

    def priced(self, usage: Usage, provider: str, *models: str, batch: bool = False) -> Usage:
        """The usage of one call with its cost filled in, as far as it is known.

        A cost that is there already stays: some servers report what they charge.

        Args:
            usage: Tokens of one call.
            provider: Who answered.
            *models: Names of the model, the best one first: what answered, then what was asked.
            batch: Whether it was part of a batch job.
        """
        if usage.cost is not None:
            return usage
        for model in models:
            price = self.price(provider, model) if model else None
            if price is not None:
                cost = _cost(price, usage, batch)
                return usage.model_copy(update={"cost": cost, "currency": price.currency})
        return usage

    def _look_up(self, provider: str, model: str) -> Price | None:
        # Without a provider the catalog would take the first that lists the name.
        if not provider:
            return None
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        for catalog in (self._own, self._catalog or Catalog.load()):
            price = catalog.model_facts(provider, model).price(today) if catalog else None
            if price is not None:
                return price if self._at_home or price is not FREE else None
        return None


def _cost(price: Price, usage: Usage, batch: bool) -> float | None:
    if usage.state is UsageState.UNKNOWN:
        return None
    if price.above is not None and usage.prompt_tokens > price.above_tokens:
        price = price.above
    if max(usage.prompt_tokens, usage.output_tokens) > _MOST_TOKENS:
        return None
    total = 0.0
    for tokens, rate in (
        (usage.input_tokens, price.input),
        (usage.output_tokens, price.output),
        (usage.cache_read_tokens, price.cache_read),
        (usage.cache_write_5m_tokens, price.cache_write_5m),
        (usage.cache_write_1h_tokens, price.cache_write_1h),
    ):
        if tokens:
            # One unknown part makes the whole unknown: a sum without it would look cheap.
            if rate is None:
                return None
            total += tokens * rate
    return total * _PER * price.batch if batch else total * _PER


DEFAULT_PRICES = PriceTable()
"""The prices of racto's catalog; read when the first cost is asked for."""


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _catalog_of(prices: Prices) -> Catalog:
    checked_keys(prices, None, "prices")
    providers: dict[str, Any] = {}
    for provider, models in prices.items():
        checked_keys(models, None, f"prices.{provider}")
        listed = {model: {"prices": [price]} for model, price in models.items()}
        providers[provider] = {"models": listed}
    today = datetime.now(UTC).date().isoformat()
    made = Catalog({"as_of": today, "providers": providers}, name="prices")
    made.check()
    return made
