from __future__ import annotations

import pytest
from httpx2 import RemoteProtocolError
from hypothesis import given
from hypothesis import strategies as st

from chatapp.providers.framing import LONGEST_LINE, ChunkedBody, OpenBody, SizedBody, body_of, parse_head


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=8), st.integers(1, 30))
def test_a_chunked_body_does_not_depend_on_where_it_is_cut(parts: list[bytes], size: int) -> None:
    stream = b"".join(b"%x;name=value\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\nTrailer: x\r\n\r\n"
    body = ChunkedBody()

    received = b"".join(body.feed(stream[at : at + size]) for at in range(0, len(stream), size))

    assert received == b"".join(parts)
    assert body.complete


@pytest.mark.parametrize("stream", [b"", b"5\r\nhel", b"5\r\nhello\r\n", b"0\r\n"])
def test_a_chunked_body_that_ends_early_is_noticed(stream: bytes) -> None:
    body = ChunkedBody()
    body.feed(stream)

    assert not body.complete
    with pytest.raises(RemoteProtocolError):
        body.ended()


@pytest.mark.parametrize("stream", [b"hello\r\n", b"-5\r\n", b"0x5\r\n", b"5 5\r\n", b"1" * (LONGEST_LINE + 1)])
def test_what_is_no_chunk_is_refused(stream: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        ChunkedBody().feed(stream)


def test_a_sized_body_takes_no_more_than_its_size() -> None:
    body = SizedBody(5)

    assert (body.feed(b"hel"), body.complete) == (b"hel", False)
    with pytest.raises(RemoteProtocolError):
        body.ended()
    assert (body.feed(b"lo and more"), body.complete) == (b"lo", True)
    body.ended()


def test_a_head_gives_version_status_and_headers() -> None:
    assert parse_head(b"HTTP/1.1 200 OK\r\nA: b: c \r\nEmpty:") == (
        b"HTTP/1.1",
        200,
        [(b"A", b"b: c"), (b"Empty", b"")],
    )


@pytest.mark.parametrize(
    "head",
    [b"", b"SSH-2.0-x", b"HTTP/2 200", b"HTTP/1.1 OK", b"HTTP/1.1 200 OK\r\nno colon", b"HTTP/1.1 200\r\n folded: x"],
)
def test_what_is_no_head_is_refused(head: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_head(head)


def test_the_headers_say_how_a_body_ends() -> None:
    assert isinstance(body_of(200, [(b"Transfer-Encoding", b"Chunked"), (b"Content-Length", b"5")]), ChunkedBody)
    assert isinstance(body_of(200, [(b"content-length", b"5")]), SizedBody)
    assert isinstance(body_of(200, []), OpenBody)
    assert body_of(204, []).complete
    with pytest.raises(RemoteProtocolError):
        body_of(200, [(b"Content-Length", b"-5")])
