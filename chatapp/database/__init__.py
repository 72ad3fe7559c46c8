"""The connection to MongoDB, and the schema of its collections."""
