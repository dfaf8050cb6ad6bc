"""Readers: turn files into documents whose pages and sections are known by offset."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .archive import ArchiveReader as ArchiveReader
    from .epub import EpubReader as EpubReader
    from .html import HtmlReader as HtmlReader
    from .image import ImageReader as ImageReader
    from .mail import EmailReader as EmailReader
    from .markdown import MarkdownReader as MarkdownReader
    from .pdf import PdfReader as PdfReader
    from .python_docs import PythonDocReader as PythonDocReader
    from .records import JsonReader as JsonReader
    from .registry import FileReaderRegistry as FileReaderRegistry
    from .slides import SlidesReader as SlidesReader
    from .spreadsheet import SpreadsheetReader as SpreadsheetReader
    from .text import TextReader as TextReader
    from .word import WordReader as WordReader

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "archive": "ArchiveReader",
        "epub": "EpubReader",
        "html": "HtmlReader",
        "image": "ImageReader",
        "mail": "EmailReader",
        "markdown": "MarkdownReader",
        "pdf": "PdfReader",
        "python_docs": "PythonDocReader",
        "records": "JsonReader",
        "registry": "FileReaderRegistry",
        "slides": "SlidesReader",
        "spreadsheet": "SpreadsheetReader",
        "text": "TextReader",
        "word": "WordReader",
    },
)
