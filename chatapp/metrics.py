"""What all workers of this host count, added up for ``/metrics``.

Each worker counts for itself. Every few seconds it leaves what it counted in a note for the others.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping

import gevent
from prometheus_client import CollectorRegistry, Metric, disable_created_metrics, generate_latest
from prometheus_client.samples import Sample

from config.shared_notes import SharedNotes

REGISTRY = CollectorRegistry()
"""What this worker has counted itself. Every counter and gauge of the application belongs to it."""

Figures = Mapping[str, float]
"""A value for each sample; the keys are its family, name and labels as JSON."""

_PUBLISH_EVERY = 5.0

disable_created_metrics()  # type: ignore[no-untyped-call]  # times cannot be added up


class WorkerMetrics:
    """The figures of one worker, and of those it shares ``notes`` with."""

    def __init__(self) -> None:
        self._notes = SharedNotes(1)
        self._place = 0
        self._earlier: Figures = {}

    def share(self, notes: SharedNotes, place: int) -> None:
        """Takes a place among the workers, and carries on what an ended worker counted there."""
        self._notes, self._place = notes, place
        self._earlier = _read(notes, place)[0]
        gevent.spawn(self._keep_publishing)

    def publish(self) -> None:
        """Leaves a note with all that was counted until now."""
        counts, gauges = _sums(self._earlier), _sums()
        for family in REGISTRY.collect():
            figures = gauges if family.type == "gauge" else counts
            for sample in family.samples:
                figures[json.dumps([family.name, sample.name, sample.labels])] += sample.value
        self._notes.write(self._place, json.dumps([os.getpid(), counts, gauges]).encode())

    def report(self) -> bytes:
        """In Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """Called by Prometheus' client. What it reports has been published, so that no other worker reports less."""
        self.publish()
        figures = _sums(*(part for place in range(self._notes.places) for part in _read(self._notes, place)))
        samples = [(*json.loads(key), value) for key, value in figures.items()]
        for family in REGISTRY.collect():
            family.samples = [Sample(name, labels, value) for of, name, labels, value in samples if of == family.name]
            yield family

    def _keep_publishing(self) -> None:
        while True:
            self.publish()
            gevent.sleep(_PUBLISH_EVERY)


def _sums(*parts: Figures) -> defaultdict[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for part in parts:
        for key, value in part.items():
            sums[key] += value
    return sums


def _read(notes: SharedNotes, place: int) -> tuple[Figures, Figures]:
    """Counts and gauges of the worker at ``place``. The gauges of a worker that has ended are over."""
    note = notes.read(place)
    if not note:
        return {}, {}
    process, counts, gauges = json.loads(note)
    return counts, gauges if _is_running(process) else {}


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True
