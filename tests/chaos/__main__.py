"""Kills, races and resumes in numbers: ``python -m tests.chaos``, two minutes; ``--long`` takes a quarter of an hour.

It starts its own MongoDB, provider and workers, and ends with the first thing that is lost, doubled or changed. In the
end everything that is stored is looked through, as ``flask check`` does it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from typing import Any

from pymongo import MongoClient

from chatapp.maintenance.check import Check
from tests.chaos.kills import Kills
from tests.chaos.races import race
from tests.chaos.resumes import resume
from tests.support.chat_servers import Backends
from tests.support.mongod import Mongod
from tests.support.provider import FakeProvider


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


def check(backends: Backends) -> None:
    with MongoClient[dict[str, Any]](backends.mongodb_uri, tz_aware=True) as client:
        result = Check(client[backends.database], say).run()
    say(f"{result.conversations} conversations with {result.messages} messages checked, {result.found} findings")
    assert result.found == 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--long", action="store_true", help="100 kills, 200 races, 200 resumes")
    parser.add_argument("--kills", type=int, help="rounds of kill -9 (12)")
    parser.add_argument("--races", type=int, help="rounds of two simultaneous sends (60)")
    parser.add_argument("--resumes", type=int, help="resumes at random places (100)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="begins chance anew as it was")
    options = parser.parse_args()
    usual = {"kills": 100, "races": 200, "resumes": 200} if options.long else {"kills": 12, "races": 60, "resumes": 100}
    for name, count in usual.items():
        if getattr(options, name) is None:
            setattr(options, name, count)
    return options


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
