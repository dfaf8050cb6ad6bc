"""A dead letter holds the message as it came, why it was given up, and no secret."""

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import BadRequestError, InvalidResponseError
from racto.kafka import KafkaMessage, read_dead_letter
from racto.kafka.letters import PREFIX, dead_letter, shortened


def letter_of(message: KafkaMessage, error: Exception, attempts: int = 3) -> KafkaMessage:
    plan = dead_letter(message, error, topic="dead", attempts=attempts)
    headers = plan.headers
    assert isinstance(headers, list)
    return KafkaMessage(
        topic=plan.topic,
        partition=0,
        offset=0,
        key=plan.key,
        value=plan.value,
        headers=[(n, v.encode() if isinstance(v, str) else v) for n, v in headers],
    )


def test_it_tells_what_happened() -> None:
    message = KafkaMessage(
        topic="in", partition=2, offset=7, key=b"k", value=b"{", timestamp_ms=99,
        headers=[("trace", b"1"), ("empty", None)],
    )  # fmt: skip
    read = read_dead_letter(letter_of(message, BadRequestError("no JSON", status_code=400)))
    assert (read.topic, read.partition, read.offset, read.timestamp_ms) == ("in", 2, 7, 99)
    assert (read.error_type, read.error_message, read.attempts) == ("400", "no JSON", 3)
    again = read.again()
    assert (again.topic, again.key, again.value) == ("in", b"k", b"{")
    assert again.headers == [("trace", b"1"), ("empty", None)]


def test_no_secret_travels_and_long_words_are_cut() -> None:
    message = KafkaMessage(topic="in", partition=0, offset=0)
    read = read_dead_letter(letter_of(message, ValueError("key sk-abcdefgh12345678 " + "x" * 5000)))
    assert "abcdefgh" not in read.error_message
    assert len(read.error_message) == 1000
    assert read.timestamp_ms is None


def test_a_letter_that_dies_again_tells_of_its_last_death() -> None:
    message = KafkaMessage(topic="in", partition=0, offset=0, value=b"v")
    first = letter_of(message, ValueError("one"))
    second = read_dead_letter(letter_of(first, ValueError("two")))
    assert (second.topic, second.error_message) == ("dead", "two")
    assert second.headers == ()


@pytest.mark.parametrize("name", ["topic", "partition", "offset", "attempts", "error-type"])
def test_what_is_no_dead_letter_is_refused(name: str) -> None:
    message = KafkaMessage(topic="in", partition=0, offset=0)
    whole = letter_of(message, ValueError("x"))
    torn = KafkaMessage(
        topic="dead", partition=0, offset=0,
        headers=[pair for pair in whole.headers if pair[0] != PREFIX + name],
    )  # fmt: skip
    with pytest.raises(InvalidResponseError, match=PREFIX + name):
        read_dead_letter(torn)


@given(st.text().filter(lambda t: not (t.isascii() and t.isdigit())))
def test_a_number_that_is_none_is_refused(text: str) -> None:
    message = KafkaMessage(topic="in", partition=0, offset=0)
    whole = letter_of(message, ValueError("x"))
    torn = KafkaMessage(
        topic="dead", partition=0, offset=0,
        headers=[*whole.headers, (f"{PREFIX}offset", text.encode("utf-8", "surrogatepass"))],
    )  # fmt: skip
    with pytest.raises(InvalidResponseError, match="offset"):
        read_dead_letter(torn)


def test_a_letter_without_what_is_large_says_so() -> None:
    message = KafkaMessage(
        topic="in", partition=2, offset=7, key=b"k", value=b"x" * 9000, headers=[("trace", b"1")]
    )
    for key, omitted in ((b"k", ("value", "headers")), (b"k" * 9000, ("key", "value", "headers"))):
        whole = dead_letter(message, ValueError("no"), topic="dead", attempts=3)
        short = shortened(whole.model_copy(update={"key": key}))
        assert len(str(short)) < 2000
        read = read_dead_letter(
            KafkaMessage(
                topic="dead", partition=0, offset=0, key=short.key, value=short.value,
                headers=short.headers,
            )
        )  # fmt: skip
        assert (read.topic, read.offset, read.value, read.headers) == ("in", 7, None, ())
        assert (read.key, read.omitted) == (None if "key" in omitted else b"k", omitted)
        with pytest.raises(InvalidResponseError, match="partition 2, offset 7"):
            read.again()


def test_half_a_surrogate_pair_travels_as_text() -> None:
    message = KafkaMessage(topic="in", partition=0, offset=0)
    read = read_dead_letter(letter_of(message, ValueError("user \ud800 is unknown")))
    assert read.error_message == "user \\ud800 is unknown"


def test_headers_that_cannot_be_read_are_left_out() -> None:
    class Broken:
        def headers(self) -> None:
            raise SystemError("returned a result with an exception set")

        def __getattr__(self, name: str) -> object:
            facts = {"topic": "in", "partition": 0, "offset": 3, "key": b"k", "value": b"v"}
            return lambda: facts.get(name, (0, -1))

    read = read_dead_letter(letter_of(KafkaMessage.of(Broken(), "k", "v"), ValueError("no")))
    assert (read.offset, read.value, read.headers) == (3, b"v", ())
    assert read.omitted == ("headers",)
