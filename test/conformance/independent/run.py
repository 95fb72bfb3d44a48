"""Plays every kind of call against a Farcall server that serves farcall.test.Wire, and prints what it observed.

    python3 run.py <host> <port>

One line of JSON for each observation: {"fact": name, "value": what was seen}. Whoever starts this judges the values.
Values that JSON has no form for are written as test/conformance/vectors/README.md says. After {"ask": "drain"} the
server is expected to leave.
"""

import json
import struct
import sys
import time
import traceback

import messagepack as mp
from farcall_client import CallError, Connection

SERVICE = "farcall.test.Wire"
host, port = sys.argv[1], int(sys.argv[2])


def shown(value):
    """A value in the notation of the vectors."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if value is mp.UNDEFINED:
        return {"$undefined": True}
    if isinstance(value, mp.BigInt):
        return {"$bigint": str(int(value))}
    if isinstance(value, int):
        return value if abs(value) <= mp.MAX_SAFE_INTEGER else {"$bigint": str(value)}
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return {"$number": {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]}
        return int(value) if value.is_integer() and abs(value) <= mp.MAX_SAFE_INTEGER else value
    if isinstance(value, bytes):
        return {"$bytes": value.hex()} if len(value) <= 64 else {"$byteLength": len(value)}
    if isinstance(value, mp.Timestamp):
        return {"$date": [value.seconds, value.nanoseconds]}
    if isinstance(value, dict):
        return {key: shown(element) for key, element in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(element) for element in value]
    raise TypeError(type(value).__name__)


def say(**line):
    print(json.dumps(line, ensure_ascii=False), flush=True)


def fact(name, value):
    say(fact=name, value=shown(value))


def failure(run):
    """What a call failed with."""
    try:
        return {"value": run()}
    except CallError as error:
        return {
            "code": error.code,
            "executed": error.executed,
            "reason": error.reason,
            "details": error.details,
            "retryAfterMs": error.retry_after_ms,
        }


def message_of(run):
    try:
        run()
        return None
    except CallError as error:
        return error.message


def still(read, least):
    """Waits until `read()` has come to `least`, and looks again when anything more would have come too."""
    deadline = time.monotonic() + 20
    while read() < least and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    return read()


def connect(**limits):
    return Connection(host, port, limits=limits)


def raw(form, head, value):
    """A value in a form of our own choice."""
    return mp.Raw(bytes([head]) + struct.pack(form, value))


EVERYTHING = {
    "text": ["", "plain", "é漢😀", "x" * 31, "x" * 32, "x" * 256, "x" * 70_000, mp.Raw(b"\xdb\x00\x00\x00\x02hi")],
    "numbers": [
        0,
        127,
        128,
        255,
        256,
        65_535,
        65_536,
        2**32 - 1,
        2**32,
        2**40,
        2**53 - 1,
        -1,
        -32,
        -33,
        -128,
        -129,
        -32_768,
        -32_769,
        -(2**31),
        -(2**31) - 1,
        -(2**53) + 1,
        1.5,
        -0.0,
        float("nan"),
        float("inf"),
        float("-inf"),
        raw(">B", 0xCC, 1),
        raw(">H", 0xCD, 1),
        raw(">I", 0xCE, 1),
        raw(">Q", 0xCF, 2**40),
        raw(">Q", 0xCF, 2**53 - 1),
        raw(">b", 0xD0, -1),
        raw(">h", 0xD1, -1),
        raw(">i", 0xD2, -1),
        raw(">q", 0xD3, -(2**53) + 1),
        raw(">f", 0xCA, 0.25),
    ],
    "bigints": [
        mp.BigInt(0),
        mp.BigInt(-1),
        mp.BigInt(2**63 - 1),
        mp.BigInt(-(2**63)),
        mp.BigInt(2**63),
        mp.BigInt(2**64 - 1),
        mp.BigInt(2**64),
        mp.BigInt(-(2**63) - 1),
        mp.BigInt(2**100),
        mp.BigInt(-(2**511)),
        mp.Raw(b"\x05"),
        mp.Raw(b"\xcc\xff"),
        mp.Raw(b"\xd0\x80"),
        mp.Raw(b"\xd4\x42\x80"),
        mp.Raw(b"\xc7\x03\x42\x01\x00\x00"),
    ],
    "flags": [True, False],
    "nothing": None,
    "level": 2,
    "literal": "off",
    "pair": ["a", 1],
    "also": mp.UNDEFINED,
    "orNull": ["here", None],
    "holes": [mp.UNDEFINED, "x", None],
    "record": {"": 1, "key": 2, "a b": 3},
    "dates": [
        mp.Timestamp(0),
        mp.Timestamp(1_000_000_000),
        mp.Timestamp(1_000_000_000, 123_000_000),
        mp.Timestamp(1_000_000_000, 123_456_789),
        mp.Timestamp(-1),
        mp.Timestamp(-1, 999_000_000),
        mp.Timestamp(-62_135_596_800),
        mp.Timestamp(2**32),
        mp.Timestamp(2**34 + 1, 1_000_000),
    ],
    "bytes": bytes(range(8)),
    "shapes": [{"kind": "circle", "radius": 1.5}, {"kind": "square", "side": mp.BigInt(3)}],
    "either": ["a", 1, mp.Timestamp(5)],
}


def values():
    connection = connect()
    with_unknown = {**EVERYTHING, "pair": ["a", 1, True], "maybe": "yes", "fromANewerContract": {"deep": [1]}}
    mirror = connection.unary(SERVICE, "everything", EVERYTHING)
    text = mirror["back"].pop("text")
    fact("values: text", text[:6])
    fact("values: long text", [len(text[6]), text[7]])
    for key, value in mirror["back"].items():
        fact(f"values: {key}", value)
    fact("values: as the server saw them", mirror["seen"])
    back = connection.unary(SERVICE, "everything", with_unknown)["back"]
    fact("values: optional elements and properties", [back["pair"], back.get("maybe")])
    fact("values: void", connection.unary(SERVICE, "nothing"))
    for name, args in {
        "one": ["a"],
        "all": ["a", "b", "c"],
        "a hole": ["a", mp.UNDEFINED, "c"],
        "surplus": ["a", "b", "c", "d", 5],
        "too few": [],
        "a wrong type": [1],
        "no array": None,
    }.items():
        payload = mp.encode(args)
        fact(
            f"arguments: {name}",
            failure(lambda p=payload: connection.start_encoded("unary", SERVICE, "parameters", p).result()),
        )
    surrogate = connection.unary(SERVICE, "parameters", "\ud800")
    fact("values: a lone surrogate of ours", surrogate)
    connection.leave()
    fact("values: the connection held", connection.protocol_error)


def errors():
    connection = connect()
    fact("error: of the handler", failure(lambda: connection.unary(SERVICE, "fail", "not found")))
    fact("error: of the handler, message", message_of(lambda: connection.unary(SERVICE, "fail", "not found")))
    fact("error: a fault", failure(lambda: connection.unary(SERVICE, "fail", "fault")))
    fact("error: a fault, message", message_of(lambda: connection.unary(SERVICE, "fail", "fault")))
    fact("error: invalid argument", failure(lambda: connection.unary(SERVICE, "fail", "otherwise")))
    fact("error: no such method", failure(lambda: connection.unary(SERVICE, "missing")))
    fact("error: no such service", failure(lambda: connection.unary("farcall.test.Missing", "missing")))
    fact("error: metadata with a bad key", failure(lambda: connection.unary(SERVICE, "nothing", metadata=[("a b", "")])))
    big = [("k", "v" * 65_536)]
    fact("error: metadata too large", failure(lambda: connection.unary(SERVICE, "nothing", metadata=big)))
    fact("error: the connection goes on", connection.unary(SERVICE, "parameters", "still here"))

    call = connection.start("client", SERVICE, "tally", ["wrong item"])
    call.send("not bytes")
    fact("error: an item that does not fit", failure(call.result))
    connection.leave()


def metadata():
    connection = connect()
    sent = [("first", "1"), ("twice", "a"), ("twice", "b"), ("bytes", b"\x00\xff"), ("é".encode().hex(), "漢")]
    call = connection.start("unary", SERVICE, "metadata", metadata=sent)
    fact("metadata: as the handler saw it", call.result())
    fact("metadata: headers", [list(pair) for pair in call.headers])
    fact("metadata: trailers", [list(pair) for pair in call.trailers])
    most = [("k", "v" * 65_535)]
    call = connection.start("unary", SERVICE, "metadata", metadata=most)
    fact("metadata: 64 KiB", [len(line) for line in call.result()])
    connection.leave()


def cancelling():
    connection = connect()
    before = len(connection.unary(SERVICE, "aborted"))

    def reasons(count):
        for _ in range(200):
            seen = connection.unary(SERVICE, "aborted")[before:]
            if len(seen) >= count:
                break
            time.sleep(0.01)
        return seen

    fact("deadline: of this side", failure(lambda: connection.unary(SERVICE, "sleep", 60_000, timeout_ms=100)))
    fact("deadline: what the handler heard", reasons(1))
    late = connection.start("unary", SERVICE, "sleep", [60_000], timeout_ms=50, watch_deadline=False)
    fact("deadline: of the callee", failure(late.result))
    fact("deadline: what that handler heard", reasons(2)[1:])
    call = connection.start("unary", SERVICE, "sleep", [60_000])
    connection.ping()
    call.cancel()
    fact("cancel: the call", failure(call.result))
    fact("cancel: what the handler heard", reasons(3)[2:])
    stream = connection.start("server", SERVICE, "count", [1_000_000])
    first = [next(stream) for _ in range(3)]
    stream.cancel()
    fact("cancel: a stream", [first, failure(lambda: next(stream))])
    fact("cancel: the connection goes on", connection.unary(SERVICE, "parameters", "still here"))
    connection.leave()
    fact("cancel: late frames are no error", connection.protocol_error)


def streams():
    connection = connect()
    fact("stream: server", list(connection.start("server", SERVICE, "count", [5])))
    fact("stream: nothing", list(connection.start("server", SERVICE, "count", [0])))
    many = list(connection.start("server", SERVICE, "count", [50_000]))
    fact("stream: 50 000 items", [len(many), many == list(range(50_000))])

    call = connection.start("client", SERVICE, "tally", ["several in one frame"])
    call.send_together([b"a", b"bc", b""])
    call.end()
    fact("stream: client", call.result())

    call = connection.start("bidi", SERVICE, "shout")
    heard = []
    for line in ("one", "två", "three"):
        call.send(line)
        heard.append(next(call))
    call.end()
    fact("stream: both", [heard, list(call)])

    # credit towards us: a slow reader
    size = 16_384
    call = connection.start("server", SERVICE, "flood", [128, size])
    total = 0
    for at, item in enumerate(call):
        total += len(item)
        if at % 8 == 0:
            time.sleep(0.02)
    fact("credit: bytes read slowly", total)
    fact("credit: never more than the window and one message", call.most_held <= call.window + call.largest_cost)
    fact("credit: the server used the window", call.most_held > call.window // 2)

    # a reader that stands still: the server stops at the credit, to the item
    call = connection.start("server", SERVICE, "flood", [128, size])
    held = still(lambda: call.arrived_cost, call.window)
    cost = call.largest_cost
    fact("credit: a reader that stands still", [held // cost, -(-call.window // cost)])
    fact("credit: and then reads on", sum(len(item) for item in call))

    # credit towards the server: more than it allows at first
    call = connection.start("client", SERVICE, "tally", ["a megabyte"])
    for _ in range(128):
        call.send(bytes(8_192))
    call.end()
    fact("credit: a client stream beyond its credit", call.result())
    fact("credit: the server raised it", call.credits > 0 and call.credit > connection.peer_limits["streamWindowBytes"])

    # items that go in chunks
    call = connection.start("server", SERVICE, "flood", [6, 200_000])
    fact("credit: large items from the server", [len(item) for item in call])
    call = connection.start("client", SERVICE, "tally", ["large items"])
    for _ in range(6):
        call.send(bytes(200_000))
    call.end()
    fact("credit: large items to the server", call.result())
    connection.leave()
    fact("stream: the connection held", connection.protocol_error)


def large():
    connection = connect()
    for name, size in (("1 MiB", 1 << 20), ("4 MiB", (1 << 22) - 6)):
        data = bytes(index * 7 % 251 for index in range(1_000)) * (size // 1_000 + 1)
        data = data[:size]
        fact(f"large: {name} both ways", connection.unary(SERVICE, "echo", data) == data)
    fact("large: a result of 4 MiB", len(connection.unary(SERVICE, "make", (1 << 22) - 5)))
    fact("large: a result of 4 MiB + 1", failure(lambda: connection.unary(SERVICE, "make", (1 << 22) - 4)))
    payload = mp.encode([bytes((1 << 22) - 5)])
    fact("large: 4 MiB + 1 is refused here", failure(lambda: connection.start_encoded("unary", SERVICE, "echo", payload)))
    forced = connection.start_encoded("unary", SERVICE, "echo", payload, check=False)
    fact("large: 4 MiB + 1 is refused there", [len(payload), failure(forced.result)])
    fact("large: the connection goes on", len(connection.unary(SERVICE, "echo", bytes(100_000))))

    # small calls pass large ones
    slow = connection.start("unary", SERVICE, "make", [4_000_000])
    fact("large: a small call meanwhile", connection.unary(SERVICE, "parameters", "quick"))
    fact("large: and the large one", len(slow.result()))
    connection.leave()
    fact("large: the connection held", connection.protocol_error)

    # credit for chunks
    narrow = connect(chunkWindowBytes=131_072)
    narrow.hold_chunk_credit = True
    call = narrow.start("unary", SERVICE, "make", [1_000_000])
    held = still(lambda: narrow.chunk_bytes_received, 65_536)
    fact("chunks: the server stops at the credit", [held <= 131_072, held > 0, call.ended])
    narrow.hold_chunk_credit = False
    narrow.credit_chunks()
    fact("chunks: and goes on with more", len(call.result()))
    narrow.leave()

    small = connect(maxMessageBytes=1_024)
    fact("large: beyond what this side accepts", failure(lambda: small.unary(SERVICE, "make", 1_024)))
    fact("large: within what this side accepts", len(small.unary(SERVICE, "make", 1_021)))
    small.leave()

    window = connect(streamWindowBytes=1_024)
    call = window.start("server", SERVICE, "flood", [20, 1_000])
    held = still(lambda: call.arrived_cost, call.window)
    fact("credit: a window of our own", [held, len(list(call))])
    window.leave()


def living():
    connection = connect()
    fact("welcome: keys", sorted(connection.welcome))
    nonce, load = connection.ping()
    fact("ping: answered", [nonce, sorted(load)])
    connection.socket.send(mp.encode([100, {"not": "known"}]))
    fact("ignorable: skipped", connection.ping()[0] == nonce + 1)
    deadline = time.monotonic() + 5
    while connection.pings_answered < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    fact("ping: of the server, answered", connection.pings_answered >= 2)
    connection.leave()
    fact("goodbye: of this side", list(connection.wait_closed()))

    connection = connect()
    running = connection.start("unary", SERVICE, "sleep", [700])
    connection.ping()
    say(ask="drain")
    with connection.changed:
        connection.changed.wait_for(lambda: connection.goodbye is not None, 10)
    fact("goodbye: of the server", [connection.goodbye[0] == running.id, connection.goodbye[1] != ""])
    fact("goodbye: a new call here", failure(lambda: connection.unary(SERVICE, "nothing")))
    connection.goodbye = None
    fact("goodbye: a call that crosses it", failure(lambda: connection.unary(SERVICE, "nothing")))
    fact("goodbye: the running call ends well", failure(running.result))
    fact("goodbye: the close", connection.wait_closed()[0])


def main():
    for part in (values, errors, metadata, cancelling, streams, large, living):
        try:
            part()
        except Exception:
            say(broken=part.__name__, trace=traceback.format_exc())
    say(done=True)


main()
