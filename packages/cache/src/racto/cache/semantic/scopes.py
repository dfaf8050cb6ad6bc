"""The scope of a request: everything that decides its reply, but for the words of the question."""

from __future__ import annotations

from hashlib import blake2b

from racto.cache.keys import find_key
from racto.core.requests import ChatRequest


def scope_of(request: ChatRequest) -> str | None:
    """Equal for requests whose replies may stand in for each other when they ask the same.

    It covers provider, model, system text, tenant, and each field of the config that decides a
    reply: history, tools, response model, attachments, sampling.

    Args:
        request: What is asked.

    Returns:
        The scope; None when the request holds objects that no cache can tell apart.
    """
    key = find_key(request, without_question=True)
    return None if key is None else f"request:{key}"


def named_scope(name: str) -> str:
    """The scope that a caller of ``get`` and ``put`` names; no request shares it.

    Args:
        name: Such as a tenant, or a hash of system text and model.
    """
    # With a mark of its own, so that no name can spell a request's key.
    return f"named:{name}"


def question_id(query: str) -> str:
    """A name for a question within its scope, short and the same in every process."""
    return blake2b(query.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
