"""racto-stores-weaviate beside Weaviate's bare client, on the same loopback server."""
