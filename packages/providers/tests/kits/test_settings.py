"""What a kit's constructor was given, as settings that are whole."""

from __future__ import annotations

import pytest

from racto.core import ConfigurationError
from racto.core.telemetry.hooks import NOOP_METRICS, NOOP_TRACER
from racto.providers.kits.settings import KitSettings


class Shortest:
    """A router that always says the same."""

    def route(self, text: str) -> str:
        return "small"


def test_what_is_not_given_is_the_default() -> None:
    settings = KitSettings.of(None, router=None, tracer=None, metrics=None, scope="me")
    assert settings == KitSettings(scope="me")
    assert settings.tracer is NOOP_TRACER
    assert settings.metrics is NOOP_METRICS


def test_a_model_to_be_chosen_needs_who_chooses() -> None:
    with pytest.raises(ConfigurationError, match="router="):
        KitSettings.of("auto", router=None, tracer=None, metrics=None)
    router = Shortest()
    assert KitSettings.of("auto", router=router, tracer=None, metrics=None).router is router
