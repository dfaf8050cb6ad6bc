"""The list classifier with the kits of racto-providers, found by their names, on real wires."""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from racto.cache import ExactMatchCache
from racto.core.logprobs import TokenLogprob
from racto.core.testing import ScriptedKit
from racto.kafka import (
    KafkaAuditEvent,
    KafkaAuditLogger,
    KafkaConsumerClient,
    KafkaConsumerConfig,
    KafkaProducerClient,
    KafkaProducerConfig,
)
from racto.pipelines.list_classifier import ListClassifierPipeline
from racto.providers.local import LocalEmbedder
from racto.testing import AnthropicServer, GeminiServer, OllamaServer, OpenAIServer, Reply
from racto.testing.kafka import KafkaBroker

OPTIONS = ["Billing", "Technical Support", 'a|b "quoted"', "mro", "Größe"]
SERVERS: dict[str, tuple[type[Any], str]] = {
    "openai": (OpenAIServer, "gpt-4o-mini"),
    "anthropic": (AnthropicServer, "claude-haiku-4-5"),
    "google": (GeminiServer, "gemini-3-flash-preview"),
    "ollama": (OllamaServer, "llama3.2"),
}
PIECES = ['{"selected":"', "Bill", "ing", '","confidence":0.3}']
TOKENS = [TokenLogprob(token=piece, logprob=math.log(0.9)) for piece in PIECES]


@pytest.fixture(params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(name: str) -> Iterator[Any]:
    with SERVERS[name][0]() as server:
        yield server


def pipeline(name: str, server: Any, **settings: Any) -> ListClassifierPipeline:
    access: dict[str, Any] = {"base_url": server.url}
    if name != "ollama":
        access["api_key"] = server.key
    settings.setdefault("options", OPTIONS)
    return ListClassifierPipeline.from_provider(name, SERVERS[name][1], **access, **settings)


def enums(data: Any) -> list[list[str]]:
    """All enums in a request's body, wherever its provider has them."""
    if isinstance(data, dict):
        here = [data["enum"]] if isinstance(data.get("enum"), list) else []
        return here + [found for value in data.values() for found in enums(value)]
    return [found for value in data for found in enums(value)] if isinstance(data, list) else []


def test_options_are_an_enum_of_the_wire(name: str, server: Any) -> None:
    server.add(Reply(text='{"selected": "mro", "confidence": 0.5}'))
    result = pipeline(name, server).run("hello")
    assert (result.selected, result.confidences) == (["mro"], [0.5])
    assert result.usage.total_tokens == 15
    assert OPTIONS in enums(json.loads(server.last.body))


def test_several_with_scores_and_a_reason(name: str, server: Any) -> None:
    scores = [{"option": "Billing", "score": 0.9}, {"option": "mro", "score": 0.1}]
    told = {
        "reasoning": "money", "selected": ["Billing"], "confidences": [0.9], "all_scores": scores,
    }  # fmt: skip
    server.add(Reply(text=json.dumps(told)))
    one = pipeline(name, server, selection_mode="multiple", score_all=True, include_reasoning=True)
    result = asyncio.run(one.arun("hello"))
    assert (result.selected, result.reasoning) == (["Billing"], "money")
    assert result.all_scores == {"Billing": 0.9, "mro": 0.1}


def test_confidences_come_from_where_the_provider_has_them(name: str, server: Any) -> None:
    server.add(Reply(text=PIECES, logprobs=TOKENS))
    result = pipeline(name, server).run("hello")
    if name == "anthropic":
        assert (result.confidences, result.confidence_source) == ([0.3], "model")
    else:
        assert result.confidence_source == "logprobs"
        # The first piece ends with the quotation mark and is no part of the label.
        assert result.confidences == [pytest.approx(0.9**3)]


@pytest.mark.parametrize("reply", ['{"selected": "Biling"}', "Billing"])
def test_slips_and_bare_labels_cost_no_call(name: str, server: Any, reply: str) -> None:
    server.add(Reply(text=reply))
    result = pipeline(name, server, max_retries=0).run("hello")
    assert result.selected == ["Billing"]
    assert len(server.requests) == 1


def test_a_wrong_reply_is_asked_for_again(name: str, server: Any) -> None:
    server.add(Reply(text='{"selected": "Refunds"}'), Reply(text='{"selected": "Billing"}'))
    result = pipeline(name, server).run("hello")
    assert (result.selected, result.usage.retry_count) == (["Billing"], 1)
    assert result.usage.total_tokens == 30
    assert "none of the options" in server.last.body.decode()


def test_the_cache_of_racto_cache(openai_server: OpenAIServer) -> None:
    openai_server.add(*[Reply(text='{"selected": "Billing"}')] * 2)
    one = pipeline("openai", openai_server, exact_cache=ExactMatchCache())
    assert one.run("hello").cache_hit is None
    assert one.run("hello").cache_hit == "exact"
    # Made anew, the schema is another class with the same key.
    assert one.run("hello", options=["Billing", "Sales"]).cache_hit is None
    assert asyncio.run(one.arun("hello", options=["Billing", "Sales"])).cache_hit == "exact"


def test_records_reach_kafka(openai_server: OpenAIServer) -> None:
    openai_server.add(*[Reply(text='{"selected": "Billing"}')] * 2)
    with KafkaBroker() as broker:
        servers = broker.bootstrap_servers
        producer = KafkaProducerClient(
            config=KafkaProducerConfig(bootstrap_servers=servers, linger_ms=0)
        )
        with producer, KafkaAuditLogger(producer, topic="audit") as audit:
            one = pipeline("openai", openai_server, audit_logger=audit, user_id="anna")
            one.run("my secret")
            asyncio.run(one.arun("my secret"))
        events = read_all(broker, "audit", 2)
    assert [(event.user_id, event.response) for event in events] == [("anna", "Billing")] * 2
    assert events[0].metadata["options_provided"] == OPTIONS
    assert "secret" not in str(events)


def test_thousands_of_options_with_words_for_vectors(openai_server: OpenAIServer) -> None:
    things = ["invoice", "password", "delivery", "refund", "account", "battery"]
    options = [f"{thing} question {number}" for number in range(500) for thing in things]
    openai_server.add(Reply(text='{"selected": "password question 7"}'))
    one = pipeline("openai", openai_server, options=options, embedder=LocalEmbedder())
    result = one.run("I forgot my password, question 7")
    assert result.selected == ["password question 7"]
    assert len(result.options_provided) == 20
    assert result.options_provided in enums(json.loads(openai_server.last.body))


def read_all(broker: KafkaBroker, topic: str, count: int) -> list[KafkaAuditEvent]:
    config = KafkaConsumerConfig(
        bootstrap_servers=broker.bootstrap_servers,
        topics=topic,
        group_id=f"reader-{topic}",
        auto_offset_reset="earliest",
    )
    found: list[KafkaAuditEvent] = []
    end = time.monotonic() + 20
    with KafkaConsumerClient(config=config) as consumer:
        while len(found) < count and time.monotonic() < end:
            polled = consumer.poll(timeout_ms=100)
            found.extend(KafkaAuditEvent.model_validate(message.value) for message in polled)
    assert len(found) == count
    return found


@pytest.mark.skipif(not os.environ.get("RACTO_DATA"), reason="RACTO_DATA names no data sets")
def test_banking77_by_a_shortlist_of_word_vectors() -> None:
    """3,080 texts, 77 intents, and a kit that finds the right one among those it is shown."""
    folder = Path(os.environ["RACTO_DATA"]) / "banking77"
    test, train = (_labelled(folder / f"{part}.jsonl") for part in ("test", "train"))
    examples: dict[str, list[str]] = {}
    for text, label in train:
        examples.setdefault(label, []).append(text)
    truth = dict(test)

    def knowing(config: Any) -> str:
        shown = config.response_model.model_json_schema()["properties"]["selected"]["enum"]
        wanted = truth[config.user_message]
        return json.dumps({"selected": wanted if wanted in shown else shown[0]})

    settings: dict[str, Any] = {"options": sorted(examples), "embedder": LocalEmbedder()}
    by_name = ListClassifierPipeline(ScriptedKit(knowing), **settings)
    assert by_name.evaluate(test).accuracy > 0.94
    few = {label: texts[:10] for label, texts in examples.items()}
    by_example = ListClassifierPipeline(ScriptedKit(knowing), option_examples=few, **settings)
    report = by_example.evaluate(test)
    assert len(report.labels) == 77
    assert report.accuracy == report.offered > 0.98


def _labelled(file: Path) -> list[tuple[str, str]]:
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [(line["text"], line["label"]) for line in lines]
