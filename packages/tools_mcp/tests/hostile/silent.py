"""Reads everything and never answers anything, ``initialize`` included."""

from wire import messages, note

note({"started": []})
for _ in messages():
    pass
