"""Google's own client asks for words, in every way that it can."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from racto.core import FinishReason, Usage
from racto.testing import Failure, GeminiServer, Reply, ToolCall


def test_a_question_is_answered(gemini_server: GeminiServer, client: genai.Client) -> None:
    gemini_server.say(["Hel", "lo"])
    said = client.models.generate_content(model="gemini-x", contents="hi")
    assert said.text == "Hello"
    assert said.model_version == "gemini-x"
    assert said.response_id
    assert gemini_server.last.json["contents"] == [{"parts": [{"text": "hi"}], "role": "user"}]


async def test_async_clients_get_the_same(gemini_server: GeminiServer, aio: Any) -> None:
    gemini_server.add(*(Reply(text=f"it is {number}") for number in range(8)))
    asked = (aio.models.generate_content(model="m", contents="hi") for _ in range(8))
    said = await asyncio.gather(*asked)
    assert {each.text for each in said} == {f"it is {number}" for number in range(8)}


def test_a_stream_comes_in_pieces(gemini_server: GeminiServer, client: genai.Client) -> None:
    gemini_server.say(["Hel", "lo"])
    chunks = list(client.models.generate_content_stream(model="m", contents="hi"))
    assert [chunk.text for chunk in chunks] == ["Hel", "lo", ""]
    assert gemini_server.last.query == {"alt": "sse"}


async def test_an_async_stream_does_too(gemini_server: GeminiServer, aio: Any) -> None:
    gemini_server.say(["Hel", "lo"])
    stream = await aio.models.generate_content_stream(model="m", contents="hi")
    assert [chunk.text async for chunk in stream] == ["Hel", "lo", ""]


def test_without_sse_a_stream_is_one_array(
    gemini_server: GeminiServer, post: Any, ask: dict[str, Any]
) -> None:
    gemini_server.say(["a", "b"])
    answer = post("models/m:streamGenerateContent", ask)
    assert answer.headers["content-type"].startswith("application/json")
    texts = [chunk["candidates"][0]["content"]["parts"][0]["text"] for chunk in answer.json()]
    assert texts == ["a", "b", ""]


def test_an_array_may_be_of_the_tests_own_making(
    gemini_server: GeminiServer, post: Any, ask: dict[str, Any]
) -> None:
    gemini_server.say(events=[])
    assert post("models/m:streamGenerateContent", ask).json() == []
    gemini_server.say(events=[{"a": 1}, '{"b": 2}'])
    assert post("models/m:streamGenerateContent", ask).json() == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("streams", [False, True])
def test_a_blocked_prompt_has_no_candidates(
    gemini_server: GeminiServer, client: genai.Client, streams: bool
) -> None:
    gemini_server.fail("content_filtered")
    if streams:
        (said,) = client.models.generate_content_stream(model="m", contents="hi")
    else:
        said = client.models.generate_content(model="m", contents="hi")
    assert said.candidates is None
    assert said.prompt_feedback is not None
    assert said.prompt_feedback.block_reason is types.BlockedReason.PROHIBITED_CONTENT
    assert said.usage_metadata is not None
    assert said.usage_metadata.prompt_token_count == 10


def test_a_blocked_prompt_may_be_an_error(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.fail("content_filtered", status=400)
    gemini_server.fail("content_filtered", status=400)
    with pytest.raises(errors.ClientError, match="blocked"):
        client.models.generate_content(model="m", contents="hi")
    with pytest.raises(errors.ClientError, match="blocked"):
        list(client.models.generate_content_stream(model="m", contents="hi"))


def test_a_stream_may_fail_in_its_middle(gemini_server: GeminiServer, client: genai.Client) -> None:
    gemini_server.say(["a", "b"], failure_after=Failure(kind="overloaded"))
    stream = client.models.generate_content_stream(model="m", contents="hi")
    assert [next(stream).text, next(stream).text] == ["a", "b"]
    with pytest.raises(errors.ServerError) as caught:
        next(stream)
    assert caught.value.code == 503
    assert caught.value.status == "UNAVAILABLE"


def test_a_cut_stream_is_no_whole_one(gemini_server: GeminiServer, client: genai.Client) -> None:
    from racto.testing import Conduct

    gemini_server.say(["a", "b"], conduct=Conduct(cut_after=1))
    with pytest.raises(Exception, match=r"incomplete|closed"):
        list(client.models.generate_content_stream(model="m", contents="hi"))


def test_functions_are_called_and_answered(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.say(tool_calls=[ToolCall(name="look", arguments={"city": "Bonn"})])
    gemini_server.say("It rains.")

    def look(city: str) -> str:
        """Looks at the weather."""
        return f"rain in {city}"

    config = types.GenerateContentConfig(tools=[look])
    said = client.chats.create(model="m", config=config).send_message("Weather in Bonn?")
    assert said.text == "It rains."
    (answer,) = gemini_server.last.json["contents"][-1]["parts"]
    assert answer["functionResponse"]["name"] == "look"
    assert answer["functionResponse"]["response"] == {"result": "rain in Bonn"}


def test_a_schema_of_the_client_is_taken_and_its_reply_parsed(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    from pydantic import BaseModel

    class Weather(BaseModel):
        city: str
        rain: bool | None = None

    gemini_server.say('{"city": "Bonn"}')
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=Weather
    )
    said = client.models.generate_content(model="m", contents="hi", config=config)
    assert said.parsed == Weather(city="Bonn")


def test_a_pause_is_continued_by_the_client(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.add(Reply(text="Hel", finish=FinishReason.PAUSE), Reply(text="lo"))
    assert client.models.generate_content(model="m", contents="hi").text == "Hello"
    assert gemini_server.last.json["continuationToken"]
    gemini_server.add(Reply(text=["He", "l"], finish=FinishReason.PAUSE), Reply(text="lo"))
    stream = client.models.generate_content_stream(model="m", contents="hi")
    assert "".join(chunk.text or "" for chunk in stream) == "Hello"


def test_a_continuation_is_one_that_was_given(refuse: Any) -> None:
    assert refuse(continuationToken="eHg=") == "The continuation token is not valid."


def test_tokens_are_counted_without_the_script(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.say("kept for later")
    counted = client.models.count_tokens(model="m", contents="a word or two")
    assert counted.total_tokens == 4
    picture = types.Part.from_bytes(data=b"x", mime_type="image/png")
    assert client.models.count_tokens(model="m", contents=[picture]).total_tokens == 258
    assert client.models.generate_content(model="m", contents="hi").text == "kept for later"


def test_counting_refuses_what_has_no_contents(post: Any) -> None:
    answer = post("models/m:countTokens", {})
    assert answer.json()["error"]["message"] == (
        "* CountTokensRequest.contents: contents is not specified\n"
    )
    both = {"contents": [{"parts": [{"text": "x"}]}], "generateContentRequest": {}}
    assert post("models/m:countTokens", both).status_code == 400


def test_a_whole_request_can_be_counted(post: Any, ask: dict[str, Any]) -> None:
    tools = [{"functionDeclarations": [{"name": "look", "description": "Looks far away."}]}]
    inner = {**ask, "tools": tools, "systemInstruction": {"parts": [{"text": "Be very brief."}]}}
    alone = post("models/m:countTokens", ask).json()["totalTokens"]
    assert (
        post("models/m:countTokens", {"generateContentRequest": inner}).json()["totalTokens"]
        > alone + 4
    )


def test_a_reply_may_be_of_the_tests_own_making(
    gemini_server: GeminiServer, client: genai.Client, post: Any, ask: dict[str, Any]
) -> None:
    gemini_server.say(body=b"not json", headers={"x-mine": "1"})
    answer = post("models/m:generateContent", ask)
    assert (answer.content, answer.headers["x-mine"]) == (b"not json", "1")
    gemini_server.say(events=[{"candidates": []}, "broken"])
    with pytest.raises(errors.UnknownApiResponseError):
        list(client.models.generate_content_stream(model="m", contents="hi"))


def test_a_tuned_model_speaks_too(client: genai.Client) -> None:
    assert client.models.generate_content(model="tunedModels/x", contents="hi").text == "ok"


def test_usage_is_told_as_google_counts(gemini_server: GeminiServer, client: genai.Client) -> None:
    used = Usage(input_tokens=7, cache_read_tokens=3, output_tokens=9, reasoning_tokens=4)
    gemini_server.say("x", usage=used)
    told = client.models.generate_content(model="m", contents="hi").usage_metadata
    assert told is not None
    assert (told.prompt_token_count, told.cached_content_token_count) == (10, 3)
    assert (told.candidates_token_count, told.thoughts_token_count) == (5, 4)
    assert told.total_token_count == 19
    gemini_server.say("x", usage=None)
    assert client.models.generate_content(model="m", contents="hi").usage_metadata is None
