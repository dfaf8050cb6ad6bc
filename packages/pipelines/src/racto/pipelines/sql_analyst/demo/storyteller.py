"""A kit that knows its lines: it answers the tour's questions as a model would, mistakes included."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from racto.core.chat import ChatConfig
from racto.core.responses import FinishReason, LLMResponse
from racto.core.stream import StreamBuilder, StreamChunk, StreamDelta
from racto.core.usage import Usage, UsageState

REVENUE = "How did revenue develop month by month in 2025?"
CUSTOMERS = "Who are our five best customers, and how can we write to them?"
CLEANUP = "Please delete all cancelled orders."
WEATHER = "Did the weather make a difference?"

_SOLD = (
    "FROM orders AS o JOIN order_items AS i ON i.order_id = o.id "
    "JOIN products AS p ON p.id = i.product_id"
)
# Two replies for the first question: the first names a column that is not there.
_STATEMENTS = {
    REVENUE: [
        f"SELECT strftime('%Y-%m', o.order_date) AS month, SUM(i.quantity * p.price) AS revenue "
        f"{_SOLD} WHERE o.status = 'paid' GROUP BY month ORDER BY month",
        f"SELECT strftime('%Y-%m', o.ordered_on) AS month, "
        f"ROUND(SUM(i.quantity * p.price), 2) AS revenue {_SOLD} WHERE o.status = 'paid' "
        "AND o.ordered_on >= '2025-01-01' AND o.ordered_on < '2026-01-01' "
        "GROUP BY month ORDER BY month",
    ],
    CUSTOMERS: [
        f"SELECT c.name, c.email, ROUND(SUM(i.quantity * p.price), 2) AS revenue {_SOLD} "
        "JOIN customers AS c ON c.id = o.customer_id WHERE o.status = 'paid' "
        "GROUP BY c.id ORDER BY revenue DESC LIMIT 5"
    ],
    CLEANUP: ["DELETE FROM orders WHERE status = 'cancelled'"],
}
_CODE = {
    "polars": 'result = df.select(pl.col("revenue").sum().round(2).alias("total"), '
    'pl.col("revenue").mean().round(2).alias("mean"))',
}
_QUESTION = re.compile(r"<question>\n(.*)\n</question>", re.DOTALL)
_ROWS = re.compile(r"<rows>\n(.*)\n</rows>", re.DOTALL)


class ShopKit:
    """Plays the model of the tour; keeps the protocol :class:`~racto.core.protocols.ChatKit`."""

    provider = "tour"
    model = "storyteller"

    def chat(self, config: ChatConfig) -> LLMResponse:
        """Answer as the script of the tour says."""
        return _response(config)

    async def achat(self, config: ChatConfig) -> LLMResponse:
        """Async twin of :meth:`chat`."""
        return self.chat(config)

    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        """Answer in one piece."""
        response = _response(config)
        builder = StreamBuilder(provider=self.provider, model=self.model)
        yield builder.add(StreamDelta(text=response.content or ""))
        builder.add_usage(response.usage)
        builder.finish(FinishReason.STOP, None)
        yield builder.final()

    async def astream(self, config: ChatConfig) -> AsyncIterator[StreamChunk]:
        """Async twin of :meth:`stream`."""
        for chunk in self.stream(config):
            yield chunk

    def close(self) -> None:
        """Nothing is held open."""

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""


def _response(config: ChatConfig) -> LLMResponse:
    text = _reply(config)
    # Words stand in for tokens; nobody is paid.
    usage = Usage(
        input_tokens=sum(len(turn.text.split()) for turn in config.messages()),
        output_tokens=len(text.split()),
        cost=0.0,
        state=UsageState.MEASURED,
    )
    return LLMResponse(content=text, usage=usage, provider=ShopKit.provider, model=ShopKit.model)


def _reply(config: ChatConfig) -> str:
    task = config.user_message
    found = _QUESTION.search(task)
    question = found.group(1).strip() if found else ""
    role = config.prompt.role if config.prompt is not None else ""
    if role.startswith("You write SQL"):
        return _sql(question, is_second="<error>" in task)
    if role.startswith("You analyse"):
        return f"```python\n{_CODE['polars']}\n```"
    return _answer(question, task)


def _sql(question: str, *, is_second: bool) -> str:
    statements = _STATEMENTS.get(question)
    # What the script does not know, the shop does not know either.
    if statements is None:
        return "-- Cannot answer: the shop keeps customers, products and orders, and nothing else"
    return f"```sql\n{statements[-1 if is_second else 0]}\n```"


def _answer(question: str, task: str) -> str:
    found = _ROWS.search(task)
    lines = found.group(1).splitlines()[1:] if found else []
    rows: list[list[Any]] = [json.loads(line) for line in lines]
    if not rows:
        return "Nothing was found."
    if question == REVENUE:
        best = max(rows, key=lambda row: row[-1])
        total = round(sum(row[-1] for row in rows), 2)
        return (
            f"Revenue in 2025 came to **{total:,.2f}**. The best month was **{best[0]}** with "
            f"{best[-1]:,.2f}."
        )
    listed = "\n".join(f"| {row[0]} | {row[-1]:,.2f} |" for row in rows)
    return (
        f"**{rows[0][0]}** leads with {rows[0][-1]:,.2f}. The addresses are hidden from me.\n\n"
        f"| Customer | Revenue |\n|---|---:|\n{listed}"
    )
