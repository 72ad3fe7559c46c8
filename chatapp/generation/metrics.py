"""Counters and gauges about answers, for ``/metrics``."""

from prometheus_client import Counter, Gauge, Histogram

from chatapp.metrics import REGISTRY

RUNNING = Gauge("chatapp_answers_running", "Answers being written now.", registry=REGISTRY)
STARTED = Counter("chatapp_answers_started_total", "Answers begun.", registry=REGISTRY)
ENDED = Counter("chatapp_answers_ended_total", "Answers ended, by status.", ["status"], registry=REGISTRY)
FIRST_TOKEN = Histogram(
    "chatapp_first_token_seconds",
    "From the stored message to the first text from the provider.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
FLUSHES = Counter("chatapp_flushes_total", "Bulk writes of running answers.", registry=REGISTRY)
FLUSH_FAILURES = Counter(
    "chatapp_flush_failures_total", "Bulk writes that failed and were tried again.", registry=REGISTRY
)
TAKE_OVERS = Counter(
    "chatapp_take_overs_total", "Answers of dead workers that were ended by this one.", registry=REGISTRY
)
