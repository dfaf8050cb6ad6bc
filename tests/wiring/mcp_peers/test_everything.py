"""All that the reference server of the protocol offers, over the three transports, in both voices.

``@modelcontextprotocol/server-everything`` speaks the protocol of the handshake, with sampling,
roots and log messages.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from node_peers import NodePeers
from racto.core import (
    AudioPart,
    DocumentPart,
    FinishReason,
    ImagePart,
    LinkPart,
    LLMResponse,
    RactoGatewayAPIError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    TextPart,
    ToolCallResult,
)
from racto.tools.mcp import (
    Elicitation,
    ElicitationRequest,
    Interactions,
    LogMessage,
    MCPClientConfig,
    RactoMCPClient,
    SamplingRequest,
    ServerChange,
)

pytestmark = pytest.mark.slow

ALWAYS = {
    "echo",
    "get-annotated-message",
    "get-env",
    "get-resource-links",
    "get-resource-reference",
    "get-structured-content",
    "get-sum",
    "get-tiny-image",
    "gzip-file-as-resource",
    "simulate-research-query",
    "toggle-simulated-logging",
    "toggle-subscriber-updates",
    "trigger-long-running-operation",
}
ON_OFFER = {
    "get-roots-list",
    "trigger-elicitation-request",
    "trigger-sampling-request",
    "trigger-url-elicitation",
}
TEXT = "demo://resource/dynamic/text"
BLOB = "demo://resource/dynamic/blob"


class Person:
    """Answers what the server asks, and keeps all that it said.

    Args:
        root: The folder that the server may work in.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.interactions = Interactions(
            elicit=self.elicit,
            sample=self.sample,
            roots=[root],
            on_log=lambda line: self.logs.append(line),
            log_level="debug",
            on_change=lambda news: self.changes.append(news),
        )
        self.forget()

    def forget(self) -> None:
        """Begin anew, for the next test."""
        self.questions: list[ElicitationRequest] = []
        self.prompts: list[SamplingRequest] = []
        self.logs: list[LogMessage] = []
        self.changes: list[ServerChange] = []
        self.reply = Elicitation.accept({"name": "Ada", "integer": 7, "check": True})

    async def elicit(self, question: ElicitationRequest) -> Elicitation:
        self.questions.append(question)
        return Elicitation.accept() if question.url else self.reply

    def sample(self, request: SamplingRequest) -> LLMResponse:
        self.prompts.append(request)
        return LLMResponse(
            content="a sampled answer", model="loopback-1", finish_reason=FinishReason.STOP
        )


async def until(check: Callable[[], Any]) -> bool:
    """Whether something becomes true within half a minute, while the loop goes on."""

    def wait() -> bool:
        end = time.monotonic() + 30
        while not check() and time.monotonic() < end:
            time.sleep(0.02)
        return bool(check())

    return await asyncio.to_thread(wait)


@pytest.fixture(scope="module", params=["stdio", "streamable-http", "sse"])
def config(
    request: pytest.FixtureRequest, peers: NodePeers, everything_at: Callable[[str], str]
) -> MCPClientConfig:
    if request.param == "stdio":
        arguments = [str(peers.everything), "stdio"]
        return MCPClientConfig(name="all", command=str(peers.node), args=arguments)
    return MCPClientConfig(name="all", transport=request.param, url=everything_at(request.param))


@pytest.fixture(scope="module")
def opened(
    config: MCPClientConfig, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RactoMCPClient, Person]]:
    """One session for most tests: Node takes its time to start."""
    person = Person(tmp_path_factory.mktemp("root"))
    with RactoMCPClient(config, interactions=person.interactions) as client:
        yield client, person


@pytest.fixture
def client(opened: tuple[RactoMCPClient, Person]) -> RactoMCPClient:
    """An open client; its session lives on another loop than that of the test."""
    return opened[0]


@pytest.fixture
def person(opened: tuple[RactoMCPClient, Person]) -> Person:
    """Who answers what the server asks; remembers nothing of the tests before."""
    opened[1].forget()
    return opened[1]


async def test_what_it_says_of_itself(config: MCPClientConfig) -> None:
    async with RactoMCPClient(config) as client:
        server = client.server
        assert server.name == "mcp-servers/everything"
        assert server.version == "2.0.0"
        assert server.protocol == "2025-11-25"
        assert "Everything Server" in server.instructions
        assert server.capabilities >= {"tools", "prompts", "resources", "logging", "completions"}
        assert await client.ping() > 0


async def test_tools_are_listed_whole_and_by_what_the_client_offers(
    config: MCPClientConfig, client: RactoMCPClient
) -> None:
    async with RactoMCPClient(config) as alone:
        assert {schema.name for schema in await alone.list_tools()} == ALWAYS
    schemas = {schema.name: schema for schema in await client.list_tools()}
    assert set(schemas) == ALWAYS | ON_OFFER
    links = schemas["get-resource-links"].json_schema
    assert links["properties"]["count"]["maximum"] == 10
    assert links["$schema"] == "http://json-schema.org/draft-07/schema#"
    weather = schemas["get-structured-content"]
    assert set(weather.output_schema["properties"]) == {"temperature", "conditions", "humidity"}
    assert weather.title == "Get Structured Content Tool"
    assert weather.annotations.read_only is True
    assert schemas["trigger-sampling-request"].annotations.open_world is True


async def test_tools_that_answer_with_texts(client: RactoMCPClient) -> None:
    assert (await client.call_tool("echo", {"message": "grüezi 🙂"})).content == "Echo: grüezi 🙂"
    total = await client.call_tool("get-sum", {"a": 1, "b": 2.5})
    assert total.content == "The sum of 1 and 2.5 is 3.5."
    variables = json.loads((await client.call_tool("get-env")).content)
    assert "PATH" in variables
    for kind, words in (
        ("error", "Error: Operation failed"),
        ("success", "Operation completed successfully"),
        ("debug", "Debug: Cache hit"),
    ):
        said = await client.call_tool("get-annotated-message", {"messageType": kind})
        assert said.content.startswith(words)
        assert not said.is_error


async def test_tools_that_answer_with_more_than_text(client: RactoMCPClient) -> None:
    image = await client.call_tool("get-tiny-image")
    assert [type(part) for part in image.parts] == [TextPart, ImagePart, TextPart]
    assert image.parts[1].data.startswith(b"\x89PNG\r\n")
    assert image.parts[1].mime_type == "image/png"
    assert image.content.endswith("The image above is the MCP logo.")
    noted = {"messageType": "debug", "includeImage": True}
    both = await client.call_tool("get-annotated-message", noted)
    assert [type(part) for part in both.parts] == [TextPart, ImagePart]
    assert not any(isinstance(part, AudioPart) for part in both.parts)

    weather = await client.call_tool("get-structured-content", {"location": "Chicago"})
    assert weather.structured == {
        "temperature": 36,
        "conditions": "Light rain / drizzle",
        "humidity": 82,
    }
    assert json.loads(weather.content) == weather.structured

    links = await client.call_tool("get-resource-links", {"count": 4})
    assert [type(part) for part in links.parts] == [TextPart] + [LinkPart] * 4
    assert [part.uri for part in links.parts[1:]] == [
        f"{BLOB}/1", f"{TEXT}/2", f"{BLOB}/3", f"{TEXT}/4",
    ]  # fmt: skip
    held = await client.read_resource(links.parts[2].uri)
    assert held[0].text.startswith("Resource 2: This is a plaintext resource")


async def test_tools_that_answer_with_resources(client: RactoMCPClient) -> None:
    name = "get-resource-reference"
    text = await client.call_tool(name, {"resourceType": "Text", "resourceId": 3})
    assert f"{TEXT}/3" in text.content
    assert "Resource 3: This is a plaintext resource" in text.content
    blob = await client.call_tool(name, {"resourceType": "Blob", "resourceId": 3})
    (held,) = [part for part in blob.parts if isinstance(part, DocumentPart)]
    assert held.data.startswith(b"Resource 3: This is a base64 blob")

    source = {"name": "inline.gz", "data": "data:text/plain,hello", "outputType": "resource"}
    (packed,) = (await client.call_tool("gzip-file-as-resource", source)).parts
    assert packed.mime_type == "application/gzip"
    assert gzip.decompress(packed.data) == b"hello"

    source |= {"name": "linked.gz", "outputType": "resourceLink"}
    (link,) = (await client.call_tool("gzip-file-as-resource", source)).parts
    assert isinstance(link, LinkPart)
    (found,) = await client.read_resource(link.uri)
    assert gzip.decompress(found.data) == b"hello"
    assert link.uri in {entry.uri for entry in await client.list_resources()}


async def test_failures_of_tools_are_results(client: RactoMCPClient) -> None:
    for name, arguments, words in (
        ("echo", {}, "Invalid arguments for tool echo"),
        ("no-such-tool", {}, "no-such-tool not found"),
        ("get-sum", {"a": "one", "b": 2}, "Invalid arguments"),
        # It answers only clients that poll for its result, an experiment of that protocol.
        ("simulate-research-query", {"topic": "python"}, "requires task"),
    ):
        result = await client.call_tool(name, arguments)
        assert result.is_error
        assert words in result.content
    assert client.state == "open"


async def test_progress(client: RactoMCPClient) -> None:
    steps: list[tuple[float, float | None]] = []

    def step(done: float, total: float | None = None, message: str | None = None) -> None:
        steps.append((done, total))

    work = {"duration": 0.4, "steps": 4}
    result = await client.call_tool("trigger-long-running-operation", work, on_progress=step)
    assert result.content == "Long running operation completed. Duration: 0.4 seconds, Steps: 4."
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


async def test_a_call_that_takes_too_long_leaves_the_session_open(client: RactoMCPClient) -> None:
    work = {"duration": 30, "steps": 1}
    with pytest.raises(RactoGatewayTimeoutError):
        await client.call_tool("trigger-long-running-operation", work, timeout=0.3)
    assert (await client.call_tool("echo", {"message": "on"})).content == "Echo: on"


async def test_elicitation(client: RactoMCPClient, person: Person) -> None:
    name = "trigger-elicitation-request"
    accepted = await client.call_tool(name)
    assert "User inputs:\n- Name: Ada\n- Agreed to terms: true" in accepted.content
    person.reply = Elicitation.decline()
    assert "User declined" in (await client.call_tool(name)).content
    person.reply = Elicitation.cancel()
    assert "User cancelled" in (await client.call_tool(name)).content
    # The server is held to its own schema: this answer lacks the name.
    person.reply = Elicitation.accept({"integer": 1000})
    assert (await client.call_tool(name)).is_error
    question = person.questions[0]
    assert question.message == "Please provide inputs for the following fields:"
    assert question.server == "all"
    assert question.schema["properties"]["integer"]["maximum"] == 100


async def test_elicitation_of_a_visit_to_a_page(client: RactoMCPClient, person: Person) -> None:
    name = "trigger-url-elicitation"
    page = "https://example.org/login"
    done = await client.call_tool(name, {"url": page, "elicitationId": "e1"})
    assert "User completed the URL elicitation flow" in done.content
    assert [question.url for question in person.questions] == [page]
    with pytest.raises(RactoGatewayAPIError, match=r"https://modelcontextprotocol\.io"):
        await client.call_tool(name, {"url": f"{page}/2", "errorPath": True})


async def test_sampling(client: RactoMCPClient, person: Person) -> None:
    call = {"prompt": "Name a river.", "maxTokens": 12}
    result = await client.call_tool("trigger-sampling-request", call)
    answer = json.loads(result.content.partition("LLM sampling result:")[2])
    assert answer["content"] == {"type": "text", "text": "a sampled answer"}
    assert answer["model"] == "loopback-1"
    assert answer["stopReason"] == "endTurn"
    (asked,) = person.prompts
    assert asked.system == "You are a helpful test server."
    assert (asked.max_tokens, asked.temperature, asked.server) == (12, 0.7, "all")
    assert "Name a river." in str(asked.messages[0].content)


async def test_sampling_that_is_not_approved(config: MCPClientConfig) -> None:
    from racto.tools.mcp import sampling_by

    # The kit must never be reached, so there is none.
    refusing = sampling_by(None, lambda request: False)  # type: ignore[arg-type]
    async with RactoMCPClient(config, interactions=Interactions(sample=refusing)) as client:
        result = await client.call_tool("trigger-sampling-request", {"prompt": "Name a river."})
    assert result.is_error
    assert "gave no answer" in result.content


async def test_roots(client: RactoMCPClient, person: Person) -> None:
    listed = await client.call_tool("get-roots-list")
    # It asks for them again, and says so in its log.
    await client.roots_changed()
    assert await until(lambda: any("Roots updated" in str(line.data) for line in person.logs))
    assert person.root.as_uri() in listed.content
    assert "(1 total)" in listed.content


async def test_log_messages(client: RactoMCPClient, person: Person) -> None:
    await client.set_log_level("debug")
    started = await client.call_tool("toggle-simulated-logging")
    assert started.content.startswith("Started")
    assert await until(lambda: any("level" in str(line.data) for line in person.logs))
    assert (await client.call_tool("toggle-simulated-logging")).content.startswith("Stopped")
    assert {line.server for line in person.logs} == {"all"}


async def test_resources_and_their_templates(client: RactoMCPClient) -> None:
    resources = {entry.name: entry for entry in await client.list_resources()}
    assert {"architecture.md", "features.md", "startup.md"} <= set(resources)
    features = resources["features.md"]
    assert features.mime_type == "text/markdown"
    (page,) = await client.read_resource(features.uri)
    assert page.text.startswith("# Everything Server - Features")

    templates = [entry.uri_template for entry in await client.list_resource_templates()]
    assert templates == [f"{TEXT}/{{resourceId}}", f"{BLOB}/{{resourceId}}"]
    (blob,) = await client.read_resource(f"{BLOB}/7")
    assert blob.data.startswith(b"Resource 7: This is a base64 blob")
    for missing in ("demo://nowhere", f"{TEXT}/zero"):
        with pytest.raises(RactoGatewayError, match=missing):
            await client.read_resource(missing)
    # What it lets the client complete is a variable of a template.
    found = await client.complete(
        template=f"{TEXT}/{{resourceId}}", argument="resourceId", value="12"
    )
    assert found == ["12"]


async def test_news_of_resources(client: RactoMCPClient, person: Person) -> None:
    watched = f"{TEXT}/1"
    await client.subscribe(watched)
    await client.call_tool("toggle-subscriber-updates")
    assert await until(lambda: any(news.kind == "resource" for news in person.changes))
    await client.unsubscribe(watched)
    await client.call_tool("toggle-subscriber-updates")
    packed = {"name": "news.gz", "data": "data:text/plain,x", "outputType": "resourceLink"}
    await client.call_tool("gzip-file-as-resource", packed)
    assert await until(lambda: any(news.kind == "resources" for news in person.changes))
    (uri,) = {news.uri for news in person.changes if news.kind == "resource"}
    assert uri == watched
    assert {news.server for news in person.changes} == {"all"}


async def test_prompts_and_completions(client: RactoMCPClient) -> None:
    prompts = {entry.name: entry for entry in await client.list_prompts()}
    assert set(prompts) == {
        "simple-prompt", "args-prompt", "completable-prompt", "resource-prompt",
    }  # fmt: skip
    (simple,) = await client.get_prompt("simple-prompt")
    assert "This is a simple prompt without arguments." in str(simple.content)
    (asked,) = await client.get_prompt("args-prompt", {"city": "Bern", "state": "BE"})
    assert "What's weather in Bern, BE?" in str(asked.content)
    with pytest.raises(RactoGatewayAPIError, match="city"):
        await client.get_prompt("args-prompt", {})
    with pytest.raises(RactoGatewayAPIError, match="no-such-prompt"):
        await client.get_prompt("no-such-prompt")

    choose = {"prompt": "completable-prompt"}
    found = await client.complete(**choose, argument="department", value="S")
    assert found == ["Sales", "Support"]
    given = {"department": "Sales"}
    found = await client.complete(**choose, argument="name", value="", context=given)
    assert found == ["David", "Eve", "Frank"]
    (chosen,) = await client.get_prompt(
        "completable-prompt", {"department": "Sales", "name": "Eve"}
    )
    assert "promote Eve to the head of the Sales team" in str(chosen.content)

    for kind in ("Text", "Blob"):
        messages = await client.get_prompt(
            "resource-prompt", {"resourceType": kind, "resourceId": "2"}
        )
        assert len(messages) == 2
        assert f"the {kind} resource with id: 2" in str(messages[0].content)
    (part,) = messages[1].content
    assert part.data.startswith(b"Resource 2: This is a base64 blob")


async def test_parallel_calls_through_a_registry(client: RactoMCPClient) -> None:
    registry = await client.to_registry(prefix="all_")
    assert {schema.name for schema in registry.schemas} == {
        f"all_{name}" for name in ALWAYS | ON_OFFER
    }
    calls = [
        ToolCallResult(id=str(n), name="all_get-sum", arguments={"a": n, "b": n}) for n in range(20)
    ]
    results = await asyncio.gather(*(registry.aexecute(call) for call in calls))
    assert [result.content for result in results] == [
        f"The sum of {n} and {n} is {n + n}." for n in range(20)
    ]
    image = await registry.aexecute(ToolCallResult(id="i", name="all_get-tiny-image", arguments={}))
    assert any(isinstance(part, ImagePart) for part in image.content)
    failed = await registry.aexecute(ToolCallResult(id="f", name="all_echo", arguments={}))
    assert failed.is_error


def test_the_sync_voice(client: RactoMCPClient, person: Person) -> None:
    assert {schema.name for schema in client.list_tools_sync()} == ALWAYS | ON_OFFER
    assert client.call_tool_sync("echo", {"message": "hi"}).content == "Echo: hi"
    steps: list[float] = []
    client.call_tool_sync(
        "trigger-long-running-operation",
        {"duration": 0.2, "steps": 2},
        on_progress=lambda done, *_: steps.append(done),
    )
    assert steps == [1, 2]
    assert "Name: Ada" in client.call_tool_sync("trigger-elicitation-request").content
    sampled = client.call_tool_sync("trigger-sampling-request", {"prompt": "Name a river."})
    assert "a sampled answer" in sampled.content
    client.set_log_level_sync("debug")
    assert client.list_resource_templates_sync()
    uri = client.list_resources_sync()[0].uri
    assert client.read_resource_sync(uri)[0].text
    assert len(client.list_prompts_sync()) == 4
    assert client.get_prompt_sync("simple-prompt")
    found = client.complete_sync(prompt="completable-prompt", argument="department", value="M")
    assert found == ["Marketing"]
    client.subscribe_sync(f"{TEXT}/1")
    client.unsubscribe_sync(f"{TEXT}/1")
    assert client.ping_sync() > 0
    registry = client.to_registry_sync()
    call = ToolCallResult(id="c", name="get-sum", arguments={"a": 2, "b": 3})
    assert registry.execute(call).content == "The sum of 2 and 3 is 5."


async def test_todays_protocol_is_refused_plainly(config: MCPClientConfig) -> None:
    strict = config.model_copy(update={"protocol": "modern"})
    with pytest.raises(RactoGatewayError, match="all"):
        async with RactoMCPClient(strict) as client:
            await client.list_tools()
