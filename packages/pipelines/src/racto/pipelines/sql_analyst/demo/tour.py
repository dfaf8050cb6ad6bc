"""The tour: four questions to the example shop, one of which nobody may ask."""

from __future__ import annotations

import tempfile
from pathlib import Path

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.pipelines.errors import (
    CannotAnswerError,
    ReadOnlyViolationError,
    SandboxUnavailableError,
)
from racto.pipelines.sql_analyst.command.commands import keep_chart, show_result
from racto.pipelines.sql_analyst.command.console import narrate, say
from racto.pipelines.sql_analyst.pipeline import SQLAnalystPipeline

from .shop import build_shop
from .storyteller import CLEANUP, CUSTOMERS, REVENUE, WEATHER, ShopKit

CHART = "revenue.html"
SHOP = "shop.db"


def make_tour(folder: str | Path | None = None, *, as_json: bool = False) -> int:
    """Build the shop, ask four questions, and show what becomes of them.

    Args:
        folder: Where database and chart go; a new temporary folder when None.
        as_json: Whether to print results as JSON.

    Returns:
        0 when all went as it should, 2 when not.

    Raises:
        ConfigurationError: If there is a file in the folder that is not of an earlier tour.
    """
    place = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="racto-sql-"))
    place.mkdir(parents=True, exist_ok=True)
    # Beside a shop it is the chart of an earlier tour; alone it is somebody's own.
    if (place / CHART).exists() and not (place / SHOP).exists():
        raise ConfigurationError(f"{place / CHART} is there already; name another folder")
    shop = build_shop(place / SHOP)
    say(f"An example shop was written to {shop}. No model is asked: a script plays its part.")
    with SQLAnalystPipeline(ShopKit(), analysis_engine="polars", mask_columns=["email"]) as analyst:
        asked = _ask(analyst, shop, REVENUE, place / CHART, as_json=as_json)
        listed = _ask(analyst, shop, CUSTOMERS, None, as_json=as_json)
        refused = _refused(analyst, shop, CLEANUP, ReadOnlyViolationError)
        unknown = _refused(analyst, shop, WEATHER, CannotAnswerError)
    say('\nNext: racto-sql ask your.db "your question" --kit openai/gpt-5.4-mini')
    return 0 if asked and listed and refused and unknown else 2


def _ask(
    analyst: SQLAnalystPipeline, shop: Path, question: str, chart: Path | None, *, as_json: bool
) -> bool:
    say(f"\nQ: {question}")
    where = f"sqlite:///{shop.resolve().as_posix()}"
    is_analysed = chart is not None
    # One chart is enough for a tour.
    wish = "auto" if chart else None
    try:
        result = analyst.run(
            question, connection_string=where, run_pandas=is_analysed, chart=wish, on_step=narrate
        )
    except SandboxUnavailableError as error:
        # The tour goes on where analysis code cannot be locked down.
        say(f"without analysis code: {error}")
        result = analyst.run(
            question, connection_string=where, run_pandas=False, chart=wish, on_step=narrate
        )
    show_result(result, as_json=as_json, with_sql=True)
    if chart is not None:
        keep_chart(result, chart, overwrite=True)
    return result.ok and result.row_count > 0


def _refused(
    analyst: SQLAnalystPipeline, shop: Path, question: str, kind: type[RactoGatewayError]
) -> bool:
    say(f"\nQ: {question}")
    where = f"sqlite:///{shop.resolve().as_posix()}"
    try:
        analyst.run(question, connection_string=where, run_pandas=False, on_step=narrate)
    except kind as error:
        say(f"As it should be: {error}")
        return True
    return False
