"""racto-rag's text processing against langchain, plain Python and the reference package."""
