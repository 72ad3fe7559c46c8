"""What makes one command enough: MongoDB and a language model as child processes of the application.

``python -m chatapp.embedded`` starts what the environment does not name (``MONGODB_URI``, ``OPENAI_API_KEY`` and
``OPENAI_BASE_URL``), then the web server, and watches over all of it until it is told to end.
"""
