"""How many requests there are, how they end and how long they take to begin their answer, for ``/metrics``."""

from functools import cache
from time import perf_counter

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from chatapp.metrics import REGISTRY

REQUESTS = Counter(
    "chatapp_http_requests_total", "Answered requests.", ["method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "chatapp_http_request_seconds",
    "From the request's headers to those of its answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
    registry=REGISTRY,
)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def register(app: Flask) -> None:
    """Counts every request of ``app``."""
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    g.began = perf_counter()


def _count(response: Response) -> Response:
    """By route and not by path, which anyone can make up without end."""
    rule = request.url_rule
    route = rule.rule if rule is not None else "none"
    method = request.method if request.method in METHODS else "other"
    _requests(method, route, response.status_code).inc()
    if "began" in g:
        _seconds(route).observe(perf_counter() - g.began)
    return response


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, str(status))


@cache
def _seconds(route: str) -> Histogram:
    return SECONDS.labels(route)
