from __future__ import annotations

from functools import reduce
from operator import add

from hypothesis import given, strategies as st

from racto.core import Usage, UsageState
from racto.tools.mcp.agent.spending import Spending

COUNTS = st.integers(min_value=0, max_value=100)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    output = draw(COUNTS)
    return Usage(
        input_tokens=draw(COUNTS),
        cache_read_tokens=draw(COUNTS),
        cache_write_5m_tokens=draw(COUNTS),
        cache_write_1h_tokens=draw(COUNTS),
        output_tokens=output,
        reasoning_tokens=draw(st.integers(min_value=0, max_value=output)),
        # Halves, which binary numbers add exactly in any order.
        cost=draw(st.none() | st.sampled_from([0.0, 0.5, 1.5])),
        currency=draw(st.sampled_from(["USD", "EUR"])),
        state=draw(st.sampled_from(UsageState)),
    )


NOTHING = st.just(Usage.nothing())


@given(st.lists(usages() | NOTHING, max_size=6))
def test_it_adds_as_usage_does(many: list[Usage]) -> None:
    spending = Spending()
    for usage in many:
        spending.add(usage)
    wanted = reduce(add, many, Usage.nothing())
    assert spending.usage == wanted
    assert spending.tokens == wanted.total_tokens
    assert spending.cost == wanted.cost
    assert spending.is_known == (
        wanted != Usage.nothing() and wanted.state is not UsageState.UNKNOWN
    )
