"""The texts that all sides work on, the same in every environment of one Python version."""

from __future__ import annotations

from pydoc_data.topics import topics


def documentation(size: int) -> str:
    """So many characters of Python's own documentation, repeated where it ends."""
    text = "\n\n".join(topics[name] for name in sorted(topics))
    return (text * (size // len(text) + 1))[:size]


def documents(size: int, each: int) -> list[str]:
    """The same as documents of ``each`` characters."""
    text = documentation(size)
    return [text[start : start + each] for start in range(0, size, each)]


def prose(size: int) -> str:
    """The same with one space between words and no lines: text that needs no cleaning."""
    return " ".join(documentation(2 * size).split())[:size]


def page(size: int) -> bytes:
    """A web page of about so many bytes, with headings, paragraphs, links and lists."""
    parts = ["<html><head><title>Documentation</title></head><body><main>"]
    length = 0
    for number, block in enumerate(documentation(size).split("\n\n")):
        text = block.replace("&", "&amp;").replace("<", "&lt;")
        tag = ("p", "li", "h2")[number % 11 // 5]
        parts.append(f'<{tag} class="c{number % 7}">{text} <a href="#{number}">more</a></{tag}>\n')
        length += len(parts[-1])
        if length >= size:
            break
    return ("".join(parts) + "</main></body></html>").encode()
