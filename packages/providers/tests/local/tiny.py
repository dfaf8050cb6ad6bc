"""A tiny BERT of random weights in a folder, and what it computes, written out number by number."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz?"]
WORDS += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
WIDTH, LAYERS, HEADS, INNER, POSITIONS = 16, 2, 4, 24, 64
CONFIG: dict[str, Any] = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "intermediate_size": INNER,
    "max_position_embeddings": POSITIONS,
    "layer_norm_eps": 1e-12,
}
POOLING: dict[str, Any] = {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
_AROUND = [{"SpecialToken": {"id": name, "type_id": 0}} for name in ("[CLS]", "[SEP]")]
TOKENIZER: dict[str, Any] = {
    "version": "1.0",
    # Files of real models cut and fill up by themselves, which must not be heeded.
    "truncation": {"max_length": 5, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
    "padding": None,
    "added_tokens": [],
    "normalizer": {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    },
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [_AROUND[0], {"Sequence": {"id": "A", "type_id": 0}}, _AROUND[1]],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {
            name: {"id": name, "ids": [WORDS.index(name)], "tokens": [name]}
            for name in ("[CLS]", "[SEP]")
        },
    },
    "decoder": None,
    "model": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {word: number for number, word in enumerate(WORDS)},
    },
}


def tensors(seed: int = 1) -> dict[str, Any]:
    """Random weights under the names that BERT's tensors have, large enough to matter."""
    chance = np.random.default_rng(seed)
    sizes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": (POSITIONS, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    norms, maps = ["embeddings.LayerNorm"], {}
    for n in range(LAYERS):
        layer = f"encoder.layer.{n}"
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            maps[f"{layer}.attention.{part}"] = (WIDTH, WIDTH)
        maps[f"{layer}.intermediate.dense"] = (INNER, WIDTH)
        maps[f"{layer}.output.dense"] = (WIDTH, INNER)
    for name, size in {**maps, **dict.fromkeys(norms, (WIDTH,))}.items():
        sizes |= {f"{name}.weight": size, f"{name}.bias": size[:1]}
    return {name: chance.normal(0, 0.6, size).astype(np.float32) for name, size in sizes.items()}


def written(folder: Path, *, weights: dict[str, Any] | None = None, **files: Any) -> Path:
    """The folder with all its files; ``config``, ``pooling``, ``modules`` or ``tokenizer`` replace
    what stands in one, None leaves the file out."""
    (folder / "1_Pooling").mkdir(parents=True)
    save_file(tensors() if weights is None else weights, str(folder / "model.safetensors"))
    contents = {"config": CONFIG, "pooling": POOLING, "tokenizer": TOKENIZER, **files}
    names = {"pooling": "1_Pooling/config.json"}
    for name, content in contents.items():
        if content is not None:
            (folder / names.get(name, f"{name}.json")).write_text(json.dumps(content))
    return folder


def plain(weights: dict[str, Any], tokens: list[int]) -> list[float]:
    """The vector of a text: the paper's formulas in Python's floats, one number at a time."""
    words, places, kinds = (
        weights[f"embeddings.{name}_embeddings.weight"].tolist()
        for name in ("word", "position", "token_type")
    )
    rows = [
        [
            word + place + kind
            for word, place, kind in zip(words[t], places[i], kinds[0], strict=True)
        ]
        for i, t in enumerate(tokens)
    ]
    rows = _norm(weights, "embeddings.LayerNorm", rows)
    for n in range(LAYERS):
        rows = _layer(weights, f"encoder.layer.{n}", rows)
    mean = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    length = math.hypot(*mean)
    return [value / length for value in mean]


def _layer(weights: dict[str, Any], name: str, rows: list[list[float]]) -> list[list[float]]:
    queries, keys, values = (
        _map(weights, f"{name}.attention.self.{part}", rows) for part in ("query", "key", "value")
    )
    size = WIDTH // HEADS
    found = [[0.0] * WIDTH for _ in rows]
    for head in range(HEADS):
        span = range(head * size, (head + 1) * size)
        for i, query in enumerate(queries):
            scores = [sum(query[c] * key[c] for c in span) / math.sqrt(size) for key in keys]
            shares = [math.exp(score) for score in scores]
            for c in span:
                found[i][c] = sum(s * v[c] for s, v in zip(shares, values, strict=True)) / sum(
                    shares
                )
    rows = _added(rows, _map(weights, f"{name}.attention.output.dense", found))
    rows = _norm(weights, f"{name}.attention.output.LayerNorm", rows)
    wide = _map(weights, f"{name}.intermediate.dense", rows)
    wide = [[x * 0.5 * (1 + math.erf(x / math.sqrt(2))) for x in row] for row in wide]
    rows = _added(rows, _map(weights, f"{name}.output.dense", wide))
    return _norm(weights, f"{name}.output.LayerNorm", rows)


def _map(weights: dict[str, Any], name: str, rows: list[list[float]]) -> list[list[float]]:
    matrix, bias = weights[f"{name}.weight"].tolist(), weights[f"{name}.bias"].tolist()
    return [
        [
            sum(x * w for x, w in zip(row, line, strict=True)) + b
            for line, b in zip(matrix, bias, strict=True)
        ]
        for row in rows
    ]


def _norm(weights: dict[str, Any], name: str, rows: list[list[float]]) -> list[list[float]]:
    scale, shift = weights[f"{name}.weight"].tolist(), weights[f"{name}.bias"].tolist()
    made = []
    for row in rows:
        mean = sum(row) / len(row)
        spread = math.sqrt(sum((x - mean) ** 2 for x in row) / len(row) + 1e-12)
        made.append(
            [(x - mean) / spread * s + b for x, s, b in zip(row, scale, shift, strict=True)]
        )
    return made


def _added(ones: list[list[float]], twos: list[list[float]]) -> list[list[float]]:
    return [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(ones, twos, strict=True)]
