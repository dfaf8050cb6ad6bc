"""The server as a test sees it: what it was asked, what it shall say, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from typing import Any

import httpx2
import pytest

from racto.testing import Failure, Incoming, OpenAIServer, Reply

ASKED = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
HEADERS = {"authorization": "Bearer test-key"}


def ask(server: OpenAIServer, **fields: Any) -> httpx2.Response:
    url = f"{server.url}/chat/completions"
    return httpx2.post(url, json={**ASKED, **fields}, headers=HEADERS, verify=False)


def words(answer: httpx2.Response) -> str:
    said: str = answer.json()["choices"][0]["message"]["content"]
    return said


def test_the_queue_comes_first_then_rules_then_the_default(openai_server: OpenAIServer) -> None:
    openai_server.when(lambda request: Reply(text="ruled") if "seed" in request.json else None)
    openai_server.say("queued")
    assert [words(ask(openai_server, seed=1)) for _ in range(2)] == ["queued", "ruled"]
    assert words(ask(openai_server)) == "ok"
    openai_server.default = Reply(text="else")
    assert words(ask(openai_server)) == "else"
    assert openai_server.default == Reply(text="else")


def test_requests_are_kept_in_order(openai_server: OpenAIServer) -> None:
    for seed in range(3):
        ask(openai_server, seed=seed)
    assert [request.json["seed"] for request in openai_server.requests] == [0, 1, 2]
    assert openai_server.last.json["seed"] == 2
    assert openai_server.last.path == "/v1/chat/completions"
    assert openai_server.last.headers["authorization"] == "Bearer test-key"


def test_requests_are_a_snapshot(openai_server: OpenAIServer) -> None:
    before = openai_server.requests
    ask(openai_server)
    assert before == []


def test_a_refused_request_takes_no_answer_from_the_queue(openai_server: OpenAIServer) -> None:
    openai_server.say("kept")
    assert ask(openai_server, temperature=9).status_code == 400
    assert words(ask(openai_server)) == "kept"


def test_there_is_no_last_request_before_the_first(openai_server: OpenAIServer) -> None:
    with pytest.raises(LookupError, match="no request has come"):
        _ = openai_server.last


def test_unused_answers_can_be_found(openai_server: OpenAIServer) -> None:
    openai_server.say("one")
    openai_server.fail("overloaded")
    ask(openai_server)
    with pytest.raises(AssertionError, match=r"1 .*overloaded"):
        openai_server.assert_all_used()
    ask(openai_server)
    openai_server.assert_all_used()


def test_clear_forgets_the_script_and_the_requests(openai_server: OpenAIServer) -> None:
    openai_server.when(lambda _: Reply(text="ruled"))
    ask(openai_server)
    openai_server.say("queued")
    openai_server.clear()
    assert openai_server.requests == []
    assert words(ask(openai_server)) == "ok"


def test_a_broken_rule_is_told_to_the_client_and_raised_to_the_test() -> None:
    def broken(request: Incoming) -> Reply:
        raise ZeroDivisionError("of the rule")

    server = OpenAIServer()
    server.when(broken)
    answer = ask(server)
    assert answer.status_code == 500
    assert "ZeroDivisionError('of the rule')" in answer.json()["error"]["message"]
    assert answer.headers["x-should-retry"] == "false"
    with pytest.raises(ZeroDivisionError, match="of the rule") as caught:
        server.close()
    assert "POST /v1/chat/completions" in caught.value.__notes__[0]
    server.close()


def test_a_test_may_fail_inside_a_rule() -> None:
    server = OpenAIServer()
    server.when(lambda _: pytest.fail("this is never asked"))
    ask(server)
    with pytest.raises(pytest.fail.Exception, match="never asked"):
        server.close()


def test_all_faults_of_rules_are_raised() -> None:
    server = OpenAIServer()
    server.when(lambda request: {}[request.json["seed"]])
    ask(server, seed=1)
    ask(server, seed=2)
    with pytest.raises(BaseExceptionGroup) as caught:
        server.close()
    assert [error.args for error in caught.value.exceptions] == [(1,), (2,)]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(headers={"x": "two\r\nlines"}), "LocalProtocolError"),
        (Reply(events=[{"no JSON": object()}]), "TypeError"),
    ],
    ids=["header", "event"],
)
def test_a_reply_that_cannot_be_sent_is_raised_to_the_test(reply: Reply, kind: str) -> None:
    server = OpenAIServer()
    server.add(reply)
    with pytest.raises(httpx2.RemoteProtocolError):
        ask(server, stream=True)
    with pytest.raises(Exception, match=r"(?i)header|JSON") as caught:
        server.close()
    assert type(caught.value).__name__ == kind


def test_a_test_may_fail_while_a_stream_is_sent(raw: Any) -> None:
    class Failing(list[Any]):
        def __iter__(self) -> Any:
            yield {"id": 1}
            pytest.fail("in the middle")

    server = OpenAIServer()
    server.add(Reply(events=Failing([1])))
    assert b'"id":1' in raw.ask(server, raw.message({**ASKED, "stream": True}))
    with pytest.raises(pytest.fail.Exception, match="in the middle"):
        server.close()


def test_what_is_no_answer_is_refused_where_it_is_said(openai_server: OpenAIServer) -> None:
    with pytest.raises(TypeError, match="Reply or a Failure"):
        openai_server.add("words")  # type: ignore[arg-type]


def test_a_rule_that_gives_no_answer_is_a_fault() -> None:
    server = OpenAIServer()
    server.when(lambda _: "words")  # type: ignore[arg-type,return-value]
    assert ask(server).status_code == 500
    with pytest.raises(TypeError, match="'words'"):
        server.close()


def test_a_closed_server_leaves_nothing_behind() -> None:
    before = threading.active_count()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(20):
            with OpenAIServer() as server, httpx2.Client(verify=False) as client:
                client.get(f"{server.url}/models", headers=HEADERS)
            assert server.wait_until(lambda: server.open_connections == 0)
        gc.collect()
    # Threads of other tests may end meanwhile.
    assert threading.active_count() <= before


def test_closing_ends_answers_that_are_on_their_way(raw: Any) -> None:
    from racto.testing import Conduct

    server = OpenAIServer()
    server.say("never", conduct=Conduct(delay=600))
    connection = raw.connect(server)
    connection.sendall(raw.message())
    assert server.wait_until(lambda: len(server.requests) == 1)
    server.close()
    assert raw.rest(connection) == b""
    with pytest.raises(ConnectionRefusedError):
        raw.connect(server)


def test_connections_are_counted(openai_server: OpenAIServer) -> None:
    with httpx2.Client(headers=HEADERS) as client:
        for _ in range(3):
            client.post(f"{openai_server.url}/chat/completions", json=ASKED)
        assert (openai_server.connections, openai_server.open_connections) == (1, 1)
    assert openai_server.wait_until(lambda: openai_server.open_connections == 0)
    ask(openai_server)
    assert openai_server.connections == 2


def test_waiting_ends_when_the_time_is_over(openai_server: OpenAIServer) -> None:
    assert not openai_server.wait_until(lambda: False, seconds=0.01)
    assert openai_server.wait_until(lambda: True, seconds=0.0)


async def test_async_callers_are_served_too() -> None:
    async with OpenAIServer() as server, httpx2.AsyncClient(headers=HEADERS) as client:
        asked = (client.post(f"{server.url}/chat/completions", json=ASKED) for _ in range(64))
        answers = await asyncio.gather(*asked)
        assert {words(answer) for answer in answers} == {"ok"}
        assert server.connections <= 64
        assert await server.await_until(lambda: len(server.requests) == 64)
    await server.aclose()


def test_many_threads_can_ask_at_once(openai_server: OpenAIServer) -> None:
    said = [f"reply {number}" for number in range(40)]
    openai_server.add(*(Reply(text=text) for text in said))
    heard: list[str] = []
    threads = [
        threading.Thread(target=lambda: heard.append(words(ask(openai_server)))) for _ in said
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == sorted(said)


def test_no_two_requests_are_answered_at_once(openai_server: OpenAIServer) -> None:
    inside = threading.Lock()

    def alone(request: Incoming) -> Reply:
        assert inside.acquire(blocking=False), "another request is being answered"
        inside.release()
        return Reply(text=str(request.json["seed"]))

    openai_server.when(alone)
    threads = [
        threading.Thread(target=ask, args=(openai_server,), kwargs={"seed": number})
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(openai_server.requests) == 20


def test_a_failure_can_be_the_default(openai_server: OpenAIServer) -> None:
    openai_server.default = Failure(kind="overloaded")
    assert {ask(openai_server).status_code for _ in range(3)} == {503}


def test_old_requests_can_be_forgotten() -> None:
    class Forgetful(OpenAIServer):
        requests_kept = 2

    with Forgetful() as server:
        for seed in range(3):
            ask(server, seed=seed)
        assert [request.json["seed"] for request in server.requests] == [1, 2]
        assert server.received == 3
        assert repr(server) == f"<Forgetful at {server.url}>"
