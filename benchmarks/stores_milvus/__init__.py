"""racto-stores-milvus against the bare client."""
