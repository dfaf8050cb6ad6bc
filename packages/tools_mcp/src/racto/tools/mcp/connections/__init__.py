"""Sessions with servers: each opened, kept and closed by one task of its own."""
