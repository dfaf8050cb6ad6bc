"""The whole analyst on all four databases, as the user who may only read, in both voices."""

from __future__ import annotations

import asyncio

import pytest

from racto.core.testing import ScriptedKit
from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst import SQLAnalystPipeline, SQLAnalystResult

from .conftest import Shop

SOLD = (
    "SELECT p.name AS product, SUM(o.quantity * p.price) AS revenue FROM orders AS o "
    "JOIN products AS p ON p.id = o.product_id GROUP BY p.name ORDER BY revenue DESC"
)


def _run(voice: str, kit: ScriptedKit, shop: Shop, **settings: object) -> SQLAnalystResult:
    made: dict[str, object] = {"run_pandas": False, "chart": None, **settings}

    async def awaited() -> SQLAnalystResult:
        async with SQLAnalystPipeline(kit, **made) as analyst:  # type: ignore[arg-type]
            return await analyst.arun("What sold?", connection_string=shop.reader)

    if voice == "arun":
        return asyncio.run(awaited())
    with SQLAnalystPipeline(kit, **made) as analyst:  # type: ignore[arg-type]
        return analyst.run("What sold?", connection_string=shop.reader)


@pytest.mark.parametrize("voice", ["run", "arun"])
def test_a_question_is_answered(voice: str, shop: Shop) -> None:
    wrong = "SELECT SUM(o.price) AS revenue FROM orders AS o"
    kit = ScriptedKit([wrong, f"```sql\n{SOLD}\n```", "The kettle leads with 89.99."])
    result = _run(voice, kit, shop, chart="auto")
    assert [row["product"] for row in result.raw_rows] == ["Kettle :urgent", "Cup", "Tea 100%"]
    assert float(result.raw_rows[0]["revenue"]) == 89.99
    assert len(result.attempts) == 1
    assert result.unsupported_numbers == ()
    assert result.dialect == shop.dialect
    assert result.plotly_figure is not None


@pytest.mark.parametrize("voice", ["run", "arun"])
def test_rules_hold(voice: str, shop: Shop) -> None:
    kit = ScriptedKit(["SELECT name, upper(email) AS e FROM customers ORDER BY id", "Three."])
    result = _run(voice, kit, shop, mask_columns=["email"])
    assert [row["e"] for row in result.raw_rows] == ["***MASKED***", "***MASKED***", None]
    for sql in ("SELECT ssn FROM customers", "SELECT * FROM payments", "DELETE FROM orders"):
        with pytest.raises(ReadOnlyViolationError):
            _run(voice, ScriptedKit([sql], repeat=True), shop,
                 blocked_columns=["ssn"], allowed_tables=["customers", "orders"])  # fmt: skip
