"""Where codecs come from."""

from __future__ import annotations

import pytest

from racto.batch.codecs import codec_of
from racto.core import ConfigurationError

from .harness.codecs import ChatCodec


class Kit:
    """Something that can show how it speaks."""

    codec = ChatCodec()


def test_a_codec_or_a_kit_is_taken_as_it_is() -> None:
    own = ChatCodec()
    assert codec_of("openai", own, model="m") is own
    assert codec_of("openai", Kit(), model="m") is Kit.codec


def test_what_is_of_another_provider_or_no_codec_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'openai'"):
        codec_of("anthropic", ChatCodec(), model="m")
    with pytest.raises(ConfigurationError, match="not a str"):
        codec_of("openai", "a kit", model="m")  # type: ignore[arg-type]
