"""What is told of several workers together."""

from __future__ import annotations

import json
import os
from subprocess import Popen

import gevent
import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from chatapp import metrics
from chatapp.metrics import WorkerMetrics
from config.shared_notes import SharedNotes


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> CollectorRegistry:
    """What the worker of this process counts."""
    registry = CollectorRegistry()
    monkeypatch.setattr(metrics, "REGISTRY", registry)
    monkeypatch.setattr(gevent, "spawn", lambda *_: None)
    return registry


@pytest.fixture
def ended() -> int:
    """The number of a process that has ended."""
    with Popen(["true"]) as process:
        process.wait()
    return process.pid


def leave_note(notes: SharedNotes, place: int, process: int) -> None:
    counts = {json.dumps(["turns", "turns_total", {"end": "complete"}]): 5}
    gauges = {json.dumps(["running", "running", {}]): 2}
    notes.write(place, json.dumps([process, counts, gauges]).encode())


def joined(notes: SharedNotes, place: int) -> WorkerMetrics:
    worker = WorkerMetrics()
    worker.share(notes, place)
    return worker


def test_workers_are_added_up(registry: CollectorRegistry) -> None:
    turns = Counter("turns", "Turns.", ["end"], registry=registry)
    Gauge("running", "Running.", registry=registry).set(1)
    notes = SharedNotes(places=3)
    leave_note(notes, 1, os.getpid())
    turns.labels("complete").inc(2)
    turns.labels("stopped").inc()

    report = joined(notes, 0).report().decode().splitlines()

    assert 'turns_total{end="complete"} 7.0' in report
    assert 'turns_total{end="stopped"} 1.0' in report
    assert "running 3.0" in report
    assert report.count("# TYPE turns_total counter") == 1


def test_what_an_ended_worker_counted_still_counts_but_nothing_runs_in_it(
    registry: CollectorRegistry, ended: int
) -> None:
    Counter("turns", "Turns.", ["end"], registry=registry)
    Gauge("running", "Running.", registry=registry)
    notes = SharedNotes(places=2)
    leave_note(notes, 1, ended)

    report = joined(notes, 0).report().decode().splitlines()

    assert 'turns_total{end="complete"} 5.0' in report
    assert "running 0.0" in report


def test_a_worker_carries_on_what_was_counted_at_its_place(registry: CollectorRegistry, ended: int) -> None:
    turns = Counter("turns", "Turns.", ["end"], registry=registry)
    notes = SharedNotes(places=2)
    leave_note(notes, 0, ended)
    worker = joined(notes, 0)

    turns.labels("complete").inc()

    assert 'turns_total{end="complete"} 6.0' in worker.report().decode().splitlines()


def test_buckets_stay_in_order_and_no_time_is_added_up(registry: CollectorRegistry) -> None:
    seconds = Histogram("seconds", "Seconds.", buckets=(1, 10), registry=registry)
    seconds.observe(0.5)
    seconds.observe(5)

    report = WorkerMetrics().report().decode().splitlines()

    assert [line for line in report if not line.startswith("#")] == [
        'seconds_bucket{le="1.0"} 1.0',
        'seconds_bucket{le="10.0"} 2.0',
        'seconds_bucket{le="+Inf"} 2.0',
        "seconds_count 2.0",
        "seconds_sum 5.5",
    ]
