"""TokenChunker counts tokens and cuts between characters."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from racto.core import Document
from racto.core.errors import ConfigurationError
from racto.core.testing import ChunkerContract
from racto.rag.chunkers.tokens import TokenChunker

PROSE = "The quick brown fox jumps over the lazy dog, and the dog sleeps on. " * 3
PIECES = st.sampled_from(
    [
        "the ",
        "fox",
        "jumps. ",
        "\n\n",
        "\r\n",
        " ",
        "\x00",
        "אב ",
        "😀",
        "é",
        "x" * 130,
        "\u2028",
        "日本語",
        "[SEP]",
        "  \t ",
        "�",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))
SIZES = st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


def byte_level() -> Tokenizer:
    """As GPT's: a character that it never saw is as many tokens as it has bytes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([PROSE], trainer)
    return tokenizer


def word_pieces() -> Tokenizer:
    """As BERT's: small letters, no accents or controls, one token for any unknown word."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=200, special_tokens=["[UNK]", "[CLS]", "[SEP]", "[PAD]"], show_progress=False
    )
    tokenizer.train_from_iterator([PROSE], trainer)
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding(length=8)
    return tokenizer


def metaspaced() -> Tokenizer:
    """As Llama's: normalised, with a mark that stands for the space before each word."""
    tokenizer = Tokenizer(
        models.Unigram([("<unk>", 0.0), ("\u2581", -2.0), ("\u2581the", -1.0)], 0)
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.Prepend("\u2581")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


class Letters:
    """Every two letters are a token; an encoder of the user's own."""

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [(at, min(at + 2, len(text))) for at in range(0, len(text), 2)]


class Counter:
    """Only counts: a token for every two bytes."""

    counted = 0

    def count_tokens(self, text: str) -> int:
        self.counted += len(text)
        return (len(text.encode("utf-8", "replace")) + 1) // 2


TOKENIZERS = {
    "byte level": byte_level(),
    "word pieces": word_pieces(),
    "metaspace": metaspaced(),
    "encoder": Letters(),
    "counter": Counter(),
}


@pytest.fixture(params=TOKENIZERS)
def tokenizer(request: pytest.FixtureRequest) -> object:
    return TOKENIZERS[request.param]


class TestContract(ChunkerContract):
    """TokenChunker is a chunker."""

    @pytest.fixture
    def chunker(self) -> TokenChunker:
        return TokenChunker(byte_level(), chunk_size=20, overlap=5)


class TestContractByCounting(ChunkerContract):
    """It is one with a counter too."""

    @pytest.fixture
    def chunker(self) -> TokenChunker:
        return TokenChunker(Counter(), chunk_size=20, overlap=5)


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(max_examples=150, deadline=None)
@given(text=TEXTS, sizes=SIZES)
def test_laws_of_chunks_hold_on_any_text(laws, name, text, sizes):
    chunker = TokenChunker(TOKENIZERS[name], chunk_size=sizes[0], overlap=sizes[1])
    chunks = chunker.chunk(Document(content=text, source="a", doc_id="d"))
    laws(text, chunks)
    assert all(chunk.content == chunk.content.strip() for chunk in chunks)


def cut(tokenizer: object, text: str, size: int, overlap: int = 0) -> list[str]:
    chunker = TokenChunker(tokenizer, chunk_size=size, overlap=overlap)
    return [chunk.content for chunk in chunker.chunk(Document(content=text, source="a"))]


def test_chunks_hold_no_more_tokens_than_they_may():
    tokenizer = byte_level()
    for chunk in cut(tokenizer, PROSE * 20, 40, 10):
        # The space before the first word belongs to its token in the running text.
        assert 30 <= len(tokenizer.encode(" " + chunk).ids) <= 40 or PROSE.endswith(chunk + " ")


def test_overlap_is_counted_in_tokens():
    chunks = TokenChunker(Letters(), chunk_size=10, overlap=4).chunk(
        Document(content="abcdefghij" * 10, source="a")
    )
    assert [(chunk.start, chunk.end) for chunk in chunks[:3]] == [(0, 20), (12, 32), (24, 44)]


def test_cuts_are_between_words_where_words_are_near():
    for chunk in cut(byte_level(), PROSE * 10, 64, 16):
        assert chunk[0] in "Tqbfjoltadas"
        assert f" {chunk} " in " " + PROSE * 10


def test_a_character_of_many_tokens_is_never_divided():
    assert cut(byte_level(), "\U0001f600" * 5, 1) == ["\U0001f600"] * 5
    assert cut(byte_level(), "\U0001f600" * 5, 9) == ["\U0001f600" * 2] * 2 + ["\U0001f600"]


def test_limits_in_the_tokenizers_settings_lose_no_text():
    tokenizer = word_pieces()
    assert "".join(cut(tokenizer, "abc " * 1_000, 16)).count("abc") == 1_000
    assert tokenizer.truncation is not None, "the user's own tokenizer was changed"


def test_an_unknown_word_is_no_chunk_of_any_length():
    assert max(map(len, cut(word_pieces(), "x" * 100_000, 16))) <= 1_600
    assert max(map(len, cut(word_pieces(), "\0" * 100_000, 16))) <= 1_600


def test_windows_do_not_show():
    text = PROSE * 400
    found = TokenChunker(byte_level(), chunk_size=64, overlap=0).chunk(
        Document(content=text, source="a")
    )
    whole = len(byte_level().encode(text).ids)
    # Those that cross the border of a window may be a token shorter.
    assert whole / 65 <= len(found) <= whole / 60


class Watched(Letters):
    """Notes how long the texts are that it gets."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        self.seen.append(len(text))
        return super().token_offsets(text)


@pytest.mark.parametrize("piece", ["x", "word ", "\n", "e\u0301", "\0"])
def test_each_character_is_encoded_once_in_bounded_windows(piece: str):
    encoder, text = Watched(), (piece * 50_000)[:50_000]
    TokenChunker(encoder).chunk(Document(content=text, source="a"))
    assert sum(encoder.seen) == 50_000
    assert max(encoder.seen) <= 4_000


def test_a_tokenizer_is_read_from_its_file(tmp_path: Path):
    path = tmp_path / "tokenizer.json"
    byte_level().save(str(path))
    assert cut(path, PROSE, 20) == cut(str(path), PROSE, 20) == cut(byte_level(), PROSE, 20)


def test_another_tokenizer_has_another_fingerprint():
    one, two = TokenChunker(byte_level()), TokenChunker(word_pieces())
    assert one.fingerprint
    assert one.fingerprint != two.fingerprint


@pytest.mark.parametrize("piece", ["a", "word ", "\U0001f600", " \n", "\0", "e\u0301"])
def test_counting_takes_few_looks_at_each_character(piece: str):
    def work(length: int) -> int:
        counter = Counter()
        text = (piece * length)[:length] + "."
        TokenChunker(counter, chunk_size=64, overlap=16).chunk(Document(content=text, source="a"))
        return counter.counted

    assert work(40_000) <= 4.4 * work(10_000) + 2_000
    assert work(40_000) <= 8 * 40_000


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (8, 8), (8, -1)])
def test_sizes_that_make_no_sense_are_refused(size: int, overlap: int):
    with pytest.raises(ConfigurationError, match=r"chunk_size|overlap"):
        TokenChunker(Letters(), chunk_size=size, overlap=overlap)
