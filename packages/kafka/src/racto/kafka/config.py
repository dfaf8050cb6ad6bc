"""The settings of producers and consumers, checked when they are made and free of secrets in print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from .option_checks import checked_extra

SecurityProtocol: TypeAlias = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
"""How a client speaks to the brokers."""

FOREVER = 2**31 - 1
"""Most of what librdkafka counts in 32 bits; as a number of retries it means no limit."""

_DAY_MS = 86_400_000


def _servers(value: str | list[str]) -> str | list[str]:
    hosts = value.split(",") if isinstance(value, str) else value
    if not any(host.strip() for host in hosts):
        raise ValueError("names no broker; give host:port, or a list of them")
    return value


def _hidden(value: Any) -> Any:
    return SecretStr(value) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _acks(value: Any) -> Any:
    # -1 is the wire's spelling of "all", and configuration files often hold numbers.
    known = {"all": "all", "-1": "all", "0": "0", "1": "1"}
    if str(value) not in known:
        raise ValueError("must be all, 0 or 1")
    return known[str(value)]


class _Connection(BaseModel):
    # Errors would show the input, and the input may hold a password.
    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True
    )

    # What `extra` may not repeat: by librdkafka's name the field that sets it.
    owned: ClassVar[Mapping[str, str]] = {}
    role: ClassVar[Literal["producer", "consumer"]] = "producer"

    bootstrap_servers: Annotated[str | list[str], AfterValidator(_servers)] = "localhost:9092"
    client_id: str = Field(default="racto", min_length=1)
    security_protocol: Annotated[
        SecurityProtocol, BeforeValidator(lambda v: v.upper() if isinstance(v, str) else v)
    ] = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_plain_username: str | None = None
    sasl_plain_password: Annotated[SecretStr | str | None, BeforeValidator(_hidden)] = None
    extra: dict[str, Any] = Field(default_factory=dict)

    @field_validator("extra")
    @classmethod
    def _extra_is_known(cls, value: dict[str, Any]) -> dict[str, Any]:
        return checked_extra(value, role=cls.role, owned=cls.owned)

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Self:
        has_sasl = self.security_protocol.startswith("SASL_")
        if not has_sasl and (self.sasl_mechanism or self.sasl_plain_password):
            raise ValueError(
                f"security_protocol: {self.security_protocol} sends no credentials, and "
                "sasl_mechanism or sasl_plain_password is given; use SASL_SSL"
            )
        if (self.sasl_plain_username is None) != (self.sasl_plain_password is None):
            raise ValueError("give sasl_plain_username and sasl_plain_password, or neither")
        return self


_CONNECTION_OPTIONS = {
    "bootstrap.servers": "bootstrap_servers",
    "metadata.broker.list": "bootstrap_servers",
    "client.id": "client_id",
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
}


class KafkaProducerConfig(_Connection):
    """The settings of :class:`~racto.kafka.KafkaProducerClient`.

    Attributes:
        bootstrap_servers: Brokers to begin with, ``host:port``: a list, or text with commas.
        client_id: What the brokers' logs call this client.
        acks: Who must have a record before it counts as delivered: ``all`` in-sync replicas, the
            leader (``1``), or nobody (``0``). Only ``all`` loses nothing; with it the producer is
            idempotent: what it sends again arrives once, and in order.
        linger_ms: Milliseconds to wait for more records before a batch is sent.
        compression_type: ``gzip``, ``snappy``, ``lz4`` or ``zstd``; None for none.
        retries: How often a request is sent again. The default leaves it to
            ``delivery.timeout.ms`` in ``extra`` (5 minutes); the reference's 3 gives records up
            while a partition elects its leader.
        request_timeout_ms: Milliseconds that a broker may take for its replicas.
        security_protocol: ``PLAINTEXT``, ``SSL``, ``SASL_PLAINTEXT`` or ``SASL_SSL``.
        sasl_mechanism: Such as ``PLAIN`` or ``SCRAM-SHA-512``; None for librdkafka's choice.
        sasl_plain_username: User of PLAIN and SCRAM.
        sasl_plain_password: Their password; it never prints.
        extra: Further options under librdkafka's own names, such as ``message.max.bytes``.
    """

    role = "producer"
    owned = {
        **_CONNECTION_OPTIONS,
        "acks": "acks",
        "request.required.acks": "acks",
        "linger.ms": "linger_ms",
        "queue.buffering.max.ms": "linger_ms",
        "compression.type": "compression_type",
        "compression.codec": "compression_type",
        "retries": "retries",
        "message.send.max.retries": "retries",
        "request.timeout.ms": "request_timeout_ms",
    }

    client_id: str = Field(default="racto-producer", min_length=1)
    acks: Annotated[Literal["all", "0", "1"] | int, BeforeValidator(_acks)] = "all"
    linger_ms: int = Field(default=5, ge=0, le=900_000)
    compression_type: Literal["none", "gzip", "snappy", "lz4", "zstd"] | None = "gzip"
    retries: int = Field(default=FOREVER, ge=0, le=FOREVER)
    request_timeout_ms: int = Field(default=30_000, ge=1, le=900_000)


class KafkaConsumerConfig(_Connection):
    """The settings of :class:`~racto.kafka.KafkaConsumerClient`.

    Attributes:
        topics: Topics to read: one name or several; ``^...`` is a pattern. Empty when the caller
            assigns partitions itself.
        bootstrap_servers: Brokers to begin with, ``host:port``: a list, or text with commas.
        group_id: The group that shares the partitions and keeps the offsets. None for none: the
            consumer reads all partitions of the topics that are there when it starts, and commits
            nothing.
        auto_offset_reset: Where to begin in a partition of which the group has no offset;
            ``none`` raises an error instead.
        enable_auto_commit: Whether offsets are committed in the background as messages are handed
            out, handled or not. What a crash interrupts is then lost.
        max_poll_records: Most messages that one poll returns.
        poll_timeout_ms: Milliseconds that a poll waits for the first message.
        session_timeout_ms: Milliseconds after which a silent member loses its partitions.
        client_id: What the brokers' logs call this client.
        security_protocol: ``PLAINTEXT``, ``SSL``, ``SASL_PLAINTEXT`` or ``SASL_SSL``.
        sasl_mechanism: Such as ``PLAIN`` or ``SCRAM-SHA-512``; None for librdkafka's choice.
        sasl_plain_username: User of PLAIN and SCRAM.
        sasl_plain_password: Their password; it never prints.
        extra: Further options under librdkafka's own names, such as ``isolation.level``.
    """

    role = "consumer"
    owned = {
        **_CONNECTION_OPTIONS,
        "group.id": "group_id",
        "auto.offset.reset": "auto_offset_reset",
        "enable.auto.commit": "enable_auto_commit",
        "auto.commit.enable": "enable_auto_commit",
        "session.timeout.ms": "session_timeout_ms",
    }

    topics: Annotated[str | Sequence[str], BeforeValidator(_listed)] = ()
    client_id: str = Field(default="racto-consumer", min_length=1)
    group_id: str | None = Field(default=None, min_length=1)
    auto_offset_reset: Literal["earliest", "latest", "none"] = "latest"
    enable_auto_commit: bool = False
    max_poll_records: int = Field(default=500, ge=1, le=1_000_000)
    poll_timeout_ms: int = Field(default=1000, ge=0, le=_DAY_MS)
    session_timeout_ms: int = Field(default=45_000, ge=1, le=3_600_000)

    @field_validator("topics")
    @classmethod
    def _topics_have_names(cls, value: str | Sequence[str]) -> tuple[str, ...]:
        names = (value,) if isinstance(value, str) else tuple(value)
        if not all(names):
            raise ValueError("holds an empty name")
        return names

    @property
    def topic_names(self) -> tuple[str, ...]:
        """The topics, however they were given."""
        return (self.topics,) if isinstance(self.topics, str) else tuple(self.topics)

    @model_validator(mode="after")
    def _commits_need_a_group(self) -> Self:
        if self.enable_auto_commit and self.group_id is None:
            raise ValueError("enable_auto_commit: needs a group_id, which keeps the offsets")
        return self
