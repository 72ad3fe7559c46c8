"""The language model that needs no key and no network, as a child process: llama.cpp with its own HTTP server.

That process runs this module. It is configured through the environment, because every user of the machine can read a
command line.
"""

import os
import random
import signal
import socket
import sys
from collections.abc import Sequence

from chatapp.embedded import StartError
from chatapp.embedded.child import ROOT, Child, basic_environment, is_ready
from chatapp.embedded.data_folder import Credentials, DataFolder
from chatapp.embedded.programs import find_model

LOOPBACK = "127.0.0.1"
# Below the range from which Linux and macOS take ports for outgoing connections.
_OWN_PORTS = range(20_000, 32_000)

KEY = "CHATAPP_MODEL_KEY"
PORT = "CHATAPP_MODEL_PORT"
FILE = "CHATAPP_MODEL_FILE"

MODEL_ID = "SmolLM2-135M-Instruct"
CONTEXT_TOKENS = 8192
"""What the model was trained for. Each slot has all of it, at 23 kB of memory per token."""

SLOTS = 2
"""Answers written at the same time; others wait. With two processors more slots would only make each one slower."""

LONGEST_ANSWER = 2048
"""Tokens. A model this small sometimes repeats itself endlessly..."""

REPEAT_PENALTY = 1.1
"""...but rarely with this penalty: figures in docs/decisions/0001."""

TEMPERATURE = 0.2
TOP_P = 0.9
"""What the authors of the model recommend; a request may say otherwise."""

ERRORS_ONLY = 1
PROMPT_CACHE_MB = 128


class EmbeddedModel:
    """Serves the OpenAI protocol to anybody who has the key. Its port is a new one at each start."""

    def __init__(self, folder: DataFolder, credentials: Credentials, pass_fds: Sequence[int] = ()) -> None:
        self.key = credentials.model_key
        self.port = free_port()
        self._log = folder.logs / "model.log"
        env = basic_environment() | {KEY: self.key, PORT: str(self.port), FILE: str(find_model())}
        command = [sys.executable, "-m", __name__]
        self.child = Child(command, env=env, log=self._log, cwd=ROOT, pass_fds=pass_fds)

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/v1"

    def is_ready(self) -> bool:
        """Whether the model is loaded."""
        return is_ready(LOOPBACK, self.port, "/health", seconds=1)

    def failure(self) -> str:
        """Why it ended, as one line."""
        ended = f"The embedded model ended with status {self.child.exit_status}; {self._log} says more."
        return f"{ended} Set OPENAI_BASE_URL to use another."


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


def serve() -> None:
    """Returns when the process is told to end."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = os.environ[FILE]
    params.model_alias = {MODEL_ID}
    params.hostnames = [LOOPBACK]
    params.port = int(os.environ[PORT])
    params.api_keys = [os.environ[KEY]]
    params.n_parallel = SLOTS
    params.n_ctx = CONTEXT_TOKENS * SLOTS
    params.n_predict = LONGEST_ANSWER
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads()
    params.sampling.temp = TEMPERATURE
    params.sampling.top_p = TOP_P
    params.sampling.penalty_repeat = REPEAT_PENALTY
    params.cache_ram_mib = PROMPT_CACHE_MB
    params.offline = True
    params.ui = False
    params.endpoint_slots = False
    params.cors_origins = ""
    params.verbosity = ERRORS_ONLY  # more would fill the disk, and part of it is what people wrote
    server = xllamacpp.Server(params)
    sys.stderr.write(f"serving at {server.listening_address}\n")
    sys.stderr.flush()
    signal.pause()


def threads() -> int:
    """Half of the processors, because llama.cpp's threads spin while they wait for each other.

    One thread per processor is fast as long as nothing else runs, and very slow as soon as something does.
    """
    return max(1, available_processors() // 2)


def available_processors() -> int:
    """Those that this process may use; macOS does not restrict processes to some of them."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # llama.cpp has nothing to save
    serve()
