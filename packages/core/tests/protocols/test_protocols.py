"""Every protocol can be asked for at run time, and every blocking method has its async twin."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from racto.core import protocols
from racto.core.protocols import JobState, JobStatus, Reservation, SemanticHit, VectorStore

ALL = [
    found
    for name in protocols.__all__
    if isinstance(found := getattr(protocols, name), type) and getattr(found, "_is_protocol", False)
]
each_protocol = pytest.mark.parametrize("protocol", ALL, ids=lambda one: one.__name__)

# Spans and metrics are in memory, text processors and token counters compute, and an engine's
# batch methods may be async themselves; none of them blocks on anything.
NEVER_BLOCK = {
    "DecomposeEngine",
    "FuseEngine",
    "Metrics",
    "RequestCodec",
    "ScoreEngine",
    "SearchEngine",
    "Span",
    "Templating",
    "TextProcessor",
    "TokenCounter",
    "Tracer",
}


def members(protocol: type) -> dict[str, Any]:
    return {name: value for name, value in vars(protocol).items() if not name.startswith("_")}


# Called while a task is cancelled, when nothing can be awaited.
LETS_GO = {"Lead": {"abandon"}}


def keeper(protocol: type, *, without: str = "") -> object:
    """An object with the protocol's members, of which one may be missing."""
    dunder = ("__enter__", "__exit__") if protocol.__name__ == "Span" else ()
    names = [*dunder, *members(protocol)]
    return type("Keeper", (), {name: len for name in names if name != without})()


def test_there_is_a_protocol_for_every_family() -> None:
    families = (
        "AuditLogger BatchProcessor ChatKit ChatMemory Chunker DecomposeEngine Embedder EventSink "
        "ExactCache FuseEngine JobQueue Metrics RateLimiter Reader Reranker Retriever ScoreEngine "
        "SearchEngine SimilarityCache TextProcessor Tracer VectorStore"
    )
    assert set(families.split()) <= {protocol.__name__ for protocol in ALL}


@each_protocol
def test_a_protocol_can_be_asked_for(protocol: type) -> None:
    assert isinstance(keeper(protocol), protocol)
    assert not isinstance(object(), protocol)
    for name in members(protocol):
        assert not isinstance(keeper(protocol, without=name), protocol)


@each_protocol
def test_blocking_methods_have_an_async_twin_of_the_same_signature(protocol: type) -> None:
    own = members(protocol)
    methods = {name: value for name, value in own.items() if inspect.isfunction(value)}
    if protocol.__name__ in NEVER_BLOCK:
        assert not any(inspect.iscoroutinefunction(value) for value in methods.values())
        return
    # A property may have a twin too, which is a method.
    blocking = {name for name in methods if not (name[0] == "a" and name[1:] in own)}
    for name in blocking - LETS_GO.get(protocol.__name__, set()):
        twin = methods.get(f"a{name}")
        assert twin is not None, f"{protocol.__name__}.{name} has no twin"
        plain, other = inspect.signature(methods[name]), inspect.signature(twin)
        assert plain.parameters == other.parameters
        streams = "Iterator" in str(plain.return_annotation)
        assert inspect.iscoroutinefunction(twin) is not streams
        told = str(other.return_annotation).replace("AsyncIterator", "Iterator")
        assert told == str(plain.return_annotation)


def test_names_of_methods_alone_do_not_make_a_store_of_anything_less() -> None:
    class Half:
        def add(self, chunks: Any) -> None: ...
        def search(self, embedding: Any) -> None: ...

    assert not isinstance(Half(), VectorStore)


def test_job_states_know_their_end() -> None:
    ended = {state for state in JobState if state.is_final}
    assert ended == {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}
    status = JobStatus(job_id="1", state=JobState.PENDING)
    assert (status.result, status.error, status.progress) == (None, None, None)


def test_small_data_of_the_protocols_are_frozen_and_keyword_only() -> None:
    for kind in (JobStatus, Reservation, SemanticHit):
        parameters = inspect.signature(kind).parameters.values()
        assert {parameter.kind for parameter in parameters} == {inspect.Parameter.KEYWORD_ONLY}
        assert vars(kind)["__dataclass_params__"].frozen
