"""What operators do with the whole database: check it, repair it, back it up, restore it."""

TIME_LIMIT = 7 * 86_400
"""Seconds for each of these, instead of the time limit of a request."""
