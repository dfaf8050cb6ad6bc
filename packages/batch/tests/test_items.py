"""Items: the reference's fields, those of a chat, and those of a file."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, ValidationError

from racto.batch import BatchItem
from racto.core import ChatConfig, Message, RactoFile, RactoPrompt, ToolRegistry


class Answer(BaseModel):
    value: int


def find_book(title: str) -> str:
    """Find a book.

    Args:
        title: Its title.
    """
    return title


PROMPT = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")


def test_what_is_not_said_is_not_sent() -> None:
    config = BatchItem(custom_id="a", user_message="hi").chat_config()
    assert config.model_fields_set == {"user_message"}
    assert (config.temperature, config.max_tokens) == (None, 4096)


def test_a_temperature_of_zero_counts() -> None:
    assert (
        BatchItem(custom_id="a", user_message="hi", temperature=0.0).chat_config().temperature == 0
    )


def test_a_jobs_prompt_fills_in_only_where_the_item_has_no_system_text() -> None:
    plain = BatchItem(custom_id="a", user_message="hi")
    own = BatchItem(custom_id="a", user_message="hi", system="Be brief.")
    assert plain.chat_config(PROMPT).prompt == PROMPT
    assert (own.chat_config(PROMPT).prompt, own.chat_config(PROMPT).system) == (None, "Be brief.")


def test_every_field_but_the_items_own_is_one_of_a_chat() -> None:
    own = {"custom_id", "texts", "dimensions", "input_type"}
    assert BatchItem.model_fields.keys() - ChatConfig.model_fields.keys() == own


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"custom_id": "", "user_message": "hi"}, "custom_id"),
        ({"custom_id": "a"}, "user_message needs"),
        ({"custom_id": "a", "texts": ["x"], "temperature": 1.0}, "go without temperature"),
        ({"custom_id": "a", "user_message": "hi", "temprature": 1.0}, "temprature"),
    ],
    ids=["no id", "no words", "words to embed with a temperature", "misspelled"],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        BatchItem(**fields)  # type: ignore[arg-type]


def test_a_whole_item_comes_back_from_json() -> None:
    item = BatchItem(
        custom_id="a",
        user_message="What is this?",
        history=(Message.user("Hello"), Message.assistant("Hi")),
        attachments=(RactoFile(b"\x00\xff", "image/png", "a.png"),),
        prompt=PROMPT,
        tools=ToolRegistry([find_book]),
        response_model=Answer,
        metadata={"team": "search"},
    )
    back = BatchItem.model_validate_json(item.model_dump_json())
    assert back.attachments == item.attachments
    assert back.history == item.history
    assert back.tools is not None
    assert [tool.name for tool in back.tools] == ["find_book"]
    assert back.response_model == {
        "properties": {"value": {"type": "integer"}},
        "required": ["value"],
        "type": "object",
    }
    model = back.chat_config().response_model
    assert model is not None
    assert model.model_validate({"value": 1}).model_dump() == {"value": 1}


def test_an_item_with_texts_is_embedded() -> None:
    item = BatchItem(custom_id="a", texts=("one", "two"), dimensions=8, model="m")
    config = item.embedding_config()
    assert item.is_embedding
    assert (config.texts, config.dimensions, config.model) == (["one", "two"], 8, "m")


@given(st.text(min_size=1).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_any_words_survive_json(words: str) -> None:
    item = BatchItem(custom_id="a", user_message=words)
    assert BatchItem.model_validate_json(item.model_dump_json()).user_message == words
