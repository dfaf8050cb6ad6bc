"""The schema of a server's configuration: the names and defaults of RoutIR, and additions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    # A misspelt setting must be a mistake and not a default.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ServiceConfig(_Section):
    """One engine and how it is served.

    Args:
        name: Name in requests.
        engine: Name of the engine's class, or of a plug-in of the group ``racto.engines``.
        config: The engine's own settings.
        processor: Class of the processor of searches.
        cache: Most responses kept; -1 or 0 for none.
        cache_ttl: Seconds for which they are kept; -1 for ever.
        batch_size: Most requests in one batch.
        max_wait_time: Longest wait for a fuller batch, in seconds; only with ``prefer_full``.
        cache_key_fields: Accepted; the key is always made of all fields.
        cache_redis_url: A Redis server that keeps the responses instead of this process.
        cache_redis_kwargs: Options of its client.
        scoring_disabled: Whether the engine's scores are not served.
        prefer_full: Whether batches wait to become fuller.
        max_work: Most work (passages) in one batch.
        max_queue: Most requests that may wait.
        in_flight: How many batches may run at once.
    """

    name: str = Field(min_length=1)
    engine: str = Field(min_length=1)
    config: dict[str, Any]
    processor: str = "BatchQueryProcessor"
    cache: int = Field(default=-1, ge=-1)
    cache_ttl: float = 600
    batch_size: int = Field(default=32, ge=1)
    max_wait_time: float = Field(default=0.05, ge=0)
    cache_key_fields: tuple[str, ...] = ("query", "limit")
    cache_redis_url: str | None = None
    cache_redis_kwargs: dict[str, Any] | None = None
    scoring_disabled: bool = False
    prefer_full: bool = False
    max_work: float | None = Field(default=None, gt=0)
    max_queue: int = Field(default=1024, ge=1)
    in_flight: int = Field(default=1, ge=1)


class CollectionConfig(BaseModel):
    """A collection of documents; which settings there are depends on its processor.

    Args:
        name: Name in requests.
        processor: Class of the processor of documents; it is made with these settings.
    """

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    name: str = Field(min_length=1)
    processor: str = "ContentProcessor"


class HTTPConfig(_Section):
    """How the server answers; the command's options win over these.

    Args:
        host: The address to listen at.
        port: The port.
        api_keys: Keys of callers, or ``sha256:`` and the digest of one.
        cors: Origins whose pages may call.
        max_body_bytes: Largest body.
        max_requests: Most requests in one body of the batch form.
        timeout_s: Seconds that a request may take.
        grace_s: Seconds in which what is under way is finished at the end.
        log_queries: Whether the log repeats what people search for.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=5000, ge=0, le=65535)
    api_keys: tuple[str, ...] = ()
    cors: tuple[str, ...] = ()
    max_body_bytes: int = Field(default=16 * 1024 * 1024, ge=1)
    max_requests: int = Field(default=256, ge=1)
    timeout_s: float = Field(default=600.0, gt=0)
    grace_s: float = Field(default=30.0, gt=0)
    log_queries: bool = False


class ServerConfig(_Section):
    """The whole configuration.

    Args:
        services: Engines and how they are served.
        collections: Collections of documents.
        server_imports: Other servers; refused by this release.
        file_imports: Python files with engines; run only with the operator's consent.
        dynamic_pipeline: Whether callers may write pipelines; if not, they name aliases.
        pipeline_aliases: Names for whole pipelines.
        pipeline_cache: Most results of pipelines kept; -1 or 0 for none.
        pipeline_cache_ttl: Seconds for which they are kept.
        pipeline_cache_redis_url: A Redis server that keeps them.
        pipeline_cache_redis_kwargs: Options of its client.
        relay_content_cache: Accepted for RoutIR's sake; of use with ``server_imports`` only.
        relay_content_cache_ttl: As above.
        relay_content_cache_redis_url: As above.
        relay_content_cache_redis_kwargs: As above.
        http: How the server answers.
    """

    services: tuple[ServiceConfig, ...] = ()
    collections: tuple[CollectionConfig, ...] = ()
    server_imports: tuple[str | dict[str, Any], ...] = ()
    file_imports: tuple[str, ...] = ()
    dynamic_pipeline: bool = True
    pipeline_aliases: dict[str, str] = Field(default_factory=dict)
    pipeline_cache: int = Field(default=-1, ge=-1)
    pipeline_cache_ttl: float = 600
    pipeline_cache_redis_url: str | None = None
    pipeline_cache_redis_kwargs: dict[str, Any] = Field(default_factory=dict)
    relay_content_cache: int = -1
    relay_content_cache_ttl: float = 600
    relay_content_cache_redis_url: str | None = None
    relay_content_cache_redis_kwargs: dict[str, Any] = Field(default_factory=dict)
    http: HTTPConfig = Field(default_factory=HTTPConfig)
