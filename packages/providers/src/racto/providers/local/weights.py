"""The word vectors and the tokenizer that lie in the wordllama wheel, loaded without its code.

wordllama's own loader wants to download files that its wheel already holds, and its import
configures the root logger; only its data is used here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.providers.arrays import numpy
from racto.providers.tokens import load_tokenizer

from .tensors import open_tensors

NAME = "l2_supercat_256"
_WEIGHTS = Path("weights", f"{NAME}.safetensors")
_TOKENIZER = Path("tokenizers", "l2_supercat_tokenizer_config.json")
_PURPOSE = "the local embedder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What the local embedder computes with.

    Attributes:
        vectors: One vector a token, shape (32000, d), float32, C-contiguous.
        tokenizer: Splits texts into tokens.
    """

    vectors: Any
    tokenizer: Any


def load_weights(dimensions: int) -> Weights:
    """Read the weights; 0.2 s of processor time and 32 MB at full length.

    Args:
        dimensions: Length of the vectors: the first so many of 256 values, which were trained
            to stand alone at 64 and 128.

    Raises:
        MissingExtraError: If a library of the extra is not installed.
        ConfigurationError: If the installed wordllama holds no such files.
    """
    np = numpy(purpose=_PURPOSE)
    folder = _folder()
    with open_tensors(folder / _WEIGHTS, purpose=_PURPOSE) as tensors:
        # There is one tensor, and its name has changed between versions.
        table = tensors.get_tensor(next(iter(tensors.keys())))
    # The file holds half floats: converting once is cheaper than at every lookup.
    vectors = np.ascontiguousarray(table[:, :dimensions], dtype=np.float32)
    tokenizer = load_tokenizer(folder / _TOKENIZER, install="racto-providers[local]")
    return Weights(vectors=vectors, tokenizer=tokenizer)


def _folder() -> Path:
    # Finding the package does not import it.
    spec = find_spec("wordllama")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not places:
        raise _missing("wordllama")
    folder = Path(places[0])
    for file in (_WEIGHTS, _TOKENIZER):
        if not (folder / file).is_file():
            raise ConfigurationError(
                f"the installed wordllama holds no {file}; install the version that racto was "
                'tested with: pip install "racto-providers[local]"'
            )
    return folder


def _missing(library: str) -> MissingExtraError:
    return MissingExtraError(library, install="racto-providers[local]", purpose=_PURPOSE)
