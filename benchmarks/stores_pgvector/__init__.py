"""racto-stores-pgvector against bare psycopg with the pgvector adapter, on one real server."""
