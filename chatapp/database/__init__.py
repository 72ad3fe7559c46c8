"""The connection to MongoDB, and what its collections look like."""
