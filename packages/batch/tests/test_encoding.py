"""Items become lines; all that cannot are named at once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from racto.batch import BatchItem
from racto.batch.encoding import Item, ItemEncoder
from racto.batch.reply_models import schema_text
from racto.batch.terms import Terms
from racto.core import ChatConfig, ConfigurationError, RactoPrompt
from racto.core.requests import EncodedRequest

from .harness.codecs import ChatCodec
from .harness.depot import Depot, DepotHost


class Answer(BaseModel):
    value: int


@pytest.fixture
def encoder() -> ItemEncoder:
    return ItemEncoder(ChatCodec(), DepotHost(Depot()))


def words(custom_id: str, **more: Any) -> BatchItem:
    return BatchItem(custom_id=custom_id, user_message="hi", **more)


def test_items_fields_and_json_are_taken_alike(encoder: ItemEncoder) -> None:
    given: list[Item] = [words("a"), {"custom_id": "b", "user_message": "hi"}]
    given.append(b'{"custom_id": "c", "user_message": "hi"}')
    found = list(encoder.encoded(given))
    assert [each.custom_id for each in found] == ["a", "b", "c"]
    assert len({json.dumps(json.loads(each.line)["body"]) for each in found}) == 1


def test_all_faulty_items_are_named_with_the_reason(encoder: ItemEncoder) -> None:
    given = [
        words("a"),
        words("a"),
        words("b b"),
        words("b" * 13),
        words("c", temperature=7.0),
        words("d", on_unsupported="raise", max_tokens=0),
        {"custom_id": "e"},
        b'{"custom_id": "f", "user_message": 7}',
        b"no json",
        "a text",
        BatchItem(custom_id="g", user_message="x" * 1000),
        BatchItem(custom_id="h", texts=("x",) * 5),
    ]
    with pytest.raises(ConfigurationError) as caught:
        list(encoder.encoded(given))  # type: ignore[arg-type]
    text = str(caught.value)
    assert text.startswith("11 of 12 items cannot be sent; nothing was uploaded:")
    for expected in (
        "items[1] ('a'): custom_id is taken",
        "items[2] ('b b'): custom_id must have at most 12 characters",
        "items[3]",
        "items[4] ('c'): temperature",
        "items[5] ('d'): max_tokens",
        "items[6] ('e'): item: Value error, user_message needs",
        "items[7] ('f'): user_message: Input should be a valid string",
        "items[8] (None)",
        "items[9] (None): an item is a BatchItem or its fields, not a str",
        "items[10] ('g'): its request has",
        "items[11] ('h'): it has 5 texts",
    ):
        assert expected in text


def test_many_faults_are_counted_and_twenty_shown(encoder: ItemEncoder) -> None:
    with pytest.raises(ConfigurationError, match="and 10 more") as caught:
        list(encoder.encoded(words("b b") for _ in range(30)))
    assert str(caught.value).count("items[") == 20


def test_no_items_are_refused(encoder: ItemEncoder) -> None:
    with pytest.raises(ConfigurationError, match="no items"):
        list(encoder.encoded([]))


def test_nothing_is_made_once_a_fault_is_found(encoder: ItemEncoder) -> None:
    made = encoder.encoded([words("a"), words("a"), words("c")])
    assert next(made).custom_id == "a"
    with pytest.raises(ConfigurationError):
        next(made)


def test_models_of_replies_and_of_prompts_are_remembered(encoder: ItemEncoder) -> None:
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format=Answer)
    given = [words("a", response_model=Answer), words("b", prompt=prompt), words("c")]
    found = [each.terms.schema for each in encoder.encoded(given)]
    assert found == [schema_text(Answer), schema_text(Answer), None]
    assert encoder.models == {schema_text(Answer): Answer}


def test_texts_become_a_request_for_vectors(encoder: ItemEncoder) -> None:
    (made,) = encoder.encoded([BatchItem(custom_id="a", texts=("x", "y"), model="e")])
    assert (made.terms.kind, made.weight, made.texts) == ("embedding", 2, ("x", "y"))
    assert made.lane != next(encoder.encoded([words("b")])).lane


def test_a_jobs_prompt_is_the_system_text_of_items_without_one() -> None:
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")
    encoder = ItemEncoder(ChatCodec(), DepotHost(Depot()), prompt=prompt)
    plain, own = encoder.encoded([words("a"), words("b", system="Be brief.")])
    assert plain.request.body["messages"][0]["content"] == prompt.compile()
    assert own.request.body["messages"][0]["content"] == "Be brief."


class TestTemplates:
    """A request that is shaped once, for items that differ in their words only."""

    class Codec(ChatCodec):
        """Counts how often a request is shaped from the ground."""

        shaped = 0

        def encode(self, config: ChatConfig) -> EncodedRequest:
            self.shaped += 1
            return super().encode(config)

        def template(self, config: ChatConfig) -> Any:
            if config.user_message == "no template":
                return None
            made = self.encode(config)

            def filled(words: str) -> EncodedRequest:
                messages = [*made.body["messages"][:-1], {"role": "user", "content": words}]
                return replace(made, body={**made.body, "messages": messages})

            return filled

    def lines(self, codec: ChatCodec, given: list[BatchItem]) -> list[tuple[bytes, Terms]]:
        encoder = ItemEncoder(codec, DepotHost(Depot()))
        return [(each.line, each.terms) for each in encoder.encoded(given)]

    def test_they_give_the_same_lines_with_less_work(self) -> None:
        given = [
            BatchItem(custom_id=f"i{n}", user_message=f"q{n}", temperature=n % 2, max_tokens=9)
            for n in range(20)
        ]
        given += [BatchItem(custom_id="m", user_message="x", response_model=Answer)]
        given += [BatchItem(custom_id="s", user_message="x", response_model={"type": "object"})]
        given += [BatchItem(custom_id="d", user_message="x", metadata={"a": "b"})]
        codec = self.Codec()
        assert self.lines(codec, given) == self.lines(ChatCodec(), given)
        assert codec.shaped < 12

    def test_a_codec_may_have_none_for_a_request(self) -> None:
        given = [BatchItem(custom_id=f"i{n}", user_message="no template") for n in range(3)]
        assert self.lines(self.Codec(), given) == self.lines(ChatCodec(), given)

    def test_a_faulty_field_is_named_for_each_item(self) -> None:
        encoder = ItemEncoder(self.Codec(), DepotHost(Depot()))
        given = [BatchItem(custom_id=f"i{n}", user_message="x", temperature=9.0) for n in range(3)]
        with pytest.raises(ConfigurationError, match="3 of 3 items"):
            list(encoder.encoded(given))
