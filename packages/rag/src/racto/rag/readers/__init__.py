"""Readers: turn files into documents whose pages and sections are known by offset."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .html import HtmlReader as HtmlReader
    from .markdown import MarkdownReader as MarkdownReader
    from .pdf import PdfReader as PdfReader
    from .python_docs import PythonDocReader as PythonDocReader
    from .registry import FileReaderRegistry as FileReaderRegistry
    from .text import TextReader as TextReader

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "html": "HtmlReader",
        "markdown": "MarkdownReader",
        "pdf": "PdfReader",
        "python_docs": "PythonDocReader",
        "registry": "FileReaderRegistry",
        "text": "TextReader",
    },
)
