"""The kit through a server: what is asked arrives, and what is answered comes back whole."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.oauth2.credentials import Credentials
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    ConfigurationError,
    EmbeddingConfig,
    FinishReason,
    Message,
    MessageRole,
    RactoFile,
    ResponseModelValidationError,
    ToolRegistry,
    UnsupportedFeatureError,
    Usage,
)
from racto.core.content import TextPart, ToolCallPart, UploadedFilePart
from racto.core.logprobs import TokenLogprob
from racto.core.protocols import ChatKit, EmbeddingKit
from racto.providers.catalog import default_model
from racto.providers.google import Chat, GoogleDeveloperKit
from racto.providers.pricing import PriceTable
from racto.testing import GeminiServer, Reply, ToolCall

Make = Callable[..., GoogleDeveloperKit]


class City(BaseModel):
    name: str
    people: int


class Chain(BaseModel):
    after: Chain


def weather(city: str) -> str:
    """Tell the weather of a city."""
    if city == "Atlantis":
        raise LookupError("no such city")
    return f"sunny in {city}"


async def aweather(city: str) -> str:
    """Tell the weather of a city."""
    return weather(city)


def asked(**config: Any) -> ChatConfig:
    return ChatConfig(**({"user_message": "hi"} | config))


def test_chat_is_the_kits_short_name() -> None:
    kit = Chat("m", api_key="k")
    assert isinstance(kit, ChatKit)
    assert isinstance(kit, EmbeddingKit)
    assert (kit.model, kit.provider) == ("m", "google")
    assert Chat().model == default_model("google", "chat")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"model": "auto"}, "router"),
        ({"project": "p"}, "vertexai=True"),
        ({"api": "live"}, "interactions"),
    ],
)
def test_what_cannot_work_is_refused_at_once(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Chat(**options)


def test_a_name_that_is_none_is_refused_before_a_call(server: GeminiServer, make_kit: Make) -> None:
    with pytest.raises(ConfigurationError, match="no name of a model"):
        make_kit("../x").chat(asked())
    assert server.requests == []


def test_an_unknown_model_works(server: GeminiServer, make_kit: Make) -> None:
    response = make_kit("gemini-99-unknown").chat(asked())
    assert (response.content, response.model, response.cost) == ("ok", "gemini-99-unknown", None)
    assert server.last.path == "/v1beta/models/gemini-99-unknown:generateContent"


def test_replies_are_priced_and_prices_can_be_given(server: GeminiServer, make_kit: Make) -> None:
    usage = Usage(input_tokens=1000, cache_read_tokens=1000, output_tokens=1000)
    server.default = Reply(text="ok", usage=usage)
    assert (make_kit().chat(asked()).cost or 0) > 0
    rates = {"input": 1.0, "cache_read": 0.0, "output": 2.0}
    own = PriceTable({"google": {"gemini-3.8-flash": rates}})
    assert make_kit(prices=own).chat(asked()).cost == pytest.approx(0.003)
    assert make_kit(prices=None).chat(asked()).cost is None


def test_key_and_headers_travel(server: GeminiServer, make_kit: Make) -> None:
    make_kit(headers={"x-team": "a"}).chat(asked())
    assert server.last.headers["x-goog-api-key"] == server.key
    assert server.last.headers["x-team"] == "a"


def test_vertex_ai_is_called_with_a_token(server: GeminiServer, make_kit: Make) -> None:
    credentials: Any = Credentials(token=server.key)  # type: ignore[no-untyped-call]
    kit = make_kit(api_key=None, vertexai=True, project="p", location="eu", credentials=credentials)
    assert kit.chat(asked()).content == "ok"
    assert server.last.headers["authorization"] == f"Bearer {server.key}"
    assert "x-goog-api-key" not in server.last.headers
    assert server.last.path.endswith(
        "/projects/p/locations/eu/publishers/google/models/gemini-3.8-flash:generateContent"
    )
    anonymous: Any = AnonymousCredentials()  # type: ignore[no-untyped-call]
    assert "Anonymous" not in repr(
        make_kit(api_key=None, vertexai=True, project="p", credentials=anonymous)
    )


def test_every_sampling_field_arrives(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    kit.chat(
        asked(
            temperature=0.25, top_p=0.5, top_k=7, seed=11, stop=("END",), presence_penalty=0.5,
            frequency_penalty=-0.5, max_tokens=99, system="Be brief.",
        )
    )  # fmt: skip
    assert server.last.json["generationConfig"] == {
        "temperature": 0.25, "topP": 0.5, "topK": 7, "seed": 11, "stopSequences": ["END"],
        "presencePenalty": 0.5, "frequencyPenalty": -0.5, "maxOutputTokens": 99,
    }  # fmt: skip
    assert server.last.json["systemInstruction"]["parts"] == [{"text": "Be brief."}]


def test_log_probabilities_come_back(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    other = TokenLogprob(token="yes", logprob=-1.5)
    server.say("ok", logprobs=[TokenLogprob(token="ok", logprob=-0.25, alternatives=(other,))])
    told = kit.chat(asked(logprobs=1)).logprobs
    assert told == (TokenLogprob(token="ok", logprob=-0.25, alternatives=(other,)),)
    assert kit.chat(asked()).logprobs is None


@pytest.mark.parametrize("tool", [weather, aweather])
async def test_the_tool_loop_keeps_ids_and_signatures(
    server: GeminiServer, kit: GoogleDeveloperKit, tool: Any
) -> None:
    calls = [
        ToolCall(name=tool.__name__, arguments={"city": city}) for city in ("Kiel", "Atlantis")
    ]
    config = asked(tools=ToolRegistry([tool]), auto_execute_tools=True)
    for ask in (kit.chat, kit.achat):
        server.say(tool_calls=calls, signature="proof")
        server.say("Sunny.")
        made: Any = ask(config)
        response = made if ask == kit.chat else await made
        assert (response.content, response.attempts) == ("Sunny.", 2)
        user, model, answers = server.last.json["contents"]
        assert user["parts"] == [{"text": "hi"}]
        given = [part["functionCall"]["id"] for part in model["parts"]]
        back = [part["functionResponse"] for part in answers["parts"]]
        assert [each["id"] for each in back] == given
        assert back[0]["response"] == {"output": "sunny in Kiel"}
        assert "no such city" in back[1]["response"]["error"]
        assert [part.get("thoughtSignature") for part in model["parts"]] == ["cHJvb2Y=", None]
    await kit.aclose()


def test_a_forced_tool_is_forced_once(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    server.say(tool_calls=[ToolCall(name="weather", arguments={"city": "Kiel"})])
    kit.chat(asked(tools=ToolRegistry([weather]), auto_execute_tools=True, tool_choice="weather"))
    first, second = (request.json for request in server.requests)
    assert first["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"] == ["weather"]
    assert "toolConfig" not in second


def test_a_call_that_the_api_could_not_read_is_no_success(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    server.say(tool_calls=[ToolCall(name="weather", arguments='{"city": ')])
    response = kit.chat(asked(tools=ToolRegistry([weather])))
    assert response.finish_reason is FinishReason.ERROR
    assert response.raw_finish_reason == "MALFORMED_FUNCTION_CALL"
    assert "weather" in response.raw["candidates"][0]["finishMessage"]


def test_structured_replies_are_repaired_in_the_same_conversation(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    server.say('{"name": "Kiel"}')
    server.say('{"name": "Kiel", "people": 250000}')
    response = kit.chat(asked(response_model=City))
    assert response.parsed == {"name": "Kiel", "people": 250000}
    contents = server.last.json["contents"]
    assert [turn["role"] for turn in contents] == ["user", "model", "user"]
    assert contents[1]["parts"] == [{"text": '{"name": "Kiel"}'}]
    assert "people" in contents[2]["parts"][0]["text"]
    settings = server.last.json["generationConfig"]
    assert settings["responseMimeType"] == "application/json"
    assert settings["responseJsonSchema"]["required"] == ["name", "people"]


def test_structured_replies_stand_beside_tools(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    server.say(tool_calls=[ToolCall(name="weather", arguments={"city": "Kiel"})])
    server.say('{"name": "Kiel", "people": 1}')
    config = asked(tools=ToolRegistry([weather]), auto_execute_tools=True, response_model=City)
    assert kit.chat(config).parsed == {"name": "Kiel", "people": 1}


def test_a_reply_that_stays_wrong_is_an_error(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    server.default = Reply(text="no json")
    with pytest.raises(ResponseModelValidationError):
        kit.chat(asked(response_model=City, max_validation_retries=1))
    assert len(server.requests) == 2


def test_a_schema_that_cannot_be_expressed_is_refused_early(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    with pytest.raises(UnsupportedFeatureError, match=r"\$defs\.Chain"):
        kit.chat(asked(response_model=Chain))
    assert server.requests == []


def test_thinking_goes_back_with_its_signature(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    server.say("ok", thinking="I ponder.", signature="proof")
    first = kit.chat(asked(native_thinking=True, reasoning_effort="low"))
    assert first.thinking == "I ponder."
    assert server.last.json["generationConfig"]["thinkingConfig"] == {
        "includeThoughts": True,
        "thinkingLevel": "LOW",
    }
    kit.chat(asked(history=(Message.user("hi"), first.message), user_message="go on"))
    # The thinking itself had no proof, and would be an ordinary text to the model.
    assert server.last.json["contents"][1]["parts"] == [
        {"text": "ok", "thoughtSignature": "cHJvb2Y="}
    ]


@pytest.mark.parametrize("mime_type", ["image/png", "application/pdf", "audio/wav", "video/mp4"])
def test_files_arrive_as_they_are(
    server: GeminiServer, kit: GoogleDeveloperKit, mime_type: str
) -> None:
    kit.chat(asked(attachments=(RactoFile.from_bytes(b"bytes", mime_type, "it"),)))
    blob, words = server.last.json["contents"][0]["parts"]
    data = base64.b64encode(b"bytes").decode()
    assert blob == {"inlineData": {"mimeType": mime_type, "data": data}}
    assert words == {"text": "hi"}


def test_a_file_that_lies_elsewhere_is_refused_or_dropped(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    parts = (TextPart(text="look"), UploadedFilePart(file_id="f", provider="openai"))
    turn = Message(role=MessageRole.USER, content=parts)
    with pytest.raises(UnsupportedFeatureError, match="lies with openai"):
        kit.chat(asked(history=(turn,), user_message=""))
    response = kit.chat(asked(history=(turn,), user_message="", on_unsupported="drop"))
    assert response.dropped == ("uploaded_file",)


def test_sources_come_back(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    web = {"web": {"uri": "https://x.test", "title": "X"}}
    server.say("ok", citations=[web, {"uri": "https://y.test", "startIndex": 0}])
    (part,) = kit.chat(asked(extra={"tools": [{"googleSearch": {}}]})).parts
    assert isinstance(part, TextPart)
    assert part.citations == (
        {"uri": "https://y.test", "startIndex": 0},
        {"groundingMetadata": {"groundingChunks": [web]}},
    )


def test_extra_has_the_last_word(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    extra = {
        "generationConfig": {"temperature": 0.9, "candidateCount": 2},
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        "tools": [{"codeExecution": {}}],
    }
    response = kit.chat(asked(temperature=0.1, tools=ToolRegistry([weather]), extra=extra))
    assert len(response.raw["candidates"]) == 2
    assert server.last.json["generationConfig"]["temperature"] == 0.9
    assert [list(tool) for tool in server.last.json["tools"]] == [
        ["functionDeclarations"],
        ["codeExecution"],
    ]


@pytest.mark.parametrize(
    ("finish", "meant"),
    [
        ("MAX_TOKENS", FinishReason.LENGTH),
        ("SAFETY", FinishReason.CONTENT_FILTER),
        ("PROHIBITED_CONTENT", FinishReason.CONTENT_FILTER),
        ("UNHEARD_OF", FinishReason.UNKNOWN),
    ],
)
def test_a_reply_tells_why_it_ended(
    server: GeminiServer, kit: GoogleDeveloperKit, finish: str, meant: FinishReason
) -> None:
    server.say("half", raw_finish=finish)
    response = kit.chat(asked())
    assert (response.content, response.finish_reason) == ("half", meant)
    assert response.raw_finish_reason == finish


def test_a_stopped_reply_is_gone_on_with(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    server.say("The sea ", finish=FinishReason.PAUSE)
    server.say("is wide.")
    first = kit.chat(asked())
    assert first.finish_reason is FinishReason.PAUSE
    history = (Message.user("hi"), first.message)
    assert kit.chat(asked(history=history, user_message="")).content == "is wide."
    assert server.last.json["contents"] == [{"role": "user", "parts": [{"text": "hi"}]}]
    assert server.last.json["continuationToken"]


def test_a_history_of_another_provider_is_taken(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    call = ToolCallPart(id="call_1", name="weather", arguments={"city": "Kiel"})
    turn = Message(role=MessageRole.ASSISTANT, content=(TextPart(text="Well:"), call))
    registry = ToolRegistry([weather])
    history = (Message.user("hi"), turn, Message.tool([registry.execute(call)]))
    assert kit.chat(asked(history=history, user_message="", tools=registry)).content == "ok"


async def test_one_kit_speaks_in_both_voices_and_can_be_closed_twice(
    server: GeminiServer, kit: GoogleDeveloperKit
) -> None:
    for _ in range(3):
        assert kit.chat(asked()).content == "ok"
        assert (await kit.achat(asked())).content == "ok"
    assert server.connections == 2
    await kit.aclose()
    await kit.aclose()
    kit.close()
    assert await server.await_until(lambda: server.open_connections == 0)


async def test_a_kit_embeds_in_batches(server: GeminiServer, kit: GoogleDeveloperKit) -> None:
    texts = [f"text {number}" for number in range(101)]
    config = EmbeddingConfig(texts=texts, dimensions=8, input_type="document")
    made = kit.embed(config)
    assert [vector.text for vector in made.vectors] == texts
    assert {len(vector.embedding) for vector in made.vectors} == {8}
    assert sorted(len(request.json["requests"]) for request in server.requests) == [1, 100]
    again = await kit.aembed(config)
    assert again.vectors == made.vectors
    await kit.aclose()
