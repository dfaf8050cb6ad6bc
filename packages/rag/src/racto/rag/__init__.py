"""From a folder of documents to cited answers."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .answers import (
        ExtractiveAnswerer as ExtractiveAnswerer,
        GeneratedAnswerer as GeneratedAnswerer,
        RAGStreamChunk as RAGStreamChunk,
    )
    from .chunkers import (
        CodeChunker as CodeChunker,
        FixedChunker as FixedChunker,
        MarkdownChunker as MarkdownChunker,
        RecursiveChunker as RecursiveChunker,
        SemanticChunker as SemanticChunker,
        SentenceChunker as SentenceChunker,
        TokenChunker as TokenChunker,
        TokenEncoder as TokenEncoder,
    )
    from .evaluation import (
        EvaluationReport as EvaluationReport,
        FaithfulnessJudge as FaithfulnessJudge,
        aevaluate as aevaluate,
        evaluate as evaluate,
        load_beir as load_beir,
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
    from .pages import (
        PageChunker as PageChunker,
        PageIndex as PageIndex,
        PageIndexRAG as PageIndexRAG,
        PageResult as PageResult,
    )
    from .pipeline import (
        RactoRAG as RactoRAG,
        RAGResponse as RAGResponse,
    )
    from .processors import (
        Lemmatizer as Lemmatizer,
        ProcessingPipeline as ProcessingPipeline,
        TextCleaner as TextCleaner,
    )
    from .readers import (
        ArchiveReader as ArchiveReader,
        EmailReader as EmailReader,
        EpubReader as EpubReader,
        FileReaderRegistry as FileReaderRegistry,
        HtmlReader as HtmlReader,
        ImageReader as ImageReader,
        JsonReader as JsonReader,
        MarkdownReader as MarkdownReader,
        PdfReader as PdfReader,
        PythonDocReader as PythonDocReader,
        SlidesReader as SlidesReader,
        SpreadsheetReader as SpreadsheetReader,
        TextReader as TextReader,
        WordReader as WordReader,
    )
    from .retrieval import (
        BM25Index as BM25Index,
        EngineReranker as EngineReranker,
        FlowRetriever as FlowRetriever,
        HybridRetriever as HybridRetriever,
        HyDERetriever as HyDERetriever,
        KeywordRetriever as KeywordRetriever,
        KitReranker as KitReranker,
        MMRRetriever as MMRRetriever,
        MultiQueryRetriever as MultiQueryRetriever,
        NeighbourRetriever as NeighbourRetriever,
        ParentRetriever as ParentRetriever,
        RerankingRetriever as RerankingRetriever,
        VectorRetriever as VectorRetriever,
        reciprocal_rank_fusion as reciprocal_rank_fusion,
        retrieve_all as retrieve_all,
        score_fusion as score_fusion,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "answers": "ExtractiveAnswerer GeneratedAnswerer RAGStreamChunk",
        "chunkers": """
            CodeChunker FixedChunker MarkdownChunker RecursiveChunker SemanticChunker
            SentenceChunker TokenChunker TokenEncoder
        """,
        "evaluation": "EvaluationReport FaithfulnessJudge aevaluate evaluate load_beir",
        "index": "DocumentIndex",
        "ingestion": "IngestedChunks IngestionProgress IngestionReport SkippedFile",
        "pages": "PageChunker PageIndex PageIndexRAG PageResult",
        "pipeline": "RactoRAG RAGResponse",
        "processors": "Lemmatizer ProcessingPipeline TextCleaner",
        "readers": """
            ArchiveReader EmailReader EpubReader FileReaderRegistry HtmlReader ImageReader
            JsonReader MarkdownReader PdfReader PythonDocReader SlidesReader SpreadsheetReader
            TextReader WordReader
        """,
        "retrieval": """
            BM25Index EngineReranker FlowRetriever HybridRetriever HyDERetriever KeywordRetriever
            KitReranker MMRRetriever MultiQueryRetriever NeighbourRetriever ParentRetriever
            RerankingRetriever VectorRetriever reciprocal_rank_fusion retrieve_all score_fusion
        """,
    },
)
