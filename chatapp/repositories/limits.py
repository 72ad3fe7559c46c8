"""Limits on the size of documents. Bytes count the messages' contents in UTF-8.

MongoDB refuses documents over 16 MB, and long before that every append to a large document is slow (measured in
docs/decisions/0020). With these limits no document exceeds 2 MB: besides its content a message takes about 250 bytes.
"""

WINDOW_MESSAGES = 100
WINDOW_BYTES = 256_000
"""When either limit is reached, the oldest messages are moved into a page."""

KEPT_MESSAGES = 50
KEPT_BYTES = 128_000
"""What stays in the window after that, at most."""

PAGE_BYTES = 512_000
"""The largest page, unless it holds a single larger message."""

MAX_MESSAGE_BYTES = 1_200_000
"""The largest message: 300,000 characters of 4 bytes."""

HARD_WINDOW_BYTES = 1_600_000
"""An append that would exceed this moves older messages into a page first."""
