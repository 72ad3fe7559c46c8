"""What goes in and out over HTTP, as marshmallow schemas. Names are camelCase in JSON, snake_case in Python."""
