"""Texts and a tokenizer for the chunkers that look at structure, the same in every environment."""

from __future__ import annotations

import sysconfig
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from text import documentation


@lru_cache
def source_code(size: int) -> str:
    """So many characters of Python's own standard library, repeated where they end."""
    library = Path(sysconfig.get_paths()["stdlib"])
    names = ("argparse", "ast", "difflib", "inspect", "locale", "mailbox", "pickle", "tarfile")
    text = "\n\n".join((library / f"{name}.py").read_text(encoding="utf-8") for name in names)
    return (text * (size // len(text) + 1))[:size]


@lru_cache
def markdown(size: int) -> str:
    """Headings, paragraphs, lists, code and tables, of the documentation's words."""
    parts: list[str] = []
    length = 0
    for number, block in enumerate(documentation(2 * size).split("\n\n")):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if number % 12 == 0:
            part = f"{'#' * (1 + number // 12 % 3)} Part {number}"
        elif number % 12 == 5:
            part = "\n".join(["```", *lines, "```"])
        elif number % 12 == 8:
            part = "\n".join(["| line | text |", "|---|---|", *[f"| x | {x} |" for x in lines]])
        elif number % 12 == 10:
            part = "\n".join(f"- {line}" for line in lines)
        else:
            part = " ".join(lines)
        parts.append(part)
        length += len(part) + 2
        if length >= size:
            break
    return "\n\n".join(parts)[:size]


@lru_cache
def tokenizer_file() -> str:
    """The path of a byte-level tokenizer of 8,000 tokens, learned from the documentation."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=8_000,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([documentation(500_000)], trainer)
    path = Path(mkdtemp()) / "tokenizer.json"
    tokenizer.save(str(path))
    return str(path)
