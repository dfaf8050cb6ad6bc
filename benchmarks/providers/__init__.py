"""racto-providers against the official SDK, the reference package and wordllama's own code."""
