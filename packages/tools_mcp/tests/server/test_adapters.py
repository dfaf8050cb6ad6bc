"""Retrievers, RAG pipelines and analysts as tools, in registries and over the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from racto.core import ToolCallResult, ToolRegistry
from racto.core.answers import Citation, RAGResponse
from racto.core.documents import Chunk, ChunkMetadata, RetrievalResult
from racto.core.responses import LLMResponse
from racto.tools.mcp.server import (
    DataAnalyst,
    QuestionAnswerer,
    RactoMCPServer,
    analyst_tool,
    rag_tool,
    retriever_tool,
)

CHUNK = Chunk(
    content="Bern is the capital.",
    chunk_id="c1",
    metadata=ChunkMetadata(source="atlas.pdf", page=3, section="Cities"),
)
FOUND = [RetrievalResult(chunk=CHUNK, score=0.5, rank=1)]


class Shelf:
    """Finds one passage."""

    def retrieve(self, query: str, top_k: int = 5, filters: Any = None) -> list[RetrievalResult]:
        return FOUND[:top_k]

    async def aretrieve(
        self, query: str, top_k: int = 5, filters: Any = None
    ) -> list[RetrievalResult]:
        return self.retrieve(query, top_k, filters)


class Pipeline:
    """Answers with one citation."""

    def query(self, question: str, top_k: int = 5) -> RAGResponse:
        cited = Citation(
            number=1, source="atlas.pdf", chunk_id="c1", start=0, end=4, page=3, quote="Bern"
        )
        return RAGResponse(
            answer=LLMResponse(content="Bern [1]."),
            sources=FOUND[:top_k],
            query=question,
            context_used="",
            citations=(cited,),
        )

    async def aquery(self, question: str, top_k: int = 5) -> RAGResponse:
        return self.query(question, top_k)


@dataclass
class Result:
    """As the reference's analyst answers."""

    answer: str | None = "Two."
    sql_query: str = "SELECT 1"
    columns: list[str] = field(default_factory=lambda: ["n"])
    row_count: int = 3
    raw_rows: list[dict[str, Any]] = field(
        default_factory=lambda: [{"n": Decimal("1.5"), "odd": object}, {"n": 2}, {"n": 3}]
    )
    error: str | None = None


class Analyst:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def run(self, user_query: str, **options: Any) -> Result:
        self.asked.append((user_query, options))
        return Result(error="no such table") if user_query == "fail" else Result()

    async def arun(self, user_query: str, **options: Any) -> Result:
        return self.run(user_query, **options)


async def test_one_line_each_over_the_wire(dial) -> None:
    server, analyst = RactoMCPServer("adapters"), Analyst()
    server.add_retriever(Shelf(), description="Search the atlas.")
    server.add_rag(Pipeline())
    server.add_analyst(analyst, max_rows=2, connection_string="sqlite://")
    async with dial(server) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == ["search", "ask", "analyse"]
        assert tools["search"].description == "Search the atlas."
        parameters = tools["search"].input_schema["properties"]
        assert parameters["query"]["description"] == "The question, or keywords."
        assert list(tools["analyse"].input_schema["properties"]) == ["question"]
        found = (await client.call_tool("search", {"query": "capital"})).structured_content
        (passage,) = found["passages"]
        assert (passage["source"], passage["page"], passage["text"]) == (
            "atlas.pdf",
            3,
            CHUNK.content,
        )
        answer = (await client.call_tool("ask", {"question": "?", "top_k": 1})).structured_content
        assert answer["answer"] == "Bern [1]."
        assert answer["citations"][0]["location"] == "atlas.pdf, page 3, characters 0-4"
        assert answer["sources"][0]["chunk_id"] == "c1"
        data = await client.call_tool("analyse", {"question": "how many?"})
        assert data.structured_content["row_count"] == 3
        assert data.structured_content["rows"] == [
            {"n": "1.5", "odd": "<class 'object'>"},
            {"n": 2},
        ]
        failed = await client.call_tool("analyse", {"question": "fail"})
        assert failed.is_error
        assert "no such table" in failed.content[0].text
        assert (await client.call_tool("search", {"query": "x", "top_k": 0})).is_error
    assert analyst.asked[0] == ("how many?", {"connection_string": "sqlite://"})


def test_any_registry_takes_them_in_both_voices() -> None:
    registry = ToolRegistry(
        [
            retriever_tool(Shelf(), name="find"),
            rag_tool(Pipeline(), name="answer", description="Ask the atlas."),
            analyst_tool(Analyst()),
        ]
    )
    assert [schema.name for schema in registry] == ["find", "answer", "analyse"]
    part = registry.execute(ToolCallResult(name="find", arguments={"query": "x"}))
    assert not part.is_error
    assert part.structured["passages"][0]["source"] == "atlas.pdf"


def test_the_protocols_recognise_them() -> None:
    assert isinstance(Pipeline(), QuestionAnswerer)
    assert isinstance(Analyst(), DataAnalyst)
