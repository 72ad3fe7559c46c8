"""What gunicorn and the ``flask`` command load: the application, configured by the environment."""

import sys

from chatapp import create_app
from config.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"chatapp: {error}")
