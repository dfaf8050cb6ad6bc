"""The ways to a server: child process, streamable HTTP, and the older SSE."""
