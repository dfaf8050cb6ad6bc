"""librdkafka as it comes with confluent-kafka, found on disk and called without its client."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path

from racto.core.errors import MissingExtraError

# Where a wheel puts it on Linux and Windows, and on macOS.
_PLACES = ("confluent_kafka.libs/librdkafka*", "confluent_kafka/.dylibs/librdkafka*")

_HANDLE, _TEXT, _INT, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
_ERRORS = ctypes.POINTER(ctypes.c_int)

# Result and arguments of each function; source: rdkafka.h and rdkafka_mock.h of librdkafka 2.
_FUNCTIONS: Mapping[str, tuple[object, tuple[object, ...]]] = {
    "conf_new": (_HANDLE, ()),
    "conf_set": (_INT, (_HANDLE, _TEXT, _TEXT, _TEXT, _SIZE)),
    "new": (_HANDLE, (_INT, _HANDLE, _TEXT, _SIZE)),
    "err2name": (_TEXT, (_INT,)),
    "mock_cluster_new": (_HANDLE, (_HANDLE, _INT)),
    "mock_cluster_bootstraps": (_TEXT, (_HANDLE,)),
    "mock_group_initial_rebalance_delay_ms": (None, (_HANDLE, ctypes.c_int32)),
    "mock_topic_create": (_INT, (_HANDLE, _TEXT, _INT, _INT)),
    "mock_topic_set_error": (None, (_HANDLE, _TEXT, _INT)),
    "mock_push_request_errors_array": (None, (_HANDLE, ctypes.c_int16, _SIZE, _ERRORS)),
    "mock_clear_request_errors": (None, (_HANDLE, ctypes.c_int16)),
    "mock_broker_set_rtt": (_INT, (_HANDLE, ctypes.c_int32, _INT)),
    "mock_broker_set_down": (_INT, (_HANDLE, ctypes.c_int32)),
    "mock_broker_set_up": (_INT, (_HANDLE, ctypes.c_int32)),
    "mock_partition_set_leader": (_INT, (_HANDLE, _TEXT, ctypes.c_int32, ctypes.c_int32)),
    "mock_coordinator_set": (_INT, (_HANDLE, _TEXT, _TEXT, ctypes.c_int32)),
    "mock_partition_delete_records": (_INT, (_HANDLE, _TEXT, ctypes.c_int32, ctypes.c_int64)),
    "mock_start_request_tracking": (None, (_HANDLE,)),
    "mock_get_requests": (ctypes.POINTER(_HANDLE), (_HANDLE, ctypes.POINTER(_SIZE))),
    "mock_request_api_key": (ctypes.c_int16, (_HANDLE,)),
    "mock_request_destroy_array": (None, (ctypes.POINTER(_HANDLE), _SIZE)),
    "mock_clear_requests": (None, (_HANDLE,)),
}


def located() -> str:
    """The library's path, or the name under which the system knows it.

    Raises:
        MissingExtraError: If neither confluent-kafka nor a librdkafka of the system is installed.
    """
    spec = find_spec("confluent_kafka")
    if spec is not None and spec.origin is not None:
        site = Path(spec.origin).parent.parent
        for pattern in _PLACES:
            for path in sorted(site.glob(pattern)):
                return str(path)
    # A client that was built from source uses the system's.
    if (system := find_library("rdkafka")) is not None:
        return system
    raise MissingExtraError("confluent_kafka", install="confluent-kafka", purpose="KafkaBroker")


def loaded() -> ctypes.CDLL:
    """Load the library and say what its functions take and return."""
    library = ctypes.CDLL(located())
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, f"rd_kafka_{name}")
        function.restype, function.argtypes = result, arguments
    return library
