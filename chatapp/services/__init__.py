"""The rules. Never sees a request or a collection."""
