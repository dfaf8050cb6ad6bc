"""What is asked of racto-batch: 20,000 items a second each way, and memory that does not grow."""

from benchmarks.harness.case import Case, Environment, Side

REFERENCE = Environment(name="ractogateway-openai", requirements=("ractogateway[openai]==0.2.1",))
NAME = "ractogateway 0.2.1"
HOW = "one job over HTTP to a stand-in for OpenAI in a process of its own"

CASES = [
    Case(
        name="20,000 items to lines of JSONL",
        unit="items/s",
        measure="rate",
        better="higher",
        how="items made, checked, encoded by the OpenAI kit, written with their state to the disk",
        given={"count": 20_000},
        quick={"count": 2_000},
        ours=Side(file="side_racto.py", function="build"),
        peer=Side(file="side_json.py", function="build"),
        peer_name="a dictionary, json.dumps and write, nothing checked",
        asked="ours >= 20000",
    ),
    Case(
        name="20,000 lines of results to kept outcomes",
        unit="items/s",
        measure="rate",
        better="higher",
        how="lines out of order read, told apart and laid beside their items on the disk",
        given={"count": 20_000},
        quick={"count": 2_000},
        ours=Side(file="side_racto.py", function="parse"),
        peer=Side(file="side_json.py", function="parse"),
        peer_name="json.loads into a dictionary by id",
        asked="ours >= 20000",
    ),
    Case(
        name="20,000 kept outcomes to results in order",
        unit="items/s",
        measure="rate",
        better="higher",
        how="replies read by the OpenAI kit into LLMResponse, with usage and price",
        given={"count": 20_000},
        quick={"count": 2_000},
        ours=Side(file="side_racto.py", function="read"),
    ),
    Case(
        name="50,000 items from submission to the last result",
        unit="items/s",
        measure="figure",
        better="higher",
        how=f"{HOW}, by the CPU time of the client",
        given={"count": 50_000},
        quick={"count": 2_000},
        ours=Side(file="side_racto.py", function="whole_rate"),
        peer=Side(file="side_reference.py", function="whole_rate", environment=REFERENCE),
        peer_name=NAME,
        runs=3,
        seconds=0,
    ),
    Case(
        name="50,000 items from submission to the last result, peak memory",
        unit="MB",
        measure="figure",
        better="lower",
        how=f"{HOW}, largest resident size of the client",
        given={"count": 50_000},
        quick={"count": 2_000},
        ours=Side(file="side_racto.py", function="whole_memory"),
        peer=Side(file="side_reference.py", function="whole_memory", environment=REFERENCE),
        peer_name=NAME,
        asked="ours <= 150",
        runs=3,
        seconds=0,
    ),
]
