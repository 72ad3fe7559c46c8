"""A device that is signed out hears no more of an answer that is being written; the answer goes on."""

from __future__ import annotations

from contextlib import ExitStack

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Person
from tests.support.fake_models import ENDLESS
from tests.support.listener import Listener


def test_a_device_that_is_signed_out_stops_hearing_its_answer_which_goes_on(alice: Person, pair: Pair) -> None:
    phone = alice.another_device(pair.there)
    chat = phone.start(model=ENDLESS)
    with chat.stream("Which answer comes first?") as stream:
        first = stream.until_started().answer_id
    chat.stop()
    with ExitStack() as stopped:
        sent = chat.regenerate(first)
        stopped.callback(chat.another_session(alice).stop)
        joined = chat.at(pair.here).listen(after=0)
        assert joined is not None
        listeners = [Listener(sent), Listener(joined)]
        for listener in listeners:
            listener.wait_for_text()

        alice.ask("DELETE", "/api/auth/sessions", expect=204)

        heard = [listener.to_the_end() for listener in listeners]
        assert [ended.ended for ended in heard] == [None, None]
        own = chat.another_session(alice).listen(after=0)
        assert own is not None
        with own:
            longer = max(len(ended.text) for ended in heard) + 100
            assert own.until_text(longer).text.startswith(heard[0].text)
