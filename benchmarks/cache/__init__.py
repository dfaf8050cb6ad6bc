"""racto-cache against bare numpy, a bare Redis client and the reference package."""
