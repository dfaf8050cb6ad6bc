"""A stream in a process of its own, for tests that kill it: options are JSON, marks go to stdout."""

import json
import os
import sys
import threading
from typing import Any

from racto.kafka import (
    KafkaConsumerClient,
    KafkaConsumerConfig,
    KafkaMessage,
    KafkaProducerClient,
    KafkaProducerConfig,
    KafkaPublishRequest,
    KafkaStreamConfig,
    KafkaStreamProcessor,
    each,
)


def main(options: dict[str, Any]) -> None:
    servers = {"bootstrap_servers": options["servers"]}
    consumer = KafkaConsumerClient(
        config=KafkaConsumerConfig(
            **servers,
            topics=options["source"],
            group_id=options["group"],
            auto_offset_reset="earliest",
            session_timeout_ms=1500,
        )
    )
    extra = {"transactional.id": options["group"]} if options.get("exactly_once") else {}
    producer = KafkaProducerClient(config=KafkaProducerConfig(**servers, linger_ms=0, extra=extra))
    stream = KafkaStreamProcessor(
        consumer=consumer,
        producer=producer,
        config=KafkaStreamConfig(
            batch_size=10,
            workers=options.get("workers", 1),
            commit_interval_ms=options.get("interval", 50),
            guarantee="exactly_once" if extra else "at_least_once",
        ),
    )
    handled = 0

    def handle(message: KafkaMessage) -> KafkaPublishRequest:
        nonlocal handled
        handled += 1
        if handled == options.get("die_after"):
            # Its output is on its way, and its offset is not committed.
            producer.flush(5)
            os.kill(os.getpid(), 9)
        if options.get("announce"):
            print("begun", flush=True)
        threading.Event().wait(options.get("seconds", 0))
        print(handled, flush=True)
        return KafkaPublishRequest(topic=options["target"], value=message.value)

    count = stream.run(each(handle))
    consumer.close()
    producer.close()
    print("ended", count, flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
