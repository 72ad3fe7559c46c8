"""What is wrong with the configuration."""


class SettingsError(ValueError):
    """A variable of the environment has a value that cannot be used. The message is one line that names it."""
