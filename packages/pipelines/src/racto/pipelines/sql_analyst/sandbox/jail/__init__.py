"""What runs inside the locked-down process; it imports nothing of racto and nothing of the user."""
