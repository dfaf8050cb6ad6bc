"""Importing and even making a kit loads no SDK; names are found by entry points."""

from __future__ import annotations

import subprocess
import sys

import pytest

from racto.core import discovery

HEAVY = "openai anthropic google.auth httpx2 httpx numpy tokenizers tiktoken safetensors wordllama"


@pytest.mark.parametrize(
    "statement",
    [
        "import racto.providers",
        "from racto.providers import Gateway",
        "from racto.providers import CostAwareRouter, FallbackKit, PriceTable, TokenTruncator",
        "from racto.providers.openai import OpenAIDeveloperKit, OpenAIEmbedder, OpenAILLMKit",
        "from racto.providers.openai import Chat; Chat('m', api_key='k'); Chat()",
        "from racto.providers.openai import OpenAIEmbedder; OpenAIEmbedder()",
        "from racto.providers.anthropic import Chat; Chat('m', api_key='k'); Chat()",
        "from racto.providers.google import Chat; Chat('m', api_key='k'); Chat()",
        "from racto.providers.google import GoogleEmbedder; GoogleEmbedder(api_key='k')",
        "from racto.providers.ollama import Chat; Chat('m'); Chat()",
        "from racto.providers.huggingface import Chat; Chat('m', api_key='k'); Chat()",
        "from racto.providers.voyage import VoyageEmbedder; VoyageEmbedder(api_key='k')",
        "from racto.providers.local import LocalEmbedder; LocalEmbedder()",
    ],
)
def test_nothing_heavy_is_loaded(statement: str) -> None:
    program = f"import sys; {statement}; print([m for m in '{HEAVY}'.split() if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_kits_and_embedders_are_found_by_name() -> None:
    kits, embedders = discovery.names("racto.chat_kits"), discovery.names("racto.embedders")
    assert {"openai", "anthropic", "google", "ollama", "huggingface"} <= set(kits)
    assert {"openai", "google", "voyage", "ollama", "huggingface", "local", "minilm"} <= set(
        embedders
    )
    assert discovery.create("racto.embedders", "local").dimension == 256
    for name in kits:
        assert discovery.create("racto.chat_kits", name, model="m").model == "m"
