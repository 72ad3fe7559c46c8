"""Kills, races and resumes in numbers: ``python -m tests.chaos``, three minutes; ``--long`` takes 25.

It starts its own MongoDB, provider and workers, and ends with the first thing that is lost, doubled or changed. Then it
does the same to the primary of a replica set of three. What is stored in the end is looked through, as ``flask check``
does it. ``--kills 0 --races 0 --resumes 0 --elections 20`` is for elections alone.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from typing import Any

from pymongo import MongoClient

from chatapp.maintenance.check import Check
from tests.chaos.elections import Elections
from tests.chaos.kills import Kills
from tests.chaos.races import race
from tests.chaos.resumes import resume
from tests.support.chat_servers import Backends
from tests.support.mongod import Mongod
from tests.support.provider import FakeProvider
from tests.support.replica_set import ReplicaSet

COUNTS = {"kills": (12, 100), "races": (60, 200), "resumes": (100, 200), "elections": (2, 20)}
"""How often, usually and in the long form."""


def main() -> None:
    options = _options()
    chance = random.Random(options.seed)
    say(f"seed {options.seed}")
    with Mongod() as mongod, FakeProvider() as provider:
        backends = Backends.on(mongod.uri, provider)
        with backends.server(workers=2) as server:
            say(str(race(server.base_url, provider, options.races, chance)))
            say(str(resume(server.base_url, options.resumes, chance)))
        say(str(Kills(backends, mongod, chance).run(options.kills)))
        check(backends)
    with ReplicaSet() as replica_set, FakeProvider() as provider:
        backends = Backends.on(replica_set.uri, provider)
        say(str(Elections(backends, replica_set, chance).run(options.elections)))
        check(backends)


def check(backends: Backends) -> None:
    with MongoClient[dict[str, Any]](backends.mongodb_uri, tz_aware=True) as client:
        result = Check(client[backends.database], say).run()
    say(f"{result.conversations} conversations with {result.messages} messages checked, {result.found} findings")
    assert result.found == 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--long", action="store_true", help="100 kills, 200 races, 200 resumes, 20 elections")
    parser.add_argument("--kills", type=int, help="rounds of kill -9 (12)")
    parser.add_argument("--races", type=int, help="rounds of two simultaneous sends (60)")
    parser.add_argument("--resumes", type=int, help="resumes at random places (100)")
    parser.add_argument("--elections", type=int, help="times that a primary of three is killed or frozen (2)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="begins chance anew as it was")
    options = parser.parse_args()
    for name, (usual, long) in COUNTS.items():
        if getattr(options, name) is None:
            setattr(options, name, long if options.long else usual)
    return options


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
