"""Small real implementations of the protocols, one file a family, for tests and demonstrations."""
