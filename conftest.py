"""What all tests share: settings of generated examples, and the addresses of real back ends."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault of the code: time is measured in benchmarks/, not by test deadlines.
settings.register_profile(
    "racto",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("racto")


@pytest.fixture(scope="session")
def address_of() -> Callable[[str], str]:
    """A function from a back end's name, such as ``redis``, to its address.

    Where the back end is not running the test is skipped, and says how to start it; with
    RACTO_REQUIRE_SERVICES=1, as in CI, it fails.
    """
    import services

    def find(name: str) -> str:
        found = services.locate(services.SERVICES[name])
        if found is None:
            refuse = pytest.fail if os.environ.get("RACTO_REQUIRE_SERVICES") == "1" else pytest.skip
            refuse(f"{name} is not running; `scripts/services start {name}` starts one")
        return found[0]

    return find
