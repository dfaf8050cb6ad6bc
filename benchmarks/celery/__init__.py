"""What racto-celery costs beside bare Celery, on one Redis and real worker processes."""
