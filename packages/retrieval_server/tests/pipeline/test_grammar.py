"""The language: what it means, where it is wrong, and that nothing typed can hurt."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.retrieval.server.errors import PipelineError
from racto.retrieval.server.pipeline import Call, Chain, Fork, PipelineLimits, parse

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,6}", fullmatch=True)
CALLS = st.builds(
    Call,
    name=NAMES,
    alias=st.just("") | NAMES,
    view=st.just("") | NAMES,
    limit=st.none() | st.integers(1, 10_000),
)


def forks(chains: st.SearchStrategy[Chain]) -> st.SearchStrategy[Fork]:
    return st.builds(
        Fork,
        branches=st.lists(chains, min_size=1, max_size=3).map(tuple),
        merger=CALLS,
        expander=st.none() | CALLS,
    )


CHAINS = st.recursive(
    st.builds(Chain, stages=st.lists(CALLS, min_size=1, max_size=3).map(tuple)),
    lambda inner: st.builds(
        Chain, stages=st.lists(CALLS | forks(inner), min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=8,
)


@given(CHAINS, st.randoms(use_true_random=False))
def test_what_is_written_is_read_as_it_was(chain: Chain, random: object) -> None:
    text = str(chain)
    read = parse(text, PipelineLimits(text=10**6, depth=100, calls=1000))
    assert str(read) == text
    spread = text
    for mark in ("{", "}", ",", ">>", "[", "]", "@", "%"):
        spread = spread.replace(mark, f" {mark}\n")
    assert str(parse(spread, PipelineLimits(text=10**6, depth=100, calls=1000))) == text


@given(st.text(alphabet="ab1%{}[]@,>- \n\tß\x00", max_size=40))
def test_whatever_is_typed_is_read_or_refused_at_a_column(text: str) -> None:
    try:
        chain = parse(text)
    except PipelineError as caught:
        error: PipelineError = caught
    else:
        assert str(parse(str(chain))) == str(chain)
        return
    assert 1 <= error.column <= len(text) + 1
    assert str(error.column) in str(error)


def test_the_documented_examples() -> None:
    chain = parse("expander{dense[d]@body%50 >> rerank%20, sparse}RRF%100 >> final%10")
    fork, final = chain.stages
    assert isinstance(fork, Fork)
    assert isinstance(final, Call)
    assert fork.expander == Call(name="expander", column=1)
    assert (fork.merger.name, fork.merger.limit) == ("RRF", 100)
    first = fork.branches[0].stages[0]
    assert first == Call(name="dense", alias="d", view="body", limit=50, column=10)
    assert (final.name, final.limit, final.key) == ("final", 10, "final")
    assert str(parse("{ a , b }\tRRF % 100")) == "{a, b}RRF%100"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "name of a service is expected, not the end"),
        ("a >>", 5, "name of a service"),
        ("a > b", 3, "'>' has no meaning"),
        ("a b", 3, "'>>' or the end"),
        ("{a, b}", 7, "name of a merger"),
        ("{a, b", 6, "',' or '}'"),
        ("{}RRF", 2, "name of a service"),
        ("a%", 3, "a number"),
        ("a%0", 3, "from 1 to 10,000"),
        ("a%10001", 3, "from 1 to 10,000"),
        ("a%" + "9" * 4000, 3, "from 1 to 10,000"),
        ("a%-5", 3, "'-' has no meaning"),
        ("a[b", 4, "']'"),
        ("a[%5]", 3, "name of an alias"),
        ("a@%5", 3, "name of a view"),
        ("a%5%6", 4, "'>>' or the end"),
        ("1a", 1, "name of a service"),
        ("ä", 1, "'ä' has no meaning"),
        ("a; rm -rf /", 2, "';' has no meaning"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_a_mistake_is_shown_where_it_is(text: str, column: int, message: str) -> None:
    with pytest.raises(PipelineError, match=f"(?s){message}") as caught:
        parse(text)
    assert caught.value.column == column
    assert str(caught.value).endswith("^")


@pytest.mark.parametrize(
    "text",
    ["a" * 5000, "{" * 50 + "a" + "}m" * 50, "{" * 4000, "a" + ">>a" * 100, ">>" * 2000],
    ids=["long", "deep", "open", "many", "arrows"],
)
def test_limits_hold(text: str) -> None:
    with pytest.raises(PipelineError):
        parse(text)


def test_limits_are_checked() -> None:
    with pytest.raises(ConfigurationError, match="fan_out"):
        PipelineLimits(fan_out=0)
