"""The MiniLM embedder: any text, any number, any thread, and the real model where it is at hand."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racto.core import ConfigurationError, EmbeddingError, MissingExtraError
from racto.core.testing import EmbedderContract
from racto.providers.local import MiniLMEmbedder, minilm as room
from racto.providers.local.model_folder import VARIABLE, find_folder

from .test_embedder import PAIRS
from .tiny import TOKENIZER, WORDS, plain, tensors, written

TEXTS = ["one", "", "two words", "a rather longer text " * 3, " \t\n", "\ud800?", "one"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("minilm") / "model")


@pytest.fixture(scope="module")
def embedder(folder: Path) -> MiniLMEmbedder:
    return MiniLMEmbedder(folder, max_tokens=48)


class TestMiniLMEmbedder(EmbedderContract):
    """Over a model of random weights, which keeps every law but has no idea of meaning."""


def test_vectors_are_the_models(embedder: MiniLMEmbedder) -> None:
    tokens = [2, *(WORDS.index(piece) for piece in ("b", "##e", "##e", "?")), 3]
    made = np.asarray(embedder.embed(["Bee?"]))
    np.testing.assert_allclose(made[0], plain(tensors(), tokens), atol=2e-6)


def test_one_by_one_is_the_same_as_together(
    folder: Path, embedder: MiniLMEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    together: Any = embedder.embed(TEXTS)
    alone = [embedder.embed([text])[0] for text in TEXTS]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    monkeypatch.setattr(room, "_TEXTS_AT_ONCE", 3)
    pairs: Any = MiniLMEmbedder(folder, max_tokens=48, batch_size=2).embed(TEXTS)
    np.testing.assert_allclose(together, pairs, atol=1e-5)


def test_rows_have_length_one_but_for_texts_without_a_token(embedder: MiniLMEmbedder) -> None:
    lengths = np.linalg.norm(np.asarray(embedder.embed(TEXTS)), axis=1)
    np.testing.assert_allclose(lengths, [1, 0, 1, 1, 0, 1, 1], atol=1e-6)


def test_what_follows_the_last_token_that_counts_is_not_read(embedder: MiniLMEmbedder) -> None:
    begin = "abc " * 15
    short, long, spaced = np.asarray(
        embedder.embed([begin, begin + "xyz " * 100_000, "a" + " " * 10_000_000 + "b"])
    )
    assert not np.allclose(short, embedder.embed(["abc " * 14])[0], atol=1e-3)
    np.testing.assert_allclose(long, embedder.embed([begin + "x"])[0], atol=1e-5)
    np.testing.assert_allclose(spaced, embedder.embed(["a"])[0], atol=1e-5)


def test_threads_share_one_model(folder: Path) -> None:
    shared = MiniLMEmbedder(folder, max_tokens=48)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(shared.embed, [TEXTS] * 16))
    for each in made:
        np.testing.assert_array_equal(each, made[0])


async def test_both_voices_and_what_it_tells_of_itself(
    folder: Path, embedder: MiniLMEmbedder
) -> None:
    np.testing.assert_array_equal(await embedder.aembed(["x"]), embedder.embed(["x"]))
    assert embedder.dimension == 16
    assert embedder.fingerprint == MiniLMEmbedder(folder, max_tokens=48).fingerprint
    assert embedder.fingerprint != MiniLMEmbedder(folder, max_tokens=47).fingerprint
    assert repr(embedder).endswith("model', batch_size=32, max_tokens=48)")


@pytest.mark.parametrize(
    ("options", "said"),
    [({"batch_size": 0}, "batch_size"), ({"max_tokens": 2}, "3 to 64"), ({}, "3 to 64, not 256")],
)
def test_options_that_cannot_be(folder: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        MiniLMEmbedder(folder, **options)


def _changed(**changes: Any) -> dict[str, Any]:
    return {**TOKENIZER, **changes}


@pytest.mark.parametrize(
    ("tokenizer", "said"),
    [
        ({"version": "1.0"}, "is no tokenizer.json"),
        (
            _changed(model={**TOKENIZER["model"], "vocab": {"[UNK]": 1, "a": 999}}),
            f"beyond the {len(WORDS)} that",
        ),
        (_changed(post_processor=None), r"between \[CLS\] and \[SEP\]"),
    ],
)
def test_other_tokenizers_are_refused(tmp_path: Path, tokenizer: Any, said: str) -> None:
    broken = MiniLMEmbedder(written(tmp_path / "model", tokenizer=tokenizer), max_tokens=9)
    with pytest.raises(ConfigurationError, match=said):
        broken.embed(["x"])


def test_weights_that_make_no_numbers_are_an_error(tmp_path: Path) -> None:
    weights = tensors()
    weights["embeddings.LayerNorm.bias"][3] = np.nan
    broken = MiniLMEmbedder(written(tmp_path / "model", weights=weights), max_tokens=9)
    with pytest.raises(EmbeddingError, match="NaN or infinity"):
        broken.embed(["x"])


@pytest.mark.parametrize("library", ["tokenizers", "safetensors", "numpy"])
def test_a_missing_library_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf"{library}.*racto-providers\[minilm\]"):
        MiniLMEmbedder(folder, max_tokens=9).embed(["x"])


def test_making_one_loads_nothing_heavy(folder: Path) -> None:
    program = (
        "import sys; from racto.providers.local import MiniLMEmbedder;"
        "MiniLMEmbedder(sys.argv[1], max_tokens=9).fingerprint;"
        "print([m for m in ('numpy', 'tokenizers', 'safetensors', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def real() -> MiniLMEmbedder:
    try:
        find_folder(None)
    except ConfigurationError as error:
        # A folder that is named and is not there is a mistake; none at all is no reason to fail.
        if os.environ.get(VARIABLE):
            raise
        pytest.skip(str(error))
    return MiniLMEmbedder()


def test_the_real_model_knows_paraphrases(real: MiniLMEmbedder) -> None:
    ones, twos = (np.asarray(real.embed(side)) for side in zip(*PAIRS, strict=True))
    likeness = ones @ twos.T
    assert real.dimension == 384
    assert np.argmax(likeness, axis=1).tolist() == list(range(len(PAIRS)))
    assert np.diag(likeness).min() > 0.5
    assert (likeness - np.diag(np.diag(likeness))).max() < 0.3


def test_the_real_model_likens_as_sentence_transformers_does(real: MiniLMEmbedder) -> None:
    rows = np.asarray(
        real.embed(
            ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
        )
    )
    # What the quickstart of sentence-transformers prints for this model and these sentences.
    wanted = [[1, 0.6660, 0.1046], [0.6660, 1, 0.1411], [0.1046, 0.1411, 1]]
    np.testing.assert_allclose(rows @ rows.T, wanted, atol=6e-5)
