"""BM25Engine: the formula's numbers, the file's order for ties, and indexes that fit their file."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.core.testing import EngineContract
from racto.core.testing.fakes.engines import DOCUMENTS
from racto.retrieval.server.engines import BM25Engine
from racto.retrieval.server.engines.bm25_index import BM25Index
from racto.retrieval.server.engines.words import Words


def corpus(folder: Path, texts: dict[str, str], **fields: dict[str, str]) -> Path:
    """A JSONL file of texts by id, with further fields by id."""
    path = folder / "corpus.jsonl"
    lines = [
        {"id": key, "text": text} | {name: of[key] for name, of in fields.items() if key in of}
        for key, text in texts.items()
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


class TestBM25Engine(EngineContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> BM25Engine:
        return BM25Engine("words", path=str(corpus(tmp_path, dict(DOCUMENTS))))


def expected(texts: list[list[str]], query: list[str], k1: float, b: float) -> list[float]:
    """Lucene's formula, written out."""
    mean = sum(map(len, texts)) / len(texts)
    scores = []
    for words in texts:
        score = 0.0
        for word in query:
            holding = sum(word in other for other in texts)
            often = words.count(word)
            if often:
                idf = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
                score += idf * often / (often + k1 * (1 - b + b * len(words) / mean))
        scores.append(score)
    return scores


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), min_size=1, max_size=8),
    st.lists(st.sampled_from("abcdefg"), max_size=4),
    st.integers(1, 9),
)
def test_scores_are_the_formulas_and_ties_go_by_place(
    texts: list[list[str]], query: list[str], most: int
) -> None:
    index = BM25Index.built(texts, k1=1.2, b=0.75)
    found = index.search(query, most)
    wanted = expected(texts, query, 1.2, 0.75) if any(texts) else [0.0] * len(texts)
    ranked = sorted(
        (place for place, score in enumerate(wanted) if score),
        key=lambda place: (-round(wanted[place], 5), place),
    )
    assert len(found) == min(most, len(ranked))
    assert [score for _, score in found] == pytest.approx(
        [wanted[place] for place in ranked[: len(found)]], rel=1e-5
    )
    # Sums of single precision may tell apart what the formula does not: equal ones go by place.
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


def test_equal_scores_stand_in_the_order_of_the_file(tmp_path: Path) -> None:
    texts = dict.fromkeys("zyxwvutsrq", "green tea")
    engine = BM25Engine(path=str(corpus(tmp_path, texts)))
    assert len(engine) == 10
    assert list(engine.search_batch(["tea"], 4)[0]) == list("zyxw")
    assert engine.search_batch(["coffee", "", "!!", "  "], 4) == [{}, {}, {}, {}]


def test_subsets_hold_their_own_documents_alone(tmp_path: Path) -> None:
    texts = {"a": "tea", "b": "tea tea", "c": "tea", "d": "tea"}
    path = corpus(tmp_path, texts, lang={"a": "en", "b": "fr", "c": "en"})
    engine = BM25Engine(path=str(path), subset_field="lang")
    found = engine.search_batch(["tea"] * 5, 10, ["en", "fr", None, "de", "en"])
    assert [list(scores) for scores in found] == [["a", "c"], ["b"], list("bacd"), [], ["a", "c"]]
    plain = BM25Engine(path=str(path))
    with pytest.raises(ConfigurationError, match="subset_field"):
        plain.search_batch(["tea"], 10, ["en"])


def test_words_are_folded_and_scripts_without_spaces_searched(tmp_path: Path) -> None:
    texts = {"a": "STRASSE im Dorf", "b": "東京の天気", "c": "\ufb01ne", "d": "it's"}
    engine = BM25Engine(path=str(corpus(tmp_path, texts)))
    found = engine.search_batch(["straße", "天気", "fine", "IT"], 3)
    assert [next(iter(scores)) for scores in found] == ["a", "b", "c", "d"]


def test_lemmas_stems_and_stopwords_are_asked_for(tmp_path: Path) -> None:
    path = str(corpus(tmp_path, {"a": "the mice were running", "b": "the end"}))
    assert list(BM25Engine(path=path).search_batch(["mouse"])[0]) == []
    assert list(BM25Engine(path=path, language="en").search_batch(["mouse"])[0]) == ["a"]
    stemmed = BM25Engine(path=path, stemmer=lambda word: word[:3])
    assert list(stemmed.search_batch(["runs"])[0]) == ["a"]
    assert BM25Engine(path=path, stopwords=["THE"]).search_batch(["the"])[0] == {}
    with pytest.raises(ConfigurationError, match="not both"):
        BM25Engine(path=path, language="en", stemmer=str.lower)
    with pytest.raises(ConfigurationError, match="no lemmas for 'xx'"):
        BM25Engine(path=path, language="xx")


@given(st.text(max_size=40))
def test_words_are_found_in_any_text(text: str) -> None:
    words = Words().of(text)
    assert all(word and not any(map(str.isspace, word)) for word in words)
    assert bool(words) or not any(map(str.isalnum, text))


@pytest.mark.parametrize("texts", [{}, {"a": "!!"}])
def test_a_collection_without_words_finds_nothing(tmp_path: Path, texts: dict[str, str]) -> None:
    path = corpus(tmp_path, texts)
    engine = BM25Engine(path=str(path), index_folder=str(tmp_path / "kept"))
    assert engine.search_batch(["tea"], 3) == [{}]
    assert len(engine) == len(texts)


def test_a_kept_index_answers_as_a_fresh_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = corpus(tmp_path, dict(DOCUMENTS), part=dict.fromkeys(DOCUMENTS, "all"))
    options: dict[str, Any] = {"path": str(path), "subset_field": "part"}
    fresh = BM25Engine(**options)
    BM25Engine(**options, index_folder=str(tmp_path / "kept"))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the index was made anew")

    monkeypatch.setattr(BM25Index, "built", refuse)
    again = BM25Engine(**options, index_folder=str(tmp_path / "kept"))
    asked = (["bees dance", "bread"], 3, ["all", None])
    assert again.search_batch(*asked) == fresh.search_batch(*asked)
    with pytest.raises(AssertionError, match="anew"):
        BM25Engine(**options, index_folder=str(tmp_path / "kept"), k1=0.9)
    path.write_text(path.read_text() + '{"id": "new", "text": "rye"}\n')
    with pytest.raises(AssertionError, match="anew"):
        BM25Engine(**options, index_folder=str(tmp_path / "kept"))


class Trap:
    """Makes a file when it is read from a pickle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


def test_a_kept_index_runs_no_code(tmp_path: Path) -> None:
    path, folder = str(corpus(tmp_path, dict(DOCUMENTS))), tmp_path / "kept"
    BM25Engine(path=path, index_folder=str(folder))
    for array in folder.glob("*/*.npy"):
        np.save(array, np.array([Trap(tmp_path / "sprung")], dtype=object), allow_pickle=True)
    engine = BM25Engine(path=path, index_folder=str(folder))
    assert list(engine.search_batch(["bees dance"], 1)[0]) == ["bees"]
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["documents.json", "data.csc.index.npy", "params.index.json"])
def test_a_damaged_index_is_made_anew(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    path, folder = str(corpus(tmp_path, dict(DOCUMENTS))), tmp_path / "kept"
    BM25Engine(path=path, index_folder=str(folder))
    (damaged,) = folder.glob(f"*/{name}")
    damaged.write_bytes(damaged.read_bytes()[:-9])
    engine = BM25Engine(path=path, index_folder=str(folder))
    assert list(engine.search_batch(["bees dance"], 1)[0]) == ["bees"]
    assert "damaged" in caplog.text
    # No drafts are left behind, and the next start finds a whole one.
    assert [entry.name.startswith(".") for entry in folder.iterdir()] == [False]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"k1": -1}, "k1 must be a number"),
        ({"b": float("nan")}, "b must be a number"),
        ({"b": True}, "b must be a number"),
        ({"on_error": "ignore"}, "on_error must be one of raise, skip"),
        ({"content_fields": [1]}, "content_fields must be a list of texts"),
        ({"contents": "text"}, "has no setting 'contents'"),
        ({"path": None}, "path must be a text: missing"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    path = str(corpus(tmp_path, {"a": "tea"}))
    with pytest.raises(ConfigurationError, match=said):
        BM25Engine("words", **({"path": path} | options))


def test_a_stemmers_index_is_not_kept(tmp_path: Path) -> None:
    path = str(corpus(tmp_path, {"a": "tea"}))
    with pytest.raises(ConfigurationError, match="stemmer of your own"):
        BM25Engine(path=path, stemmer=str.lower, index_folder=str(tmp_path / "kept"))


def test_the_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bm25s", None)
    with pytest.raises(MissingExtraError, match=r"racto-retrieval-server\[bm25\]"):
        BM25Engine(path=str(corpus(tmp_path, {"a": "tea"})))
