"""MongoDB and a language model as child processes, so that one command is enough.

``python -m chatapp.embedded`` starts whatever the environment does not name (``MONGODB_URI``; ``OPENAI_API_KEY`` and
``OPENAI_BASE_URL``), then the web server, and supervises all of them until it is told to stop.
"""


class StartError(Exception):
    """The application cannot start. The message is one line for a person: what is wrong and what to do about it."""


class Interrupted(Exception):
    """The application was told to stop while it was still starting."""
