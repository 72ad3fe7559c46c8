"""Limits on the size of documents. Bytes count the messages' contents in UTF-8.

MongoDB refuses documents over 16 MB, and long before that every append to a large document is slow (measured in
docs/decisions/0020). With these limits no document exceeds 2.5 MB: a message takes about 250 bytes in addition
to its content, and the ids of alternatives up to 0.4 MB.
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

MESSAGE_OVERHEAD = 500
CONVERSATION_OVERHEAD = 2_000
"""What a message and a conversation take besides their text, with their entries in indexes: what a quota counts."""

MAX_CHILDREN = 500
"""Alternatives to one message."""

MAX_LISTED_CHILDREN = 5_000
"""Messages with alternatives in one conversation: their ids are in its document, and take about 50 bytes each."""

MAX_STARS = 500
"""Starred messages in one conversation. Each takes up to a kilobyte of its document."""

SHOWN_SIBLINGS = 100
"""Alternatives that a message names, those around itself: they are in every message that has some."""
