"""Which distribution to install for a well-known plug-in: data for errors, nothing is imported."""

from __future__ import annotations

from collections.abc import Mapping

_PROVIDERS = {
    name: f"racto-providers[{name}]"
    for name in ("openai", "anthropic", "google", "ollama", "huggingface", "voyage", "local")
}

# One distribution a store, so that a store's client library is never a surprise.
_STORES = {
    name: f"racto-stores-{name}"
    for name in (
        "chroma",
        "faiss",
        "memory",
        "milvus",
        "pgvector",
        "pinecone",
        "qdrant",
        "weaviate",
    )
}

_CACHES = {"redis": "racto-cache[redis]", "memory": "racto-cache"}

_READERS = {
    **dict.fromkeys(("text", "markdown", "json", "email"), "racto-rag"),
    **{name: f"racto-rag[{name}]" for name in ("html", "pdf", "docx", "pptx", "epub")},
    "spreadsheet": "racto-rag[spreadsheets]",
    "image": "racto-rag[images]",
}

_CHUNKERS = {
    **dict.fromkeys(("fixed", "recursive", "markdown", "code"), "racto-rag"),
    **dict.fromkeys(("sentence", "semantic"), "racto-rag[sentences]"),
    "token": "racto-rag[tokens]",
}

INSTALLS: Mapping[str, Mapping[str, str]] = {
    "racto.chat_kits": {name: line for name, line in _PROVIDERS.items() if name != "voyage"},
    "racto.embedders": {
        **{name: line for name, line in _PROVIDERS.items() if name != "anthropic"},
        "minilm": "racto-providers[minilm]",
    },
    "racto.vector_stores": _STORES,
    "racto.readers": _READERS,
    "racto.chunkers": _CHUNKERS,
    "racto.caches": {**_CACHES, "exact": "racto-cache", "semantic": "racto-cache"},
    "racto.chat_memories": _CACHES,
    "racto.rate_limiters": _CACHES,
    "racto.audit_loggers": {"kafka": "racto-kafka"},
    "racto.job_queues": {"celery": "racto-celery"},
    "racto.event_sinks": {"kafka": "racto-kafka"},
    "racto.tool_servers": {"mcp": "racto-tools-mcp"},
    "racto.commands": {
        "rag": "racto-rag",
        "stores": "racto-core",
        "retrieval-server": "racto-retrieval-server",
        "mcp": "racto-tools-mcp",
    },
}
"""By entry-point group and name: the requirement that offers it."""


def install_line(group: str, name: str) -> str | None:
    """The command that installs a well-known plug-in; None for others."""
    requirement = INSTALLS.get(group, {}).get(name)
    return f'pip install "{requirement}"' if requirement else None
