"""How large documents may grow. Bytes are those of the messages' contents in UTF-8.

MongoDB refuses documents over 16 MB; long before that, rewriting a large document makes every append slow
(measured in docs/decisions). With these bounds no document exceeds 2 MB: what a message needs besides its
content is some 250 bytes.
"""

WINDOW_MESSAGES = 100
WINDOW_BYTES = 256_000
"""When one of these is reached, the oldest messages move into a page."""

KEPT_MESSAGES = 50
KEPT_BYTES = 128_000
"""What stays in the window then, at the most."""

PAGE_BYTES = 512_000
"""What a page holds, unless it is a single message that is larger."""

MAX_MESSAGE_BYTES = 1_200_000
"""The largest message there can be: 300,000 characters of 4 bytes."""

HARD_WINDOW_BYTES = 1_600_000
"""An append that would go beyond this waits until older messages have moved."""
