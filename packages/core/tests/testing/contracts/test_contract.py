"""The root of the suites: laws cannot be overridden, gaps are declared, failures print values."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from racto.core import testing
from racto.core.testing import Contract, DictStore, VectorStoreContract, known_gap, laws_of

pytest_plugins = ["pytester"]

SUITES = sorted(name for name in testing.__all__ if name.endswith("Contract"))

CONFORMANCE = """
    import pytest
    from racto.core.testing import *
    from racto.core.testing import DictStore, VectorStoreContract, known_gap

    class Late(DictStore):
        def search(self, embedding, top_k=5, filters=None):
            kept = {r.chunk.chunk_id for r in super().search(embedding, 1000, filters)}
            return [r for r in super().search(embedding, top_k) if r.chunk.chunk_id in kept]
"""


def _law(self: object) -> None:
    """Nothing.

    If this fails: it cannot.
    """


@pytest.mark.parametrize("name", SUITES)
def test_each_law_says_what_it_promises_and_what_to_check(name: str) -> None:
    laws = laws_of(getattr(testing, name))
    assert len(laws) >= (2 if name == "Contract" else 5)
    for law in laws.values():
        text = inspect.cleandoc(law.__doc__ or "")
        assert text.partition("\n")[0].endswith("."), law
        assert text.rpartition("\n\n")[2].startswith("If this fails: "), law


def test_law_cannot_be_overridden() -> None:
    with pytest.raises(TypeError, match=r"TestMine overrides test_top_k_limits, a law of Store"):
        type("TestMine", (VectorStoreContract,), {"test_top_k_limits": _law})


@pytest.mark.parametrize("value", [None, property(lambda _self: None)])
def test_law_cannot_be_removed(value: object) -> None:
    with pytest.raises(TypeError, match="overrides test_signatures"):
        type("TestMine", (VectorStoreContract,), {"test_signatures": value})


def test_law_cannot_be_hidden_by_a_mixin() -> None:
    mixin = type("Mixin", (), {"test_top_k_limits": _law})
    with pytest.raises(TypeError, match="test_top_k_limits"):
        type("TestMine", (mixin, VectorStoreContract), {})


def test_voices_cannot_be_overridden() -> None:
    with pytest.raises(TypeError, match="overrides voice, a law of Contract"):
        type("TestMine", (VectorStoreContract,), {"voice": pytest.fixture(lambda self: None)})


def test_further_tests_are_welcome() -> None:
    mine = type("TestMine", (VectorStoreContract,), {"test_of_my_own": _law})
    assert "test_of_my_own" not in laws_of(mine)


def test_law_must_say_what_to_check() -> None:
    def silent(self: object) -> None:
        """Holds."""

    with pytest.raises(TypeError, match=r"Mine\.test_silent must end with a paragraph"):

        class Mine(Contract, subject="mine"):
            test_silent = silent


def test_gap_needs_a_law_and_a_reason() -> None:
    test = type("TestMine", (VectorStoreContract,), {})
    with pytest.raises(ValueError, match="has no law 'test_nothing'; there are: test_added"):
        known_gap("test_nothing", why="so")(test)
    with pytest.raises(ValueError, match="say why"):
        known_gap("test_top_k_limits", why="  ")(test)
    with pytest.raises(ValueError, match="no voice 'loud'"):
        known_gap("test_top_k_limits", why="so", voice="loud")(test)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [VectorStoreContract, Contract, DictStore, "text"])
def test_gap_excuses_implementations_alone(wrong: object) -> None:
    with pytest.raises(TypeError, match="not "):
        known_gap("test_signatures", why="so")(wrong)  # type: ignore[type-var]


def test_gaps_do_not_leak_to_others() -> None:
    @known_gap("test_top_k_limits", why="one")
    class One(VectorStoreContract): ...

    class Heir(One): ...

    class Other(VectorStoreContract): ...

    assert Heir.gaps == {"test_top_k_limits": (None, "one")}
    assert Other.gaps == Contract.gaps == {}


def _run(pytester: pytest.Pytester, classes: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(CONFORMANCE + classes)
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", *options)


def test_failing_law_prints_its_values(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
    class TestLate(VectorStoreContract):
        @pytest.fixture
        def store(self):
            return Late()
    """,
        "-k",
        "test_filter_comes_before_top_k and sync and not async",
    )
    result.assert_outcomes(failed=1, deselected=_count(result, "deselected"))
    result.stdout.fnmatch_lines(
        [
            "*If this fails: filter inside the engine*",
            "E * assert [[]] == ?'far0', 'far1', 'far2']*",
        ]
    )


def test_gap_is_a_strict_expected_failure(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
    @known_gap("test_filter_comes_before_top_k", why="the engine filters late")
    class TestLate(VectorStoreContract):
        @pytest.fixture
        def store(self):
            return Late()

    @known_gap("test_filter_comes_before_top_k", why="the engine filters late")
    class TestHealed(VectorStoreContract):
        @pytest.fixture
        def store(self):
            return DictStore()

    @known_gap("test_filter_comes_before_top_k", why="async only", voice="async")
    class TestHalfHealed(VectorStoreContract):
        @pytest.fixture
        def store(self):
            return DictStore()
    """,
        "-k",
        "test_filter_comes_before_top_k",
        "-rx",
    )
    result.assert_outcomes(xfailed=2, failed=3, passed=1, deselected=_count(result, "deselected"))
    result.stdout.fnmatch_lines(
        ["*XPASS(strict)* the engine filters late*", "XFAIL*TestLate*the engine filters late*"]
    )


def test_conformance_test_is_short() -> None:
    """The examples in the guides have at most twenty lines."""
    root = Path(__file__).parents[5]
    for guide in ("add-a-kit.md", "add-an-engine.md"):
        text = (root / "docs" / guide).read_text("utf-8")
        blocks = [part.partition("```")[0] for part in text.split("```python\n")[1:]]
        tests = [block for block in blocks if "Contract" in block]
        assert tests, guide
        assert all(len(block.splitlines()) <= 20 for block in tests), guide


def _count(result: pytest.RunResult, outcome: str) -> int:
    return int(result.parseoutcomes().get(outcome, 0))
