"""A cluster of Kafka brokers inside this process, made of librdkafka's mock; nothing is kept."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Sequence

from racto.core.errors import ConfigurationError

from .librdkafka import loaded
from .requests import api_key, api_name

# From librdkafka's own, which are negative, to the last of Kafka's.
_CODES = range(-300, 200)
_PRODUCER = 0
_LONGEST_REASON = 512


class Cluster:
    """Brokers that listen on free ports of this machine until the process ends.

    Args:
        brokers: How many.
        rebalance_delay_ms: How long a new group waits for further members.

    Raises:
        ConfigurationError: If librdkafka cannot start them.
    """

    def __init__(self, brokers: int, *, rebalance_delay_ms: int = 0) -> None:
        self._call = loaded()
        self._codes = {self._name_of(code): code for code in _CODES}
        reason = ctypes.create_string_buffer(_LONGEST_REASON)
        settings = self._call.rd_kafka_conf_new()
        # The mock's host client connects to nobody, and would say so on stderr.
        self._call.rd_kafka_conf_set(settings, b"log_level", b"0", reason, _LONGEST_REASON)
        client = self._call.rd_kafka_new(_PRODUCER, settings, reason, _LONGEST_REASON)
        if not client:
            raise ConfigurationError(f"librdkafka did not start: {reason.value.decode()}")
        self._handle = self._call.rd_kafka_mock_cluster_new(client, brokers)
        if not self._handle:
            raise ConfigurationError(f"librdkafka could not start {brokers} brokers")
        self._call.rd_kafka_mock_group_initial_rebalance_delay_ms(self._handle, rebalance_delay_ms)
        self._call.rd_kafka_mock_start_request_tracking(self._handle)

    def bootstrap_servers(self) -> str:
        """The brokers' addresses, with commas between."""
        return str(self._call.rd_kafka_mock_cluster_bootstraps(self._handle).decode())

    def create_topic(self, topic: str, partitions: int, replicas: int) -> None:
        """Create a topic."""
        self._do("mock_topic_create", topic.encode(), partitions, replicas)

    def fail_topic(self, topic: str, error: str) -> None:
        """Refuse requests that name a topic; ``NO_ERROR`` ends it."""
        self._call.rd_kafka_mock_topic_set_error(self._handle, topic.encode(), self._code(error))

    def fail(self, request: str, errors: Sequence[str]) -> None:
        """Refuse the next requests of a kind, one for each error."""
        codes = (ctypes.c_int * len(errors))(*map(self._code, errors))
        self._call.rd_kafka_mock_push_request_errors_array(
            self._handle, api_key(request), len(errors), codes
        )

    def clear(self, request: str) -> None:
        """Forget the errors that are still to come."""
        self._call.rd_kafka_mock_clear_request_errors(self._handle, api_key(request))

    def delay(self, milliseconds: int, broker: int) -> None:
        """Let each answer of a broker take so long."""
        self._do("mock_broker_set_rtt", broker, milliseconds)

    def stop(self, broker: int) -> None:
        """Close a broker's connections and refuse new ones."""
        self._do("mock_broker_set_down", broker)

    def start(self, broker: int) -> None:
        """Let a broker accept connections again."""
        self._do("mock_broker_set_up", broker)

    def lead(self, topic: str, partition: int, broker: int) -> None:
        """Make a broker the leader of a partition; -1 leaves it without one."""
        self._do("mock_partition_set_leader", topic.encode(), partition, broker)

    def coordinate(self, kind: str, key: str, broker: int) -> None:
        """Make a broker the coordinator of a group or of a transaction."""
        self._do("mock_coordinator_set", kind.encode(), key.encode(), broker)

    def trim(self, topic: str, partition: int, before: int) -> None:
        """Delete a partition's records before an offset."""
        self._do("mock_partition_delete_records", topic.encode(), partition, before)

    def requests(self) -> dict[str, int]:
        """How many requests of each kind have come, and start counting again."""
        count = ctypes.c_size_t()
        found = self._call.rd_kafka_mock_get_requests(self._handle, ctypes.byref(count))
        keys = [self._call.rd_kafka_mock_request_api_key(found[i]) for i in range(count.value)]
        if count.value:
            self._call.rd_kafka_mock_request_destroy_array(found, count.value)
        self._call.rd_kafka_mock_clear_requests(self._handle)
        return dict(Counter(map(api_name, keys)))

    def _do(self, function: str, *arguments: object) -> None:
        code = getattr(self._call, f"rd_kafka_{function}")(self._handle, *arguments)
        if code:
            raise ConfigurationError(f"{function}{arguments} was refused: {self._name_of(code)}")

    def _name_of(self, code: int) -> str:
        return str(self._call.rd_kafka_err2name(code).decode())

    def _code(self, name: str) -> int:
        if name not in self._codes:
            raise ConfigurationError(
                f"{name!r:.80} is no error of Kafka's; give a name as in "
                "confluent_kafka.KafkaError, such as NOT_ENOUGH_REPLICAS"
            )
        return self._codes[name]
