"""MongoDB: one file for each collection. Never sees a request; every query names the user."""
