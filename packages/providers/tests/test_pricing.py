"""What tokens cost: bucket by bucket, unknown when a part is, and filled in by the kits."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import (
    ChatConfig,
    ConfigurationError,
    RactoGatewayAPIError,
    ToolRegistry,
    Usage,
    UsageState,
)
from racto.core.telemetry import RecordingMetrics, RecordingTracer
from racto.providers import Price, PriceTable
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.ollama import OllamaDeveloperKit
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import (
    AnthropicServer,
    Conduct,
    OllamaServer,
    OpenAIServer,
    Reply,
    ToolCall,
)

Make = Callable[..., OpenAIDeveloperKit]

RATES = {
    "input": 1.0,
    "cache_read": 0.1,
    "cache_write_5m": 1.25,
    "cache_write_1h": 2.0,
    "output": 4.0,
}
TABLE = PriceTable({"acme": {"m": RATES}})
TOKENS = st.integers(0, 10**7)


@given(TOKENS, TOKENS, TOKENS, TOKENS, TOKENS)
def test_the_cost_is_the_sum_of_its_buckets(
    fresh: int, read: int, short: int, long: int, made: int
) -> None:
    counts = {
        "input_tokens": fresh,
        "cache_read_tokens": read,
        "cache_write_5m_tokens": short,
        "cache_write_1h_tokens": long,
        "output_tokens": made,
    }
    alone = [
        TABLE.cost("acme", "m", Usage(**{name: count}, state=UsageState.MEASURED))
        for name, count in counts.items()
    ]
    whole = TABLE.cost("acme", "m", Usage(**counts, state=UsageState.MEASURED))
    assert whole == pytest.approx(sum(part or 0.0 for part in alone))
    exact = (fresh * 1 + read * 0.1 + short * 1.25 + long * 2 + made * 4) / 10**6
    assert whole == pytest.approx(exact)


def test_reasoning_is_a_part_of_the_output_and_not_paid_twice() -> None:
    plain = Usage(output_tokens=1000)
    thinking = Usage(output_tokens=1000, reasoning_tokens=900)
    assert TABLE.cost("acme", "m", plain) == TABLE.cost("acme", "m", thinking) == 0.004


def test_unknown_is_never_nothing() -> None:
    used = Usage(input_tokens=10, output_tokens=10)
    assert TABLE.cost("acme", "other", used) is None
    assert TABLE.cost("nobody", "m", used) is None
    assert TABLE.cost("", "m", used) is None
    assert TABLE.cost("acme", "m", Usage()) is None
    half = PriceTable({"acme": {"m": {"input": 1.0}}})
    assert half.cost("acme", "m", used) is None
    assert half.cost("acme", "m", Usage(input_tokens=10)) == pytest.approx(1e-5)


def test_what_runs_at_home_costs_nothing() -> None:
    used = Usage(input_tokens=10, output_tokens=10)
    assert PriceTable().cost("ollama", "anything", used) == 0.0
    assert PriceTable().cost("local", "anything", used) == 0.0


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "glm-4.6:cloud"])
def test_what_the_server_at_home_hands_on_to_a_cloud_is_not_free(model: str) -> None:
    assert PriceTable().cost("ollama", model, Usage(input_tokens=10)) is None
    own = PriceTable({"ollama": {model: {"input": 1.0}}})
    assert own.cost("ollama", model, Usage(input_tokens=10)) == pytest.approx(1e-5)


@pytest.mark.parametrize(
    ("url", "cost"),
    [
        ("http://127.0.0.1:11434", 0.0),
        ("http://127.8.8.8:11434", 0.0),
        ("http://[::1]:11434", 0.0),
        ("http://localhost:11434/path", 0.0),
        ("http://ollama.localhost:11434", 0.0),
        ("https://ollama.com:443", None),
        ("http://10.0.0.7:11434", None),
        ("http://localhost.example.com:11434", None),
        ("http://ollama:11434", None),
    ],
)
def test_what_is_free_at_home_is_unknown_elsewhere(url: str, cost: float | None) -> None:
    used = Usage(input_tokens=10)
    assert PriceTable().at(url).cost("ollama", "llama3.2", used) == cost
    own = PriceTable({"ollama": {"llama3.2": {"input": 0.0}}, "acme": {"m": RATES}}).at(url)
    assert own.cost("ollama", "llama3.2", used) == 0.0
    assert own.cost("acme", "m", used) == pytest.approx(1e-5)


def test_the_table_of_a_server_elsewhere_leaves_the_first_one_as_it_was() -> None:
    used, table = Usage(input_tokens=10), PriceTable()
    assert table.cost("ollama", "m", used) == 0.0
    assert table.at("https://ollama.com").cost("ollama", "m", used) is None
    assert table.cost("ollama", "m", used) == 0.0


def test_a_kit_for_a_server_at_home_costs_nothing_and_of_its_cloud_nobody_knows(
    ollama_server: OllamaServer,
) -> None:
    ollama_server.when(lambda _request: Reply(text="hi", usage=Usage(input_tokens=10)))
    with OllamaDeveloperKit("m", base_url=ollama_server.url) as kit:
        assert kit.chat(ChatConfig(user_message="hi")).cost == 0.0
        assert kit.chat(ChatConfig(user_message="hi", model="m:cloud")).cost is None


@given(
    st.sampled_from(
        ["input_tokens", "cache_read_tokens", "cache_write_1h_tokens", "output_tokens"]
    ),
    st.sampled_from([10**13, 2**63, 10**309, 10**4000]),
)
def test_counts_beyond_belief_leave_the_cost_unknown(bucket: str, count: int) -> None:
    usage = Usage(**{bucket: count})  # type: ignore[arg-type]
    assert TABLE.cost("acme", "m", usage) is None
    assert TABLE.priced(usage, "acme", "m").cost is None
    above = {"tokens": 1000, "input": 2.0, "output": 6.0}
    long = PriceTable({"acme": {"m": {**RATES, "above": above}}})
    assert long.cost("acme", "m", usage) is None


def test_the_catalog_prices_a_dated_name_and_a_batch() -> None:
    used = Usage(input_tokens=10**6, cache_read_tokens=10**6, output_tokens=10**6)
    table = PriceTable()
    assert table.cost("openai", "gpt-4o-2024-08-06", used) == pytest.approx(2.5 + 1.25 + 10)
    assert table.cost("openai", "gpt-4o", used, batch=True) == pytest.approx(13.75 / 2)


def test_a_long_input_pays_another_price_for_the_whole_request() -> None:
    above = {"tokens": 1000, "input": 2.0, "cache_read": 0.2, "output": 6.0}
    table = PriceTable({"acme": {"m": {**RATES, "above": above}}})
    short = Usage(input_tokens=900, cache_read_tokens=100, output_tokens=10)
    long = Usage(input_tokens=901, cache_read_tokens=100, output_tokens=10)
    assert table.cost("acme", "m", short) == pytest.approx((900 + 10 + 40) / 1e6)
    assert table.cost("acme", "m", long) == pytest.approx((1802 + 20 + 60) / 1e6)


def test_a_price_changes_on_its_day() -> None:
    moment = [datetime(2026, 12, 31, 23, 59, tzinfo=UTC).timestamp()]
    table = PriceTable(clock=lambda: moment[0])
    used = Usage(input_tokens=10**6)
    assert table.cost("google", "gemini-3.8-flash", used) == 0.75
    moment[0] += 120
    assert table.cost("google", "gemini-3.8-flash", used) == 1.5


def test_prices_of_ones_own_stand_over_the_catalog_s(tmp_path: Path) -> None:
    used = Usage(input_tokens=10**6)
    table = PriceTable({"openai": {"gpt-4o": Price(input=9.0, currency="EUR")}})
    assert table.cost("openai", "gpt-4o-2024-08-06", used) == 9.0
    assert table.priced(used, "openai", "gpt-4o").currency == "EUR"
    assert table.cost("openai", "gpt-4o-mini", used) == 0.15
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"acme": {"m": RATES}}), "utf-8")
    assert PriceTable.of(path).cost("acme", "m", used) == 1.0


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ({"p": {"m": {"inptu": 1}}}, r"prices.*m.*inptu"),
        ({"p": {"m": 3}}, "must be an object"),
        ({"p": 3}, r"prices\.p"),
        ([1], "prices must be an object"),
    ],
)
def test_a_mistake_in_a_table_is_told_at_once(prices: Any, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        PriceTable(prices)


def test_the_answered_model_counts_and_then_the_asked_one() -> None:
    table = PriceTable({"p": {"asked": {"input": 1.0}, "answered": {"input": 2.0}}})
    used = Usage(input_tokens=10**6)
    assert table.priced(used, "p", "answered", "asked").cost == 2.0
    assert table.priced(used, "p", "deployment-7", "asked").cost == 1.0
    assert table.priced(used, "p", "", "asked").cost == 1.0
    assert table.priced(used, "p", "deployment-7").cost is None


def test_a_cost_that_the_server_reports_stays() -> None:
    reported = Usage(input_tokens=10, cost=0.5, currency="EUR")
    assert TABLE.priced(reported, "acme", "m") is reported


@pytest.fixture
def priced(make_kit: Make) -> OpenAIDeveloperKit:
    """A kit with prices for the model that the server names."""
    return make_kit("m", prices=PriceTable({"openai": {"m": RATES}}))


USED = Usage(input_tokens=1000, cache_read_tokens=500, output_tokens=100)
COST = (1000 + 50 + 400) / 1e6


async def test_every_reply_and_the_end_of_every_stream_tell_their_cost(
    server: OpenAIServer, priced: OpenAIDeveloperKit
) -> None:
    server.default = Reply(text="The sea.", usage=USED)
    config = ChatConfig(user_message="hi")
    assert priced.chat(config).cost == pytest.approx(COST)
    assert (await priced.achat(config)).cost == pytest.approx(COST)
    *_, last = priced.stream(config)
    assert last.usage.cost == pytest.approx(COST)
    assert last.response is not None
    assert last.response.cost == last.usage.cost
    await priced.aclose()


def test_the_calls_of_a_conversation_are_priced_one_by_one(
    server: OpenAIServer, make_kit: Make
) -> None:
    def weather(city: str) -> str:
        """Tell the weather."""
        return f"sunny in {city}"

    # Together they pass the limit of long inputs; each alone does not.
    rates = {"input": 1.0, "output": 1.0, "above": {"tokens": 1500, "input": 9.0, "output": 9.0}}
    kit = make_kit("m", prices=PriceTable({"openai": {"m": rates}}))
    used = Usage(input_tokens=1000, output_tokens=100)
    server.add(
        Reply(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})], usage=used),
        Reply(text="Sunny.", usage=used),
    )
    config = ChatConfig(
        user_message="Rome?", tools=ToolRegistry([weather]), auto_execute_tools=True
    )
    assert kit.chat(config).cost == pytest.approx(2 * 1100 / 1e6)


def test_a_stream_that_breaks_tells_what_it_had_cost(anthropic_server: AnthropicServer) -> None:
    metrics = RecordingMetrics()
    kit = AnthropicDeveloperKit(
        "m",
        api_key=anthropic_server.key,
        base_url=anthropic_server.url,
        prices=PriceTable({"anthropic": {"m": RATES}}),
        metrics=metrics,
    )
    # Anthropic tells the input first, so a cut stream has usage, and it has been paid for.
    anthropic_server.add(Reply(text=["a", "b"], usage=USED, conduct=Conduct(cut_after=5)))
    with kit, pytest.raises(RactoGatewayAPIError) as caught:
        list(kit.stream(ChatConfig(user_message="hi")))
    partial = caught.value.partial
    assert partial.usage.state is UsageState.PARTIAL
    assert partial.usage.prompt_tokens == 1500
    assert partial.cost == TABLE.cost("acme", "m", partial.usage) >= 1050 / 1e6
    assert metrics.total("racto.client.cost") == partial.cost


def test_without_prices_every_cost_is_unknown(server: OpenAIServer, make_kit: Make) -> None:
    server.default = Reply(text="hi", usage=USED)
    kit = make_kit("gpt-5.4-mini", prices=None)
    assert kit.chat(ChatConfig(user_message="hi")).cost is None
    assert make_kit("gpt-5.4-mini").chat(ChatConfig(user_message="hi")).cost is not None
    assert make_kit("m").chat(ChatConfig(user_message="hi")).cost is None


def test_cost_reaches_the_span_and_the_metrics(server: OpenAIServer, make_kit: Make) -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    server.default = Reply(text="hi", usage=USED)
    kit = make_kit("m", prices=PriceTable({"openai": {"m": RATES}}), tracer=tracer, metrics=metrics)
    kit.chat(ChatConfig(user_message="hi"))
    assert tracer.spans[0].attributes["racto.usage.cost"] == pytest.approx(COST)
    assert tracer.spans[0].attributes["racto.usage.currency"] == "USD"
    assert metrics.total("racto.client.cost") == pytest.approx(COST)
