"""The Interactions API: one turn at a time, with its history kept by the server."""
