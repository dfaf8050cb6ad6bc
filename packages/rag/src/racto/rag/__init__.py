"""From a folder of documents to cited answers."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .answers import (
        ExtractiveAnswerer as ExtractiveAnswerer,
        GeneratedAnswerer as GeneratedAnswerer,
    )
    from .chunkers import (
        FixedChunker as FixedChunker,
        RecursiveChunker as RecursiveChunker,
    )
    from .index import (
        DocumentIndex as DocumentIndex,
    )
    from .ingestion import (
        IngestedChunks as IngestedChunks,
        IngestionProgress as IngestionProgress,
        IngestionReport as IngestionReport,
        SkippedFile as SkippedFile,
    )
    from .pipeline import (
        RactoRAG as RactoRAG,
        RAGResponse as RAGResponse,
    )
    from .processors import (
        ProcessingPipeline as ProcessingPipeline,
        TextCleaner as TextCleaner,
    )
    from .readers import (
        FileReaderRegistry as FileReaderRegistry,
        HtmlReader as HtmlReader,
        MarkdownReader as MarkdownReader,
        PdfReader as PdfReader,
        PythonDocReader as PythonDocReader,
        TextReader as TextReader,
    )
    from .retrieval import (
        BM25Index as BM25Index,
        HybridRetriever as HybridRetriever,
        KeywordRetriever as KeywordRetriever,
        VectorRetriever as VectorRetriever,
        reciprocal_rank_fusion as reciprocal_rank_fusion,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "answers": "ExtractiveAnswerer GeneratedAnswerer",
        "chunkers": "FixedChunker RecursiveChunker",
        "index": "DocumentIndex",
        "ingestion": "IngestedChunks IngestionProgress IngestionReport SkippedFile",
        "pipeline": "RactoRAG RAGResponse",
        "processors": "ProcessingPipeline TextCleaner",
        "readers": """
            FileReaderRegistry HtmlReader MarkdownReader PdfReader PythonDocReader TextReader
        """,
        "retrieval": """
            BM25Index HybridRetriever KeywordRetriever VectorRetriever reciprocal_rank_fusion
        """,
    },
)
