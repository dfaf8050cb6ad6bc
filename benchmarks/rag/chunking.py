"""What is asked of chunkers by sentence, token and structure: the speed of their libraries."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Environment, Side

LANGCHAIN = Environment(
    name="langchain-splitters", requirements=("langchain-text-splitters==1.1.0",)
)
SENTENCEX = Environment(name="sentencex", requirements=("sentencex==1.0.32",))
TOKENIZERS = Environment(name="tokenizers", requirements=("tokenizers==0.23.3",))
SIMPLEMMA = Environment(name="simplemma", requirements=("simplemma==2.0.0",))

DOCUMENTS = {"size": 2_000_000, "each": 20_000}
FEW = {"size": 200_000}


def ours(function: str) -> Side:
    """A function of our side."""
    return Side(file="side_chunkers.py", function=function)


def rate(name: str, **fields: Any) -> Case:
    """A case in MB (10^6 characters) of text a second."""
    return Case(
        name=name, unit="MB/s", measure="rate", better="higher", scale=1e-6, runs=5, **fields
    )


CHUNKING_CASES = [
    rate(
        "sentence chunks of 2 MB, documents of 20 kB",
        how="five sentences, one repeated; Python's documentation; peer: sentences with offsets",
        given=DOCUMENTS,
        quick=FEW,
        ours=ours("sentences"),
        peer=Side(file="side_sentencex.py", function="with_offsets", environment=SENTENCEX),
        peer_name="sentencex 1.0.32, boundaries",
        asked="ratio >= 0.9",
    ),
    rate(
        "sentence chunks of 2 MB against bare sentences",
        how="as above; peer: strings without offsets, empty lines lost, a microsecond a sentence",
        given=DOCUMENTS,
        quick=FEW,
        ours=ours("sentences"),
        peer=Side(file="side_sentencex.py", function="bare", environment=SENTENCEX),
        peer_name="sentencex 1.0.32, segment",
    ),
    rate(
        "sentence chunks of one paragraph of 1 MB",
        how="as above; the library's time grows with the square of a paragraph",
        given={"size": 1_000_000},
        quick={"size": 100_000},
        ours=ours("sentences_of_prose"),
        peer=Side(file="side_sentencex.py", function="paragraph", environment=SENTENCEX),
        peer_name="sentencex 1.0.32, segment",
        asked="ratio >= 0.9",
    ),
    rate(
        "token chunks of 2 MB, documents of 20 kB",
        how="256 tokens, 32 repeated, byte-level vocabulary of 8,000; peer: offsets of all tokens",
        given=DOCUMENTS,
        quick=FEW,
        ours=ours("tokens"),
        peer=Side(file="side_tokenizers.py", function="offsets", environment=TOKENIZERS),
        peer_name="tokenizers 0.23.3",
        asked="ratio >= 0.8",
    ),
    rate(
        "Markdown chunks of 2 MB",
        how="512 characters; headings, fences and tables respected; peer: documents with start index",
        given={"size": 2_000_000},
        quick=FEW,
        ours=ours("markdown"),
        peer=Side(file="side_structures.py", function="markdown", environment=LANGCHAIN),
        peer_name="langchain-text-splitters 1.1.0, Markdown",
        asked="ratio >= 0.9",
    ),
    rate(
        "code chunks of 2 MB",
        how="1,024 characters; definitions whole; peer: looks for class and def alone",
        given={"size": 2_000_000},
        quick=FEW,
        ours=ours("code"),
        peer=Side(file="side_structures.py", function="code", environment=LANGCHAIN),
        peer_name="langchain-text-splitters 1.1.0, Python",
        asked="ours >= 20",
    ),
    rate(
        "lemmas of 2 MB of documentation",
        how="whole text with its spaces and marks; peer: a list of lemmas",
        given={"size": 2_000_000},
        quick=FEW,
        ours=ours("lemmas"),
        peer=Side(file="side_simplemma.py", function="lemmas", environment=SIMPLEMMA),
        peer_name="simplemma 2.0.0, text_lemmatizer",
        asked="ratio >= 0.9",
    ),
]
