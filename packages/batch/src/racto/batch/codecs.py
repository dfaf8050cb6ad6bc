"""Where a processor's codec comes from: handed in, taken from a kit, or made of an installed one."""

from __future__ import annotations

from pydantic import SecretStr

from racto.core.discovery import find
from racto.core.errors import ConfigurationError
from racto.core.protocols.codecs import Encoding, RequestCodec

_OTHERS = frozenset({"openai", "anthropic", "google"})


def codec_of(
    provider: str,
    given: RequestCodec | Encoding | None,
    *,
    model: str | None,
    api_key: str | SecretStr | None = None,
    base_url: str | None = None,
) -> RequestCodec:
    """The codec that shapes requests and reads replies.

    Args:
        provider: Name of the provider.
        given: A codec, or a kit that has one; None to make the kit that is installed for the
            provider.
        model: Model for requests that name none; None for the kit's own.
        api_key: The kit's key.
        base_url: The kit's base URL.

    Raises:
        PluginNotFoundError: If there is no such kit; the message has the line that installs it.
        ConfigurationError: If what is given is of another provider, or has no codec.
    """
    if given is None:
        # By name: packages of racto never import each other.
        kit = find("racto.chat_kits", provider)(model, api_key=api_key, base_url=base_url)
        if not isinstance(kit, Encoding):
            raise ConfigurationError(
                f"the kit {provider!r} that is installed has no codec; run: "
                'pip install --upgrade "racto-providers"'
            )
        return kit.codec
    codec = given.codec if isinstance(given, Encoding) else given
    if not isinstance(codec, RequestCodec):
        raise ConfigurationError(
            f"codec= takes a RequestCodec or a kit that has one, not a {type(given).__name__}"
        )
    # Servers that speak another's API have names of their own.
    if codec.provider in _OTHERS - {provider}:
        raise ConfigurationError(
            f"codec= is {codec.provider!r}'s, this processor is {provider!r}'s"
        )
    return codec
