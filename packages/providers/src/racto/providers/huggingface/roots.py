"""Where Hugging Face's router, or a server of one's own, has its API."""

from __future__ import annotations

ROUTER = "https://router.huggingface.co"


def root_of(base_url: str | None) -> str:
    """The root below which ``/v1/chat/completions`` lies.

    Args:
        base_url: Address of a server (TGI, vLLM, an Inference Endpoint), with or without
            ``/v1``; Hugging Face's router when None.
    """
    if base_url is None:
        return ROUTER
    return base_url.rstrip("/").removesuffix("/chat/completions").removesuffix("/v1")
