"""Plain dataclasses that travel between the layers. They know neither HTTP nor MongoDB."""
