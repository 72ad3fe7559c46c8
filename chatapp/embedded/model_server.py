"""The program that runs in the model's process: llama.cpp with its own HTTP server.

It is configured through the environment, because every user of the machine can read a command line.
"""

import os
import signal
import sys

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


def serve() -> None:
    """Returns when the process is told to end."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = os.environ[FILE]
    params.model_alias = {MODEL_ID}
    params.hostnames = ["127.0.0.1"]
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
