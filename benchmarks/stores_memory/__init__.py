"""racto-stores-memory against bare numpy, faiss and the reference package."""
