"""racto-stores-faiss against bare faiss."""
