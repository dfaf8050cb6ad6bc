"""Files beside a user's words, in the shape of each provider's API, or a refusal that says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .errors import UnsupportedFeatureError
from .files import RactoFile

_AUDIO_FORMATS = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}


def user_turn(text: str, files: Sequence[RactoFile] = (), *, provider: str) -> dict[str, Any]:
    """The user's message with its attachments.

    Args:
        text: The user's words, which come after the files.
        files: The attachments.
        provider: ``openai``, ``anthropic``, ``google``, ``ollama`` or ``generic``.

    Raises:
        ValueError: If the provider is another one.
        UnsupportedFeatureError: If the provider cannot take a file.
    """
    if provider == "ollama":
        return _ollama(text, files)
    shape = _SHAPES.get(provider)
    if shape is None:
        known = ", ".join(sorted([*_SHAPES, "ollama"]))
        raise ValueError(f"unknown provider {provider!r}; known: {known}")
    if not files:
        return {"role": "user", "content": text}
    blocks = [shape(file) for file in files]
    # Files first: the providers advise it, since a question reads better after its material.
    blocks.append({"text": text} if provider == "google" else _text_block(text))
    return {"role": "user", "content": blocks}


def text_of(file: RactoFile) -> str:
    """The text of a text file under a line with its name.

    Raises:
        UnsupportedFeatureError: If it is not UTF-8.
    """
    try:
        # "-sig" drops the byte order mark that Windows editors leave; models stumble over it.
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnsupportedFeatureError(
            f"{_called(file)} is declared as {file.mime_type} but is not UTF-8 text (byte "
            f"{error.start}); convert it to UTF-8 first",
            feature="attachments",
        ) from error
    return f"[File: {file.name}]\n{text}" if file.name else text


def _openai(file: RactoFile) -> dict[str, Any]:
    if file.is_pdf:
        named = {"filename": file.name or "document.pdf", "file_data": file.data_uri}
        # The API wants a data URI here, unlike in the audio block below.
        return {"type": "file", "file": named}
    if file.mime_type in _AUDIO_FORMATS:
        sound = {"data": file.base64_data, "format": _AUDIO_FORMATS[file.mime_type]}
        return {"type": "input_audio", "input_audio": sound}
    return _generic(file, "openai")


def _generic(file: RactoFile, provider: str = "generic") -> dict[str, Any]:
    if file.is_image:
        return {"type": "image_url", "image_url": {"url": file.data_uri}}
    if file.is_text:
        return _text_block(text_of(file))
    raise _refusal(provider, file)


def _anthropic(file: RactoFile) -> dict[str, Any]:
    source = {"type": "base64", "media_type": file.mime_type, "data": file.base64_data}
    if file.is_image:
        return {"type": "image", "source": source}
    if file.is_pdf:
        return {"type": "document", "source": source}
    if file.is_text:
        return _text_block(text_of(file))
    raise _refusal("anthropic", file)


def _google(file: RactoFile) -> dict[str, Any]:
    if file.is_text:
        return {"text": text_of(file)}
    if file.is_pdf or file.mime_type.startswith(("image/", "audio/", "video/")):
        return {"inline_data": {"mime_type": file.mime_type, "data": file.base64_data}}
    raise _refusal("google", file)


def _ollama(text: str, files: Sequence[RactoFile]) -> dict[str, Any]:
    # Ollama's chat API has no place for other files, and dropping one would go unnoticed.
    for file in files:
        if not (file.is_image or file.is_text):
            raise _refusal("ollama", file)
    words = [text_of(file) for file in files if file.is_text]
    turn: dict[str, Any] = {"role": "user", "content": "\n\n".join([*words, text])}
    images = [file.base64_data for file in files if file.is_image]
    return {**turn, "images": images} if images else turn


def _text_block(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _refusal(provider: str, file: RactoFile) -> UnsupportedFeatureError:
    return UnsupportedFeatureError(
        f"{provider} cannot take {_called(file)} ({file.mime_type}, {len(file.data)} bytes) as an "
        "attachment; send its text, or convert it to a format that the provider reads",
        feature="attachments",
    )


def _called(file: RactoFile) -> str:
    return repr(file.name) if file.name else "a file without name"


_SHAPES: dict[str, Callable[[RactoFile], dict[str, Any]]] = {
    "openai": _openai,
    "generic": _generic,
    "anthropic": _anthropic,
    "google": _google,
}
