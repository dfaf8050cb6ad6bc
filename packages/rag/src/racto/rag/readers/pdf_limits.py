"""What a PDF may cost to read, and the errors of one that costs more."""

from __future__ import annotations

from dataclasses import dataclass, field

from racto.core.errors import DocumentTooLargeError, EncryptedDocumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfLimits:
    """The terms on which a PDF is read.

    Attributes:
        password: Password to try; never printed.
        max_pages: Most pages to accept.
        max_seconds: Most seconds to read for.
    """

    password: str = field(default="", repr=False)
    max_pages: int = 10_000
    max_seconds: float = 300.0

    def require_pages(self, count: int, source: str) -> None:
        """Raise DocumentTooLargeError for more pages than the limit."""
        if count > self.max_pages:
            raise DocumentTooLargeError(
                f"{source} has {count:,} pages, and the limit is {self.max_pages:,}; split it, or "
                "give the reader a larger max_pages",
                source=source,
            )

    def locked(self, source: str) -> EncryptedDocumentError:
        """The error of a file that the password does not open."""
        advice = "another one" if self.password else "a password, PdfReader(password=...)"
        return EncryptedDocumentError(f"{source} is encrypted and needs {advice}", source=source)

    def too_slow(self, source: str) -> DocumentTooLargeError:
        """The error of a file that takes too long."""
        return DocumentTooLargeError(
            f"{source} takes longer to read than {self.max_seconds:g} seconds; split it, or give "
            "the reader a larger max_seconds",
            source=source,
        )
