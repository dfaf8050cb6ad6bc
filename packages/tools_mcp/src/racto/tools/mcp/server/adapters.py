"""Retrievers, RAG pipelines and SQL analysts as tools of any registry or server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from racto.core.answers import Citation, RAGResponse
from racto.core.documents import RetrievalResult
from racto.core.errors import ToolExecutionError
from racto.core.protocols.retrievers import Retriever
from racto.core.schemas import json_value

_MOST_PASSAGES = 100
_Count = Annotated[int, Field(ge=1, le=_MOST_PASSAGES)]


@runtime_checkable
class QuestionAnswerer(Protocol):
    """Whatever answers questions from documents, such as ``RactoRAG``."""

    def query(self, question: str, top_k: int = 5) -> RAGResponse:
        """Answer a question.

        Args:
            question: The question.
            top_k: Most passages to answer from.
        """
        ...

    async def aquery(self, question: str, top_k: int = 5) -> RAGResponse:
        """Async twin of :meth:`query`."""
        ...


@runtime_checkable
class DataAnalyst(Protocol):
    """Whatever answers questions from a database, such as ``SQLAnalystPipeline``."""

    def run(self, user_query: str, **options: Any) -> Any:
        """Answer a question.

        Args:
            user_query: The question.
            **options: Where the data are, and how to go about it.

        Returns:
            An object with ``answer``, ``sql_query``, ``columns``, ``row_count``, ``raw_rows`` and
            ``error``.
        """
        ...

    async def arun(self, user_query: str, **options: Any) -> Any:
        """Async twin of :meth:`run`."""
        ...


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class FoundPassage(_Answer):
    """A passage of a document, and where it stands."""

    rank: int
    text: str
    source: str
    page: int | None = None
    section: str | None = None
    chunk_id: str = ""
    score: float = 0.0

    @classmethod
    def of(cls, result: RetrievalResult) -> FoundPassage:
        """What a model should know of a found chunk."""
        about = result.chunk.metadata
        return cls(
            rank=result.rank,
            text=result.chunk.content,
            source=about.source,
            page=about.page,
            section=about.section,
            chunk_id=result.chunk.chunk_id,
            score=float(result.score),
        )


class FoundPassages(_Answer):
    """The passages that fit a question, best first."""

    passages: list[FoundPassage]


class CitedSource(_Answer):
    """One numbered reference of an answer."""

    number: int
    source: str
    location: str
    quote: str
    is_supported: bool

    @classmethod
    def of(cls, citation: Citation) -> CitedSource:
        """What a model should know of a citation."""
        return cls(
            number=citation.number,
            source=citation.source,
            location=citation.location,
            quote=citation.quote,
            is_supported=citation.is_supported,
        )


class GroundedAnswer(_Answer):
    """An answer from documents, with its citations and the passages behind them."""

    answer: str
    is_grounded: bool
    citations: list[CitedSource]
    sources: list[FoundPassage]


class DataAnswer(_Answer):
    """An answer from a database: words, the query, and its first rows."""

    answer: str | None
    sql_query: str
    columns: list[str]
    rows: list[dict[str, Any]]
    row_count: int


def retriever_tool(
    retriever: Retriever, *, name: str = "search", description: str | None = None
) -> Callable[..., Awaitable[FoundPassages]]:
    """A tool that finds passages.

    Args:
        retriever: Any retriever.
        name: Name of the tool.
        description: What is to be found with it.
    """

    async def search(query: str, top_k: _Count = 5) -> FoundPassages:
        """Find the passages of the documents that fit a question or keywords best.

        Args:
            query: The question, or keywords.
            top_k: Most passages to return.
        """
        found = await retriever.aretrieve(query, top_k)
        return FoundPassages(passages=[FoundPassage.of(result) for result in found])

    _name(search, name, description)
    return search


def rag_tool(
    pipeline: QuestionAnswerer, *, name: str = "ask", description: str | None = None
) -> Callable[..., Awaitable[GroundedAnswer]]:
    """A tool that answers questions from documents, with citations.

    Args:
        pipeline: Any RAG pipeline.
        name: Name of the tool.
        description: What can be asked.
    """

    async def ask(question: str, top_k: _Count = 5) -> GroundedAnswer:
        """Answer a question from the documents, with citations and sources.

        Args:
            question: The question, in words.
            top_k: Most passages to answer from.
        """
        found = await pipeline.aquery(question, top_k=top_k)
        return GroundedAnswer(
            answer=found.answer.content or "",
            is_grounded=found.is_grounded,
            citations=[CitedSource.of(citation) for citation in found.citations],
            sources=[FoundPassage.of(result) for result in found.sources],
        )

    _name(ask, name, description)
    return ask


def analyst_tool(
    analyst: DataAnalyst,
    *,
    name: str = "analyse",
    description: str | None = None,
    max_rows: int = 100,
    **fixed: Any,
) -> Callable[..., Awaitable[DataAnswer]]:
    """A tool that answers questions from a database.

    Args:
        analyst: Any SQL analyst.
        name: Name of the tool.
        description: What the data are about.
        max_rows: Most rows that are shown to the model; ``row_count`` tells how many there were.
        **fixed: Passed with every question, such as ``connection_string``; no model sees them.
    """

    async def analyse(question: str) -> DataAnswer:
        """Answer a question from the database; gives the answer, the query and its first rows.

        Args:
            question: The question, in words.
        """
        result = await analyst.arun(question, **fixed)
        # An analyst in safe mode returns its errors; a model must not read them as answers.
        if getattr(result, "error", None):
            raise ToolExecutionError(f"the question was not answered: {result.error}")
        rows = _rows(result)
        return DataAnswer(
            answer=getattr(result, "answer", None),
            sql_query=str(getattr(result, "sql_query", "")),
            columns=[str(column) for column in getattr(result, "columns", ())],
            # A model reads every row, and pays for it.
            rows=[_plain(row) for row in rows[:max_rows]],
            row_count=int(getattr(result, "row_count", len(rows))),
        )

    _name(analyse, name, description)
    return analyse


def _name(function: Callable[..., Any], name: str, description: str | None) -> None:
    function.__name__ = name
    if description is not None:
        # The words on the parameters stay; only what the tool is for is the caller's.
        _, blank, rest = (function.__doc__ or "").partition("\n\n")
        function.__doc__ = f"{' '.join(description.split())}{blank}{rest}"


def _rows(result: Any) -> Sequence[Mapping[str, Any]]:
    rows = getattr(result, "raw_rows", None)
    return list(rows if rows is not None else getattr(result, "rows", None) or ())


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): _cell(value) for key, value in row.items()}


def _cell(value: Any) -> Any:
    try:
        return json_value(value)
    except ValueError:
        # What a database driver returns is shown, even where JSON has no form for it.
        return str(value)
