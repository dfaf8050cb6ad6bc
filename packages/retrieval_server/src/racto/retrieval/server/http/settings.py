"""Settings of the HTTP server: sizes, times, and who may call from where."""

from __future__ import annotations

from dataclasses import dataclass

from racto.core.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSettings:
    """What the server allows one request, and how it ends.

    Args:
        max_body_bytes: Largest body; counted while it is read.
        max_depth: How deep objects and lists may be nested in a body.
        max_requests: Most requests in one body of the batch form.
        timeout_s: Seconds that a request may take; clients ask for less by ``X-Request-Timeout``.
        body_timeout_s: Seconds in which a body must have arrived.
        grace_s: Seconds in which what is under way is finished at the end.
        cors: Origins whose pages may call, such as ``https://search.example``; ``*`` for all.
        log_queries: Whether the log repeats what people search for.

    Raises:
        ConfigurationError: If a size or a time is not above 0.
    """

    max_body_bytes: int = 16 * 1024 * 1024
    max_depth: int = 32
    max_requests: int = 256
    timeout_s: float = 600.0
    body_timeout_s: float = 30.0
    grace_s: float = 30.0
    cors: tuple[str, ...] = ()
    log_queries: bool = False

    def __post_init__(self) -> None:
        for name in (
            "max_body_bytes", "max_depth", "max_requests", "timeout_s", "body_timeout_s", "grace_s"
        ):  # fmt: skip
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"{name} must be above 0: {getattr(self, name)!r}")
