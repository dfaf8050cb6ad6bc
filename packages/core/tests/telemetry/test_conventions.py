"""The names are the conventions' own, and buckets rise."""

from __future__ import annotations

from racto.core.telemetry import conventions


def test_names_are_unique_and_never_the_abandoned_ones() -> None:
    names = [
        value
        for key, value in vars(conventions).items()
        if key.isupper() and isinstance(value, str) and "." in value
    ]
    assert len(names) == len(set(names)) > 40
    assert conventions.PROVIDER_NAME == "gen_ai.provider.name"
    assert not [name for name in names if name == "gen_ai.system" or name.startswith("llm.")]


def test_buckets_rise_and_metrics_have_units() -> None:
    for name, bounds in conventions.BUCKETS.items():
        assert list(bounds) == sorted(set(bounds))
        assert name in conventions.UNITS
