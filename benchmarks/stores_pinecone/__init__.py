"""racto-stores-pinecone beside Pinecone's bare client, on a loopback server."""
