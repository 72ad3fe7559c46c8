"""How the application is configured: typed settings from the environment, and gunicorn's own file."""
