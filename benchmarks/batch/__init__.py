"""What racto-batch does with 50,000 items: lines built and read, whole jobs, and their memory."""
