"""Finding messages: how text is cut into tokens, how a query is read, and how what was found is shown."""
