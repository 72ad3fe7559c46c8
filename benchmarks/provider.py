"""The provider of the benchmarks: 50 tokens for each answer, 20 ms apart, on loopback, in a process of its own."""

from __future__ import annotations

from tests.support.provider import FakeProvider

__all__ = ["MODEL", "TOKENS", "FakeProvider"]

MODEL = "normal"
TOKENS = 50
