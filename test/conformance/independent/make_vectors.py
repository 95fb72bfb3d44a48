"""Writes test/conformance/vectors from what docs/protocol.md says. The encoder is the one beside this file, so the
vectors owe nothing to the code they judge.

    python3 make_vectors.py && npx biome check --write ../vectors
"""

import json
import pathlib
import struct
import sys

import messagepack as mp

OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "vectors"
SERVICE = "farcall.test.Conformance"


def hexed(value):
    return mp.encode(value).hex()


def frame(*elements):
    return mp.encode(list(elements))


def announce(length):
    return mp.Announcement(length)


def times(count, text):
    return {"repeat": text, "times": count}


# --- frames -----------------------------------------------------------------------------------------------------------

frames = []


def good(name, data, direction, *meaning):
    frames.append(
        {
            "name": name,
            "hex": data.hex() if isinstance(data, bytes) else data,
            "direction": direction,
            "meaning": list(meaning),
        }
    )


def bad(name, data, code=4400):
    frames.append(
        {
            "name": name,
            "hex": data.hex() if isinstance(data, bytes) else data,
            "direction": "both",
            "refusal": {"closeCode": code},
        }
    )


UP, DOWN, BOTH = "opener to acceptor", "acceptor to opener", "both"
FULL_LIMITS = {
    "maxMessageBytes": 4_194_304,
    "streamWindowBytes": 262_144,
    "maxCalls": 4_096,
    "chunkWindowBytes": 4_194_304,
}
HELLO = {"minor": 0, "agent": "a/1", "capabilities": [], "limits": FULL_LIMITS, "contracts": {"s": "0123456789abcdef"}}


def call(id=1, method=0, timeout_ms=0, head=None, args=()):
    return frame(16, id, method, timeout_ms, head, mp.Raw(mp.encode(list(args))))


def meant_call(id=1, method=0, timeout_ms=0, head=None, args=None):
    return {"kind": "call", "id": id, "method": method, "timeoutMs": timeout_ms, "head": head, "args": args or []}


def make_frames():
    good("hello, empty", frame(1, {}), UP, {"kind": "hello", "map": {}})
    good("hello, every key", frame(1, HELLO), UP, {"kind": "hello", "map": HELLO})
    good("hello, a key from a later version", frame(1, {"minor": 7, "new": [1]}), UP, {"kind": "hello", "map": {"minor": 7, "new": [1]}})
    good("hello, map 16", bytes.fromhex("9201de0001a56d696e6f7200"), UP, {"kind": "hello", "map": {"minor": 0}})
    good("hello, map 32 and str 8", bytes.fromhex("9201df00000001d9056d696e6f7200"), UP, {"kind": "hello", "map": {"minor": 0}})
    welcome = {**HELLO, "instanceId": "i", "connectionId": "c"}
    good("welcome", frame(2, welcome), DOWN, {"kind": "welcome", "map": welcome})

    for form, text, value in (
        ("positive fixint", "00", 0),
        ("positive fixint, the largest", "7f", 127),
        ("uint 8", "ccff", 255),
        ("uint 8, longer than it needs", "cc00", 0),
        ("uint 16", "cdffff", 65_535),
        ("uint 16, longer than it needs", "cd0001", 1),
        ("uint 32", "ceffffffff", 2**32 - 1),
        ("uint 32, longer than it needs", "ce00000001", 1),
        ("uint 64", "cf0000000100000000", 2**32),
        ("uint 64, longer than it needs", "cf0000000000000001", 1),
        ("uint 64, the largest allowed", "cf001fffffffffffff", 2**53 - 1),
    ):
        good(f"ping, {form}", f"9203{text}", BOTH, {"kind": "ping", "nonce": value})
        good(f"credit, {form}", f"9316{text}{text}", BOTH, {"kind": "credit", "id": value, "total": value})
    good("pong, nil", frame(4, 9, None), BOTH, {"kind": "pong", "nonce": 9, "load": None})
    good("pong, a load", frame(4, 300, {"running": 3, "lagMs": 70_000}), BOTH, {"kind": "pong", "nonce": 300, "load": {"running": 3, "lagMs": 70_000}})
    good("pong, when to come back", frame(4, 9, {"lagMs": 1, "reconnectMs": 30_000}), BOTH, {"kind": "pong", "nonce": 9, "load": {"lagMs": 1, "reconnectMs": 30_000}})
    good("pong, a load that says nothing", frame(4, 9, {}), BOTH, {"kind": "pong", "nonce": 9, "load": {}})
    good("pong, half a load, and a key from a later version", frame(4, 9, {"lagMs": 0, "calls": "3"}), BOTH, {"kind": "pong", "nonce": 9, "load": {"lagMs": 0}})
    good("time", frame(9, 1_234), BOTH, {"kind": "time", "sentAt": 1_234})
    good("time, the largest", "9209cf001fffffffffffff", BOTH, {"kind": "time", "sentAt": 2**53 - 1})
    good("goodbye", frame(5, 17, "later"), BOTH, {"kind": "goodbye", "lastCallId": 17, "reason": "later"})
    good("goodbye, nothing accepted, no reason", frame(5, 0, ""), BOTH, {"kind": "goodbye", "lastCallId": 0, "reason": ""})
    good("goodbye, the longest reason", frame(5, 0, "r" * 256), BOTH, {"kind": "goodbye", "lastCallId": 0, "reason": "r" * 256})

    good("drain, phase 1", frame(7, 1, {}), BOTH, {"kind": "drain", "phase": 1})
    good("drain, phase 1, a key from a later version", frame(7, 1, {"why": "deploy"}), BOTH, {"kind": "drain", "phase": 1})
    last = {"lastCallId": 2**53 - 1, "reconnectMinMs": 100, "reconnectMaxMs": 70_000}
    good("drain, phase 2", b"\x93\x07\x02\x83" + b"".join(mp.encode(key) + uint(number) for key, number in last.items()), DOWN, {"kind": "drain", "phase": 2, **last})
    good("drain, phase 2, the least", frame(7, 2, {"lastCallId": 0}), DOWN, {"kind": "drain", "phase": 2, "lastCallId": 0, "reconnectMinMs": 0, "reconnectMaxMs": 0})
    good("drain, phase 2, one bound", frame(7, 2, {"lastCallId": 7, "reconnectMinMs": 300, "later": None}), DOWN, {"kind": "drain", "phase": 2, "lastCallId": 7, "reconnectMinMs": 300, "reconnectMaxMs": 300})
    good("health", frame(8, {"shop.Stock": False, "": True}), BOTH, {"kind": "health", "services": {"shop.Stock": False, "": True}})
    good("health, nothing", frame(8, {}), BOTH, {"kind": "health", "services": {}})

    good("call, the least", call(), BOTH, meant_call())
    good("call, a frame as array 16", "dc000610010000c090", BOTH, meant_call())
    good("call, a frame as array 32", "dd0000000610010000c090", BOTH, meant_call())
    good("call, arguments as array 16", "9610010000c0dc0000", BOTH, meant_call())
    good("call, wide integers", "9610cf0000000000000003cd0002ce000003e8c09101", BOTH, meant_call(3, 2, 1_000, None, [1]))
    good("call, the largest id and timeout", "9610cf001fffffffffffffcd0fffcf001fffffffffffffc090", BOTH, meant_call(2**53 - 1, 4_095, 2**53 - 1))
    head = {"metadata": ["k", "v", "k", b"\x00\xff"]}
    good("call, metadata", call(head=head), BOTH, meant_call(head={"metadata": ["k", "v", "k", {"$bytes": "00ff"}]}))
    good("call, a head with other keys", call(head={"later": True}), BOTH, meant_call(head={"later": True}))
    good("call, an empty head", call(head={}), BOTH, meant_call(head={}))
    everything = ["", "é", 1, -1, 1.5, None, True, mp.UNDEFINED, b"\x01", mp.BigInt(2**70), mp.Timestamp(-1, 5_000_000), {"a": [{}]}]
    meant = [
        "",
        "é",
        1,
        -1,
        1.5,
        None,
        True,
        {"$undefined": True},
        {"$bytes": "01"},
        {"$bigint": str(2**70)},
        {"$date": [-1, 5_000_000]},
        {"a": [{}]},
    ]
    good("call, one of each value", call(args=everything), BOTH, meant_call(args=meant))
    good("call, announced arguments", frame(16, 1, 0, 0, None, announce(70_000)), BOTH, meant_call(args={"$announced": 70_000}))
    good("call, announced arguments, one byte", frame(16, 1, 0, 0, None, announce(1)), BOTH, meant_call(args={"$announced": 1}))
    good("call, announced arguments, the most", frame(16, 1, 0, 0, None, announce(2**32 - 1)), BOTH, meant_call(args={"$announced": 2**32 - 1}))

    good("result, nil", frame(17, 1, None), BOTH, {"kind": "result", "id": 1, "value": None})
    good("result, a value", frame(17, 300, {"a": 1}), BOTH, {"kind": "result", "id": 300, "value": {"a": 1}})
    good("result, announced", frame(17, 1, announce(65_537)), BOTH, {"kind": "result", "id": 1, "value": {"$announced": 65_537}})
    for number, code in enumerate(
        (
            "CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED"
            " RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS"
            " UNAUTHENTICATED"
        ).split(),
        1,
    ):
        good(f"error, {code}", frame(18, 1, number, 1, "m", None), BOTH, {"kind": "error", "id": 1, "code": code, "executed": "yes", "message": "m", "head": None})
    for number in (0, 17, 4_294_967_296):
        good(f"error, a code of a later version: {number}", b"\x96\x12\x01" + uint(number) + b"\x00\xa0\xc0", BOTH, {"kind": "error", "id": 1, "code": "UNKNOWN", "executed": "no", "message": "", "head": None})
    good("error, unknown whether it ran", frame(18, 1, 14, 2, "", None), BOTH, {"kind": "error", "id": 1, "code": "UNAVAILABLE", "executed": "unknown", "message": "", "head": None})
    good("error, executed of a later version", frame(18, 1, 14, 3, "", None), BOTH, {"kind": "error", "id": 1, "code": "UNAVAILABLE", "executed": "unknown", "message": "", "head": None})
    head = {"reason": "MESSAGE_TOO_LARGE", "details": {"sku": "A"}, "retryAfterMs": 250, "later": 1}
    good("error, a head", frame(18, 1, 5, 1, "no such thing", head), BOTH, {"kind": "error", "id": 1, "code": "NOT_FOUND", "executed": "yes", "message": "no such thing", "head": head})
    good("error, the longest message", ["961201050" + "1da1000", times(4_096, "6d"), "c0"], BOTH, {"kind": "error", "id": 1, "code": "NOT_FOUND", "executed": "yes", "message": "m" * 4_096, "head": None})

    good("item, one", frame(19, 1, 5), BOTH, {"kind": "item", "id": 1, "values": [5]})
    good("item, several", frame(19, 2, 5, "x", None), BOTH, {"kind": "item", "id": 2, "values": [5, "x", None]})
    good("item, array 16", "dc000313010a", BOTH, {"kind": "item", "id": 1, "values": [10]})
    good("item, a thousand", ["dc03ea1301", times(1_000, "07")], BOTH, {"kind": "item", "id": 1, "values": [7] * 1_000})
    good("item, announced", frame(19, 1, announce(100_000)), BOTH, {"kind": "item", "id": 1, "values": [{"$announced": 100_000}]})
    good("end", frame(20, 1), BOTH, {"kind": "end", "id": 1})
    good("cancel, CANCELLED", frame(21, 1, 1), BOTH, {"kind": "cancel", "id": 1, "code": "CANCELLED"})
    good("cancel, DEADLINE_EXCEEDED", frame(21, 1, 4), BOTH, {"kind": "cancel", "id": 1, "code": "DEADLINE_EXCEEDED"})
    good("credit for chunks", frame(22, 0, 4_259_840), BOTH, {"kind": "credit", "id": 0, "total": 4_259_840})
    good("method", frame(23, 0, "s.S", "m", "0123456789abcdef"), BOTH, {"kind": "method", "number": 0, "service": "s.S", "method": "m", "fingerprint": "0123456789abcdef"})
    good("method, no fingerprint, str 8, 16 and 32", "951700d90173da000173db00000000", BOTH, {"kind": "method", "number": 0, "service": "s", "method": "s", "fingerprint": ""})
    good("method, the longest names", frame(23, 1, "s" * 256, "é" * 128, "f" * 64), BOTH, {"kind": "method", "number": 1, "service": "s" * 256, "method": "é" * 128, "fingerprint": "f" * 64})
    good("chunk, bin 8", frame(24, 1, b"\x01\x02"), BOTH, {"kind": "chunk", "id": 1, "bytes": {"$bytes": "0102"}})
    good("chunk, bin 16", "931801c5000101", BOTH, {"kind": "chunk", "id": 1, "bytes": {"$bytes": "01"}})
    good("chunk, bin 32", "931801c60000000101", BOTH, {"kind": "chunk", "id": 1, "bytes": {"$bytes": "01"}})
    good("chunk, the longest", ["931801c600010000", times(65_536, "ab")], BOTH, {"kind": "chunk", "id": 1, "bytes": {"$bytes": times(65_536, "ab")}})
    good("headers", frame(25, 1, ["k", "v"]), DOWN, {"kind": "headers", "id": 1, "metadata": ["k", "v"]})
    good("headers, none", frame(25, 1, []), DOWN, {"kind": "headers", "id": 1, "metadata": []})
    good("trailers", frame(26, 1, ["k", b"\x00", "k", "w"]), DOWN, {"kind": "trailers", "id": 1, "metadata": ["k", {"$bytes": "00"}, "k", "w"]})

    ping, pong = {"kind": "ping", "nonce": 1}, {"kind": "pong", "nonce": 2, "load": None}
    good("two frames in one message", frame(3, 1) + frame(4, 2, None), BOTH, ping, pong)
    batch = frame(23, 0, "s", "m", "") + call(1) + frame(19, 1, 1, 2) + frame(20, 1)
    good(
        "a whole call in one message",
        batch,
        BOTH,
        {"kind": "method", "number": 0, "service": "s", "method": "m", "fingerprint": ""},
        meant_call(),
        {"kind": "item", "id": 1, "values": [1, 2]},
        {"kind": "end", "id": 1},
    )
    good("ignorable, the first kind, alone", frame(64), BOTH)
    good("ignorable, the last kind, with data", frame(127, {"a": [1, b"\x00", mp.UNDEFINED]}, None), BOTH)
    good("ignorable, array 16", "dc000264c0", BOTH)
    good("ignorable, between others", frame(3, 1) + frame(90, "x") + frame(4, 2, None), BOTH, ping, pong)

    # the edge of every limit
    good("depth: 63 arrays in a frame", ["931101", times(62, "91"), "90"], BOTH, {"kind": "result", "id": 1, "value": {"$nested": 63}})
    good("values: 100,000 in a payload", ["931101dd0001869f", times(99_999, "07")], BOTH, {"kind": "result", "id": 1, "value": {"$items": [99_999, 7]}})
    good("map key of 1,024 bytes", ["93110181da0400", times(1_024, "6b"), "01"], BOTH, {"kind": "result", "id": 1, "value": {"k" * 1_024: 1}})
    bad("depth: 64 arrays in a frame", ["931101", times(63, "91"), "90"], 4413)
    bad("depth: 64 maps in a frame", ["931101", times(63, "81a161"), "80"], 4413)
    bad("depth: in an ignorable frame", ["9264", times(63, "91"), "90"], 4413)
    bad("depth: in a head", ["9610010000", times(63, "81a161"), "80", "90"], 4413)
    bad("values: 100,001 in a payload", ["931101dd000186a0", times(100_000, "07")], 4413)
    bad("map key of 1,025 bytes", ["93110181da0401", times(1_025, "6b"), "01"], 4413)

    # wrong counts
    for name, kind, exact in (
        ("hello", 1, 1),
        ("welcome", 2, 1),
        ("ping", 3, 1),
        ("pong", 4, 2),
        ("goodbye", 5, 2),
        ("drain", 7, 2),
        ("time", 9, 1),
        ("health", 8, 1),
        ("call", 16, 5),
        ("result", 17, 2),
        ("error", 18, 5),
        ("end", 20, 1),
        ("cancel", 21, 2),
        ("credit", 22, 2),
        ("method", 23, 4),
        ("chunk", 24, 2),
        ("headers", 25, 2),
        ("trailers", 26, 2),
    ):
        bad(f"count: {name} with one element less", frame(kind, *[1] * (exact - 1)))
        bad(f"count: {name} with one element more", frame(kind, *[1] * (exact + 1)))
    bad("count: item without a value", frame(19, 1))
    bad("count: item that declares more than there is", "dc00ff130101")
    bad("count: item that declares four thousand million", "ddffffffff130101")
    bad("count: an empty array", "90")
    # truncations
    whole = call(1, 0, 1_000, {"metadata": ["k", "v"]}, ["text", b"\x01", 1.5])
    for size in range(1, len(whole)):
        bad(f"truncated: a call after {size} bytes", whole[:size])
    bad("an empty message", b"")
    for name, value in (
        ("str", "db000000056161"),
        ("bin", "c6000000056161"),
        ("array", "dd0000ffff01"),
        ("array of four thousand million", "ddffffffff01"),
        ("map", "df0000ffffa16101"),
        ("ext", "c90000000a4201"),
        ("fixext", "d84201"),
        ("float", "cb00"),
        ("uint", "cf00"),
        ("fixstr", "a56161"),
        ("map key", "81d9ff61"),
    ):
        bad(f"truncated: a {name} beyond the end", f"931101{value}")
    # kinds
    for kind in (0, 6, 10, 15, 27, 63):
        bad(f"kind {kind} is not known or reserved", frame(kind, 1))
    bad("kind in uint 8", "92cc0301")
    bad("kind 128", "92cc8001")
    bad("kind negative", "92ff01")
    bad("kind nil", "92c001")
    bad("kind a string", "92a10301")
    for name, text in (("a map", "8103 01"), ("an integer", "03"), ("nil", "c0"), ("0xc1", "c1"), ("a string", "a103"), ("a bin", "c40103")):
        bad(f"not a frame: {name}", text.replace(" ", ""))
    bad("not a frame: garbage after a good one", frame(3, 1) + b"\x00")
    # integers of the envelope
    for name, text in (
        ("negative fixint", "ff"),
        ("int 8", "d001"),
        ("int 16", "d10001"),
        ("int 32", "d200000001"),
        ("int 64", "d30000000000000001"),
        ("float 64", "cb3ff0000000000000"),
        ("float 32", "ca3f800000"),
        ("nil", "c0"),
        ("a string", "a131"),
        ("beyond 2^53 - 1", "cf0020000000000000"),
        ("ext 0x42", "d44201"),
    ):
        bad(f"envelope integer: {name}", f"9203{text}")
        bad(f"envelope integer of a call: {name}", f"961001{text}00c090")
    # strings of the envelope
    bad("error message of 4,097 bytes", ["9612010501da1001", times(4_097, "6d"), "c0"])
    bad("error message: not UTF-8", "9612010501a1ffc0")
    bad("error message: a lone surrogate", "9612010501a3eda080c0")
    bad("error message: a bin", "9612010501c40161c0")
    bad("error message: nil", "9612010501c0c0")
    bad("service name of no bytes", frame(23, 0, "", "m", ""))
    bad("method name of no bytes", frame(23, 0, "s", "", ""))
    bad("service name of 257 bytes", frame(23, 0, "s" * 257, "m", ""))
    bad("method name of 257 bytes", frame(23, 0, "s", "m" * 257, ""))
    bad("method name: not UTF-8", "951700a173a1ffa0")
    bad("fingerprint of 65 bytes", frame(23, 0, "s", "m", "f" * 65))
    bad("goodbye reason of 257 bytes", frame(5, 0, "r" * 257))
    # loads, drains and health
    for name, load in {
        "a list": [],
        "a string": "3",
        "a Date": mp.Raw(bytes.fromhex("d6ff00000000")),
        "running a string": {"running": "3"},
        "running nil": {"running": None},
        "running negative": {"running": -1},
        "running a fraction": {"running": 0.5},
        "running beyond 2^53 - 1": mp.Raw(bytes.fromhex("81a772756e6e696e67cf0020000000000000")),
        "lagMs a boolean": {"lagMs": True},
        "lagMs NaN": {"lagMs": float("nan")},
    }.items():
        bad(f"load of a pong: {name}", frame(4, 1, load))
    for name, phase, plan in (
        ("phase 0", 0, {}),
        ("phase 3", 3, {"lastCallId": 1}),
        ("phase a string", "1", {}),
        ("phase 1 with a list", 1, []),
        ("phase 1 with nil", 1, None),
        ("phase 2 with nil", 2, None),
        ("phase 2 without lastCallId", 2, {"reconnectMinMs": 1, "reconnectMaxMs": 2}),
        ("lastCallId nil", 2, {"lastCallId": None}),
        ("lastCallId negative", 2, {"lastCallId": -1}),
        ("lastCallId a string", 2, {"lastCallId": "1"}),
        ("reconnectMinMs a fraction", 2, {"lastCallId": 1, "reconnectMinMs": 1.5}),
        ("reconnectMaxMs a list", 2, {"lastCallId": 1, "reconnectMaxMs": []}),
        ("bounds the wrong way round", 2, {"lastCallId": 1, "reconnectMinMs": 2, "reconnectMaxMs": 1}),
        ("a lower bound without an upper one", 2, {"lastCallId": 1, "reconnectMaxMs": -1}),
    ):
        bad(f"drain: {name}", frame(7, phase, plan))
    for name, services in {"a list": [], "nil": None, "a value that is 1": {"s": 1}, "a value that is nil": {"s": None}, "a value that is a map": {"s": {}}}.items():
        bad(f"health: {name}", frame(8, services))
    # chunks and announcements
    bad("chunk: empty", "931801c400")
    bad("chunk: 65,537 bytes", ["931801c600010001", times(65_537, "ab")])
    bad("chunk: a string", "931801a161")
    bad("chunk: nil", "931801c0")
    bad("chunk: beyond the end", "931801c40261")
    bad("announcement: of nothing", frame(17, 1, announce(0)))
    bad("announcement: truncated", "931101d6630001")
    bad("announcement: as ext 8", "931101c7046300011170")
    bad("announcement: as fixext 8", "931101d7630000000000011170")
    bad("announcement: among other items", frame(19, 1, 1, announce(70_000)))
    bad("announcement: within a value", frame(17, 1, [announce(70_000)]))
    bad("announcement: of metadata", frame(25, 1, announce(70_000)))
    bad("announcement: of the head of a call", frame(16, 1, 0, 0, announce(70_000), []))
    bad("announcement: of the head of an error", frame(18, 1, 5, 1, "", announce(70_000)))
    bad("announcement: of a load", frame(4, 1, announce(70_000)))
    # MessagePack that is refused anywhere
    for name, text in (
        ("0xc1", "c1"),
        ("0xc1 in an array", "92c101"),
        ("0xc1 as the value of a key", "81a161c1"),
        ("ext 1", "d40100"),
        ("ext 127", "d47f00"),
        ("ext -2", "d4fe00"),
        ("ext 0x63 of another length", "d46300"),
        ("ext 0 of no bytes", "c70000"),
        ("ext 0 of two bytes", "d5000000"),
        ("bigint of no bytes", "c70042"),
        ("timestamp of 1 byte", "d4ff00"),
        ("timestamp of 16 bytes", "d8ff" + "00" * 16),
        ("map key: an integer", "810101"),
        ("map key: nil", "81c001"),
        ("map key: a bin", "81c4016101"),
        ("map key: an array", "819001"),
        ("map key: __proto__", "81a95f5f70726f746f5f5f01"),
        ("map key: __proto__ as str 8", "81d9095f5f70726f746f5f5f01"),
        ("map key: __proto__ within", "9181a16181a95f5f70726f746f5f5f01"),
    ):
        bad(f"value: {name}", f"931101{text}")
        bad(f"ignorable frame with a value: {name}", f"9264{text}")
    bad("value: bigint of 65 bytes", "931101c74142" + "01" * 65, 4413)
    bad("ignorable frame with a value: bigint of 65 bytes", "9264c74142" + "01" * 65, 4413)
    bad("value: two where one is expected", frame(17, 1, 1) + b"\x01")


def uint(value):
    out = bytearray()
    mp.write_uint(out, value)
    return bytes(out)


# --- values -----------------------------------------------------------------------------------------------------------

values = []


def value(kind, meaning, written, *accepted):
    values.append({"type": kind, "value": meaning, "written": written, "accepted": list(accepted)})


def refused(kind, *forms):
    values.append({"type": kind, "refused": list(forms)})


def make_values():
    value("string", "", "a0", "d900", "da0000", "db00000000")
    value("string", "a", "a161", "d90161", "da000161", "db0000000161")
    value("string", "é漢😀", hexed("é漢😀"))
    for size in (31, 32, 63, 64, 255, 256):
        value("string", "x" * size, hexed("x" * size))
    for size in (11, 15, 16, 85, 86, 100, 127, 128):
        value("string", "é" * size, hexed("é" * size))
        value("string", "漢" * size, hexed("漢" * size))
    refused("string", "01", "c0", "c40161", "d40000", "90")
    numbers = (0, 1, 127, 128, 255, 256, 65_535, 65_536, 2**31, 2**32 - 1, -1, -32, -33, -128, -129, -32_768, -32_769, -(2**31))
    for number in numbers:
        forms = [struct.pack(">Bd", 0xCB, number).hex(), struct.pack(">Bq", 0xD3, number).hex()]
        if number >= 0:
            forms.append(struct.pack(">BQ", 0xCF, number).hex())
        if 0 <= number < 2**32:
            forms.append(struct.pack(">BI", 0xCE, number).hex())
        if -(2**31) <= number < 2**31:
            forms.append(struct.pack(">Bi", 0xD2, number).hex())
        value("number", number, hexed(number), *[form for form in forms if form != hexed(number)])
    for number in (2**32, 2**40, 2**53 - 1, -(2**31) - 1, -(2**53) + 1):
        value("number", number, hexed(float(number)), struct.pack(">Bq", 0xD3, number).hex())
    value("number", 1.5, "cb3ff8000000000000", "ca3fc00000")
    value("number", 0.1, "cb3fb999999999999a")
    value("number", {"$number": "-0"}, "cb8000000000000000", "ca80000000")
    value("number", {"$number": "NaN"}, "cb7ff8000000000000", "ca7fc00000")
    value("number", {"$number": "Infinity"}, "cb7ff0000000000000", "ca7f800000")
    value("number", {"$number": "-Infinity"}, "cbfff0000000000000", "caff800000")
    refused("number", "a131", "c0", "c3", "cfffffffffffffffff", "d38000000000000000", "d44201", "d40000")
    for number in (0, 5, -1, 255, 2**53, 2**63 - 1, -(2**63)):
        forms = [struct.pack(">Bq", 0xD3, number).hex()]
        extension = bytearray()
        mp.write_ext(extension, mp.EXT_BIGINT, number.to_bytes(8, "big", signed=True))
        forms.append(extension.hex())
        if -32 <= number < 128:
            forms.append(bytes([number & 0xFF]).hex())
        if number >= 0:
            forms.append(struct.pack(">BQ", 0xCF, number).hex())
        value("bigint", {"$bigint": str(number)}, forms[0], *forms[1:])
    for number in (2**63, 2**64 - 1):
        value("bigint", {"$bigint": str(number)}, struct.pack(">BQ", 0xCF, number).hex(), "c70942" + number.to_bytes(9, "big").hex())
    for number in (2**64, -(2**63) - 1, 2**100, 2**127, -(2**127) - 1, 2**511 - 1, -(2**511)):
        forms = set()
        for size in (9, 10, 12, 13, 16, 17, 24, 63, 64):
            try:
                extension = bytearray()
                mp.write_ext(extension, mp.EXT_BIGINT, number.to_bytes(size, "big", signed=True))
                forms.add(extension.hex())
            except OverflowError:
                pass
        # Which of them is written is the sender's choice.
        values.append({"type": "bigint", "value": {"$bigint": str(number)}, "written": None, "accepted": sorted(forms)})
    refused("bigint", "cb3ff8000000000000", "a131", "c0", "c3", "cb7ff0000000000000")
    for number in (0, 5, -1, 2**53 - 1):
        extension = bytearray()
        mp.write_ext(extension, mp.EXT_BIGINT, number.to_bytes(8, "big", signed=True))
        value("number | bigint", {"$bigint": str(number)}, extension.hex())
        value("number | bigint", number, hexed(number) if number < 2**32 else hexed(float(number)), struct.pack(">Bq", 0xD3, number).hex())
    value("number | bigint", 0.5, "cb3fe0000000000000")
    beyond = [struct.pack(form, token, 2**60).hex() for form, token in ((">Bq", 0xD3), (">BQ", 0xCF))]
    value("number | bigint", {"$bigint": str(2**60)}, "d742" + (2**60).to_bytes(8, "big").hex(), *beyond)
    refused("number | bigint", "a131", "c0", "c3")
    value("boolean", True, "c3")
    value("boolean", False, "c2")
    refused("boolean", "01", "00", "c0", "a0", "d40000")
    value("null", None, "c0")
    refused("null", "c2", "00", "a0", "90")
    value("undefined", {"$undefined": True}, "d40000", "c7010000", "d40007")
    value('"on" | 3 | true', "on", "a26f6e", "d9026f6e")
    value('"on" | 3 | true', 3, "03", "cc03", "cb4008000000000000")
    value('"on" | 3 | true', True, "c3")
    refused('"on" | 3 | true', "a36f6666", "04", "c2", "c0")
    value("number[]", [], "90", "dc0000", "dd00000000")
    value("number[]", [1, 2, 3], "93010203", "dc0003010203")
    value("number[]", [7] * 16, "dc0010" + "07" * 16)
    refused("number[]", "80", "c0", "91a0", "91c0", "c40101")
    value("[string, number?]", ["a", 1], "92a16101")
    value("[string, number?]", ["a"], "91a161")
    refused("[string, number?]", "90", "9101", "93a1610101", "80")
    value("{ a: number; b?: string }", {"a": 1, "b": "x"}, "82a16101a162a178", "82a162a178a16101", "de0002a16101a162a178")
    value("{ a: number; b?: string }", {"a": 1}, "81a16101", "81d90161 01".replace(" ", ""))
    value("{ a: number; b?: string }", {"a": 1, "b": {"$undefined": True}}, "82a16101a162d40000")
    value("{ a: number; b?: string }", {"a": 2}, "81a16102", "82a16101a16102")
    refused("{ a: number; b?: string }", "80", "90", "c0", "81a161a0", "82a16101a16201", "82a16101a162c0")
    value("string | null", None, "c0")
    value("string | null", "a", "a161")
    refused("string | null", "01", "d40000")
    value("Record<string, number>", {}, "80", "de0000", "df00000000")
    value("Record<string, number>", {"": 1, "b": 2}, "82a001a16202")
    refused("Record<string, number>", "81a161a0", "90", "c0")
    for seconds, nanoseconds in ((0, 0), (1, 0), (2**32 - 1, 0)):
        stamp = struct.pack(">I", seconds).hex()
        wide = struct.pack(">Iq", nanoseconds, seconds).hex()
        value("Date", {"$date": [seconds, 0]}, "d6ff" + stamp, "c70cff" + wide, "d7ff" + struct.pack(">Q", seconds).hex())
    value("Date", {"$date": [1, 500_000_000]}, "d7ff" + struct.pack(">Q", 500_000_000 << 34 | 1).hex(), "c70cff" + struct.pack(">Iq", 500_000_000, 1).hex(), "d7ff" + struct.pack(">Q", 500_999_999 << 34 | 1).hex())
    value("Date", {"$date": [-1, 0]}, "c70cff00000000ffffffffffffffff")
    value("Date", {"$date": [-1, 999_000_000]}, "c70cff3b8b87c0ffffffffffffffff")
    value("Date", {"$date": [-62_135_596_800, 0]}, "c70cff00000000" + struct.pack(">q", -62_135_596_800).hex())
    value("Date", {"$date": [2**32, 0]}, "c70cff00000000" + struct.pack(">q", 2**32).hex(), "d7ff" + struct.pack(">Q", 2**32).hex())
    value("Date", {"$date": [2**34 - 1, 0]}, "c70cff00000000" + struct.pack(">q", 2**34 - 1).hex(), "d7ff" + struct.pack(">Q", 2**34 - 1).hex())
    value("Date", {"$date": [8_640_000_000_000, 0]}, "c70cff00000000" + struct.pack(">q", 8_640_000_000_000).hex())
    refused("Date", "00", "c0", "a0", "c70cff000000007fffffffffffffff", "c70cff00000000" + struct.pack(">q", 8_640_000_000_001).hex())
    value("Uint8Array", {"$bytes": ""}, "c400", "c50000", "c600000000")
    value("Uint8Array", {"$bytes": "00ff"}, "c40200ff", "c5000200ff", "c60000000200ff")
    value("Uint8Array", {"$bytes": "ab" * 256}, "c50100" + "ab" * 256)
    refused("Uint8Array", "a0", "9101", "c0")
    value("string | number | Date", "a", "a161")
    value("string | number | Date", 1, "01", "cb3ff0000000000000")
    value("string | number | Date", {"$date": [0, 0]}, "d6ff00000000")
    refused("string | number | Date", "c0", "c3", "90", "c400")


# --- dialogues --------------------------------------------------------------------------------------------------------

dialogues = {"server": [], "client": []}


def dialogue(against, name, *steps, after="welcome", **options):
    dialogues[against].append({"name": name, "after": after, **options, "steps": list(steps)})


def send(*parts):
    """Frames of one message, as hex; parts that are dicts stay."""
    if all(isinstance(part, (bytes, list)) for part in parts):
        return {"send": b"".join(part if isinstance(part, bytes) else frame(*part) for part in parts).hex()}
    return {"send": [part.hex() if isinstance(part, bytes) else part for part in parts]}


def expect(kind, **fields):
    return {"expect": {"kind": kind, **fields}}


def closes(code):
    return {"expectClose": code}


def chunks(id, size):
    return {"expectChunks": {"id": id, "bytes": size}}


def some_chunks(id, size):
    return {"expectChunks": {"id": id, "atLeast": size}}


def withheld(id, size):
    return {"expectChunks": {"id": id, "uncredited": size}}


ANY = {"$any": True}
QUIET = [send([3, 77]), expect("pong", nonce=77)]


def named(*methods):
    return b"".join(frame(23, number, SERVICE, method, "") for number, method in enumerate(methods))


def error(id, code, executed, **rest):
    return expect("error", id=id, code=code, executed=executed, **rest)


def make_server_dialogues():
    d = lambda name, *steps, **options: dialogue("server", name, *steps, **options)
    up = {"after": "upgrade"}
    # handshake
    d("hello is answered with welcome", send([1, HELLO]), expect("welcome", map={"minor": 0, "instanceId": ANY, "connectionId": ANY, "limits": ANY}), **up)
    d("an empty hello is enough", send([1, {}]), expect("welcome", map=ANY), **up)
    d("what a later version adds to hello is ignored", send([1, {"minor": 9, "capabilities": ["x"], "new": [1]}]), expect("welcome", map=ANY), **up)
    d("ignorable frames may come before hello", send([64, "x"], [1, {}]), expect("welcome", map=ANY), **up)
    d("a call before hello", send(named("empty")), closes(4400), **up)
    d("a goodbye before hello", send([5, 0, ""]), closes(4400), **up)
    d("a text message before hello", {"sendText": "hello"}, closes(1003), **up)
    d("a text message", {"sendText": ""}, closes(1003))
    for name, hello in {
        "a list": [],
        "minor a string": {"minor": "0"},
        "minor negative": {"minor": -1},
        "minor a fraction": {"minor": 0.5},
        "agent a number": {"agent": 1},
        "agent too long": {"agent": "a" * 129},
        "limits a list": {"limits": [1]},
        "a limit a string": {"limits": {"maxCalls": "1"}},
        "a limit negative": {"limits": {"streamWindowBytes": -1}},
        "contracts a list": {"contracts": ["s"]},
        "capabilities a map": {"capabilities": {"drain": True}},
        "capabilities a string": {"capabilities": "drain"},
        "capabilities nil": {"capabilities": None},
        "capabilities with a number": {"capabilities": ["drain", 7]},
        "a fingerprint a number": {"contracts": {"s": 1}},
    }.items():
        d(f"hello, malformed: {name}", send([1, hello]), closes(4400), **up)
    d("hello of more than 16 KiB", send([1, {"padding": "p" * (16_384 - 11)}]), closes(4413), **up)
    d("hello of exactly 16 KiB", send([1, {"padding": "p" * (16_384 - 12)}]), expect("welcome", map=ANY), **up)
    d("hello twice", send([1, {}]), closes(4400))
    d("capabilities that are not known, or come twice", send([1, {"capabilities": ["later", "drain", "drain", ""]}]), expect("welcome", map=ANY), *QUIET, **up)
    # drain and health
    leaves, both = {"drain": True}, {"hello": {"capabilities": ["drain", "health"]}}
    drain = {"hello": {"capabilities": ["drain"]}}
    asked = expect("drain", phase=1)
    d("drain where it is not in force", send([7, 1, {}]), closes(4400))
    d("health where it is not in force", send([8, {}]), closes(4400))
    d("an answer to a drain that was not", send([7, 1, {}]), closes(4400), **drain)
    d("the second phase from the opener", send([7, 2, {"lastCallId": 0}]), closes(4400), **drain)
    d("the second phase as an answer", leaves, asked, send([7, 2, {"lastCallId": 0}]), closes(4400), **drain)
    d("health from the opener", send([8, {"s": False}]), *QUIET, **both)
    d(
        "a drain: calls before the answer are taken, calls after the second phase refused",
        send(named("sleep", "empty"), call(1)),
        *QUIET,
        leaves,
        asked,
        send(call(3, 1)),
        expect("result", id=3),
        send(call(5, 1), [7, 1, {}]),
        expect("result", id=5),
        expect("drain", phase=2, lastCallId=5, reconnectMinMs=0, reconnectMaxMs=1_000),
        send(call(7, 1)),
        error(7, "UNAVAILABLE", "no"),
        *QUIET,
        send([21, 1, 1]),
        expect("goodbye", lastCallId=5),
        closes(1001),
        **drain,
    )
    d("a drain of a connection without calls", leaves, asked, send([7, 1, {}]), expect("drain", phase=2, lastCallId=0), expect("goodbye", lastCallId=0), closes(1001), **drain)
    d("a drain answered twice", send(named("sleep"), call(1)), *QUIET, leaves, asked, send([7, 1, {}]), expect("drain", phase=2, lastCallId=1), send([7, 1, {}]), closes(4400), **drain)
    d("a drain where it is not in force: goodbye alone", send(named("sleep", "empty"), call(1)), *QUIET, leaves, expect("goodbye", lastCallId=1), send(call(3, 1)), error(3, "UNAVAILABLE", "no"), send([21, 1, 1]), closes(1001))
    d("a server that leaves is not well", leaves, expect("health", services={"": False}), asked, send([7, 1, {}]), expect("drain", phase=2), closes(1001), **both)
    d("a welcome for a server", send([2, {}]), closes(4400))
    # calls
    d("unary, nothing in and out", send(named("empty"), call()), expect("result", id=1, value=None))
    d("unary, a value", send(named("echo"), call(args=[b"\x01\x02"])), expect("result", id=1, value={"$bytes": "0102"}))
    d("surplus arguments are dropped", send(named("echo"), call(args=[b"\x01", "new", 5])), expect("result", id=1, value={"$bytes": "01"}))
    d("two methods, calls with a gap in the ids", send(named("empty", "echo")), send(call(1, 1, args=[b"\x07"])), expect("result", id=1, value={"$bytes": "07"}), send(call(99, 0)), expect("result", id=99, value=None))
    d("ids in a gap count as ended", send(named("empty"), call(9)), expect("result", id=9), send([20, 5], [21, 3, 1], [22, 7, 9]), *QUIET)
    d("the same method may be numbered twice", send(named("empty", "empty"), call(1, 0), call(3, 1)), expect("result", id=1), expect("result", id=3))
    d("a method that is not known", send(named("missing"), call()), error(1, "UNIMPLEMENTED", "no"), *QUIET)
    d("a service that is not known", send(frame(23, 0, "farcall.test.Missing", "empty", ""), call()), error(1, "UNIMPLEMENTED", "no"), *QUIET)
    d("a method name from Object", send(named("toString"), call()), error(1, "UNIMPLEMENTED", "no"))
    d("a call of a number that was never named", send(call()), closes(4400))
    d("a method number that skips one", send([23, 1, SERVICE, "empty", ""]), closes(4400))
    d("a method number again", send(named("empty"), [23, 0, SERVICE, "echo", ""]), closes(4400))
    d("an even id from the opener", send(named("empty"), call(2)), closes(4400))
    d("id 0", send(named("empty"), call(0)), closes(4400))
    d("an id again", send(named("empty"), call(1)), expect("result", id=1), send(call(1)), closes(4400))
    d("an id that goes back", send(named("empty"), call(5)), expect("result", id=5), send(call(3)), closes(4400))
    d("arguments that do not fit", send(named("echo"), call(args=["text"])), error(1, "INVALID_ARGUMENT", "no"), *QUIET)
    d("too few arguments", send(named("echo"), call()), error(1, "INVALID_ARGUMENT", "no"))
    d("arguments that are not an array", send(named("empty"), "9610010000c080"), error(1, "INVALID_ARGUMENT", "no"))
    d("arguments nil", send(named("empty"), "9610010000c0c0"), error(1, "INVALID_ARGUMENT", "no"))
    d("metadata reaches the handler", send(named("metadata"), call(head={"metadata": ["k", "v", "K", b"\x01"], "later": 1})), expect("result", id=1, value=[{"key": "k", "text": "v"}, {"key": "k", "bytes": {"$bytes": "01"}}]))
    for name, metadata in {"odd": ["k"], "a bad key": ["a b", ""], "an empty key": ["", ""], "a number": ["k", 1], "a map": {"k": "v"}, "a key too long": ["k" * 257, ""]}.items():
        d(f"metadata, malformed: {name}", send(named("metadata"), call(head={"metadata": metadata})), error(1, "INVALID_ARGUMENT", "no"), *QUIET)
    d("a head that is not a map", send(named("metadata"), call(head=[1])), error(1, "INVALID_ARGUMENT", "no"))
    d("metadata of 64 KiB and one byte", send(named("metadata"), "9610010000", "81a86d65746164617461", "92a16bda", "ffff", times(65_535, "76"), "90"), expect("result", id=1, value={"$announced": 65_551}), chunks(1, 65_551), send("9610030000", "81a86d65746164617461", "92a16bdb", "00010000", times(65_536, "76"), "90"), error(3, "RESOURCE_EXHAUSTED", "no", head={"reason": "MESSAGE_TOO_LARGE"}))
    d("the deadline passes at the callee", send(named("sleep"), call(timeout_ms=30)), error(1, "DEADLINE_EXCEEDED", "yes"), *QUIET)
    d("a call that was cancelled is not answered", send(named("sleep"), call()), send([21, 1, 1]), *QUIET)
    d("cancel with DEADLINE_EXCEEDED", send(named("sleep"), call()), send([21, 1, 4]), *QUIET)
    d("late frames of an ended call are ignored", send(named("empty"), call()), expect("result", id=1), send([21, 1, 1], [22, 1, 999_999], [19, 1, 1], [20, 1], [24, 1, b"\x00"]), expect("credit", id=0), *QUIET)
    for name, late in {"end": [20, 99], "item": [19, 99, 1], "cancel": [21, 99, 1], "credit": [22, 99, 1], "chunk": [24, 99, b"\x00"]}.items():
        d(f"a frame for an id that was never used: {name}", send(named("empty"), late), closes(4400))
    for name, wrong in {"result": [17, 1, None], "error": [18, 1, 5, 1, "", None], "headers": [25, 1, []], "trailers": [26, 1, []]}.items():
        d(f"what only a callee sends, from the caller: {name}", send(named("sleep"), call(), wrong), closes(4400))
    # streams
    d("server stream", send(named("download"), call(args=[[1, 2]])), expect("item", id=1, value={"$bytes": "01"}), expect("item", id=1, value={"$bytes": "0202"}), expect("end", id=1))
    d("server stream, empty", send(named("download"), call(args=[[]])), expect("end", id=1))
    d("client stream", send(named("sum"), call(), [19, 1, b"\x00"], [19, 1, b"\x00\x00", b""], [20, 1]), expect("result", id=1, value=3))
    d("client stream, empty", send(named("sum"), call(), [20, 1]), expect("result", id=1, value=0))
    d("bidirectional", send(named("talk"), call()), send([19, 1, b"\x01"]), expect("item", id=1, value={"$bytes": "01"}), send([19, 1, b"\x02"]), expect("item", id=1, value={"$bytes": "02"}), send([20, 1]), expect("end", id=1))
    d("an item for a unary call", send(named("sleep"), call(), [19, 1, 1]), closes(4400))
    d("an end for a unary call", send(named("sleep"), call(), [20, 1]), closes(4400))
    d("an end for a server stream", send(named("download"), call(args=[[100_000] * 30]), [20, 1]), closes(4400))
    d("an item that does not fit", send(named("sum"), call(), [19, 1, "text"]), error(1, "INVALID_ARGUMENT", "yes"), *QUIET)
    d(
        "the sender stops at its credit, and goes on with more",
        send(named("download"), call(args=[[1_000, 1_000, 1_000]])),
        expect("item", id=1),
        expect("item", id=1),
        *QUIET,
        send([22, 1, 2_038]),
        *QUIET,
        send([22, 1, 2_039]),
        expect("item", id=1),
        send([22, 1, 4_000]),
        expect("end", id=1),
        hello={"limits": {"streamWindowBytes": 1_024}},
    )
    d("credit that does not rise is ignored", send(named("download"), call(args=[[1_000, 1_000, 1_000]])), expect("item", id=1), expect("item", id=1), send([22, 1, 5], [22, 1, 0]), *QUIET, hello={"limits": {"streamWindowBytes": 1_024}})
    item = {"send": ["931301c5ea60", times(60_000, "00")]}
    d("items beyond the credit", send(named("talk"), call()), item, expect("item", id=1), item, item, item, item, item, item, item, closes(4400), hello={"limits": {"streamWindowBytes": 1_024}})
    # large messages
    large = lambda id: frame(16, id, 0, 0, None, announce(70_006))
    first = {"send": ["931801c600010000", "91c600011170", times(65_530, "05")]}
    rest = {"send": ["931801c51176", times(4_470, "05")]}
    d("large arguments and a large result", send(named("echo"), large(1)), first, expect("credit", id=0, total=4_194_304 + 65_536), rest, expect("credit", id=0, total=4_194_304 + 70_006), expect("result", id=1, value={"$announced": 70_005}), chunks(1, 70_005))
    d("a short message may be announced too", send(named("echo"), frame(16, 1, 0, 0, None, announce(4))), send([24, 1, b"\x91\xc4"]), send([24, 1, b"\x01"], [24, 1, b"\x09"]), expect("result", id=1, value={"$bytes": "09"}))
    d("small calls pass an unfinished large one", send(named("echo"), large(1)), send(call(3, args=[b"\x01"])), expect("result", id=3, value={"$bytes": "01"}))
    d("the server sends no chunk beyond the credit", send(named("resize"), call(args=[b"", 2_000_000])), expect("result", id=1, value={"$announced": 2_000_005}), some_chunks(1, 1_000_000), withheld(1, 131_072), chunks(1, 2_000_005), hello={"limits": {"chunkWindowBytes": 131_072}})
    d("arguments of 4 MiB + 1 are refused, and what comes of them is dropped and credited", send(named("echo"), frame(16, 1, 0, 0, None, announce(4_194_305))), error(1, "RESOURCE_EXHAUSTED", "no", head={"reason": "MESSAGE_TOO_LARGE"}), first, expect("credit", id=0, total=4_194_304 + 65_536), *QUIET)
    d("an item of 4 MiB + 1 is refused", send(named("sum"), call(), frame(19, 1, announce(4_194_305))), error(1, "RESOURCE_EXHAUSTED", "yes", head={"reason": "MESSAGE_TOO_LARGE"}), *QUIET)
    d("a result beyond what the opener accepts", send(named("resize"), call(args=[b"", 2_000])), error(1, "RESOURCE_EXHAUSTED", "yes", head={"reason": "MESSAGE_TOO_LARGE"}), hello={"limits": {"maxMessageBytes": 1_024}})
    d("eight unfinished messages", send(named("echo"), *[large(id) for id in range(1, 17, 2)]), *QUIET)
    d("nine unfinished messages", send(named("echo"), *[large(id) for id in range(1, 19, 2)]), closes(4413))
    d("a cancelled message leaves its place", send(named("echo"), *[large(id) for id in range(1, 17, 2)]), send([21, 1, 1], large(17)), *QUIET)
    d("a chunk of a message that was cancelled", send(named("echo"), large(1)), send([21, 1, 1]), rest, expect("credit", id=0), *QUIET)
    d("a chunk for a call that announced nothing", send(named("sleep"), call(), [24, 1, b"\x00"]), closes(4400))
    d("a chunk beyond the announced length", send(named("echo"), frame(16, 1, 0, 0, None, announce(4)), [24, 1, b"\x91\xc4\x02\x01\x01"]), closes(4400))
    d("a chunked message of two values", send(named("echo"), frame(16, 1, 0, 0, None, announce(2)), [24, 1, b"\x90\x90"]), closes(4400))
    d("a chunked message that ends too soon", send(named("echo"), frame(16, 1, 0, 0, None, announce(2)), [24, 1, b"\x91\xc4"]), closes(4400))
    d("0xc1 in a chunked message", send(named("echo"), frame(16, 1, 0, 0, None, announce(2)), [24, 1, b"\x91\xc1"]), closes(4400))
    d("a chunked message nested too deep", send(named("echo"), frame(16, 1, 0, 0, None, announce(64)), [24, 1, b"\x91" * 63 + b"\x90"]), closes(4413))
    d("an announcement within a chunked message", send(named("echo"), frame(16, 1, 0, 0, None, announce(7)), [24, 1, b"\x91" + mp.encode(announce(9))]), closes(4400))
    d("an item within an unfinished one", send(named("sum"), call(), frame(19, 1, announce(70_000)), [19, 1, b""]), closes(4400))
    d("an announcement within an unfinished message", send(named("sum"), call(), frame(19, 1, announce(70_000)), frame(19, 1, announce(70_000))), closes(4400))
    d("an end within an unfinished message", send(named("sum"), call(), frame(19, 1, announce(70_000)), [20, 1]), closes(4400))
    # the rest
    d("ping", send(b"\x92\x03" + uint(2**53 - 1)), expect("pong", nonce=2**53 - 1))
    d("a pong nobody asked for", send([4, 5, None]), *QUIET)
    d("twenty pings at once", send(*[[3, n] for n in range(20)]), *[expect("pong", nonce=n) for n in range(20)])
    d("a hundred pings at once", send(*[[3, n] for n in range(100)]), closes(4429))
    d("ignorable frames among others", send([64], [3, 1], [127, {"a": 1}], [3, 2]), expect("pong", nonce=1), expect("pong", nonce=2))
    d("reserved kinds: ack", send([6, 1]), closes(4400))
    d("frames before a malformed one have been processed", send([3, 1], [3, 2], b"\xc1"), expect("pong", nonce=1), expect("pong", nonce=2), closes(4400))
    d("the answer of a call still comes after the caller's goodbye", send(named("sum"), call()), send([5, 0, "leaving"]), send([19, 1, b"\x00"], [20, 1]), expect("result", id=1, value=1))
    d("a message of 128 KiB", {"send": ["9264", "c60001fff9", times(131_072 - 7, "00")]}, *QUIET)
    d("a message of 128 KiB and one byte", {"send": ["9264", "c60001fffa", times(131_072 - 6, "00")]}, closes(1009))


def make_client_dialogues():
    d = lambda name, *steps, **options: dialogue("client", name, *steps, **options)
    up = {"after": "upgrade"}
    bound = expect("call", id={"$bind": "id"})
    id = {"id": "id"}

    def start(method, *args, **options):
        """The client is told to call; what it sends for that."""
        return [
            {"call": {"method": method, "args": list(args), **options}},
            expect("method", number=0, service=SERVICE, method=method, fingerprint=ANY),
        ]

    def answer(kind, *rest):
        return {"send": [f"{0x92 + len(rest):02x}{kind:02x}", id, *[mp.encode(element).hex() for element in rest]]}

    def settles(**how):
        return {"settles": how}

    def fails(code, executed, **rest):
        return settles(error={"code": code, "executed": executed, **rest})

    cancelled = lambda code: expect("cancel", id={"$is": "id"}, code=code)
    d("says hello first", expect("hello", map={"minor": 0, "agent": ANY, "limits": ANY}), **up)
    for name, data in {"a call": call(2), "a pong that is a result": frame(17, 1, None), "a goodbye": frame(5, 0, "")}.items():
        d(f"anything but welcome at first: {name}", expect("hello"), send(data), closes(4400), **up)
    d("an empty welcome is enough", expect("hello"), send([2, {}]), *start("empty"), bound, answer(17, None), settles(value={"$undefined": True}), **up)
    d("welcome, malformed", expect("hello"), send([2, {"limits": 1}]), closes(4400), **up)
    d("a text message", {"sendText": "x"}, closes(1003))
    d("unary", *start("echo", {"$bytes": "01"}), expect("call", id={"$bind": "id"}, method=0, head=None, args=[{"$bytes": "01"}]), answer(17, b"\x02"), settles(value={"$bytes": "02"}))
    d("an error", *start("empty"), bound, answer(18, 5, 1, "no such thing", {"details": {"a": 1}, "retryAfterMs": 9, "later": 1}), fails("NOT_FOUND", "yes", message="no such thing", details={"a": 1}, retryAfterMs=9))
    d("an error of a later version", *start("empty"), bound, answer(18, 99, 0, "", None), fails("UNKNOWN", "no"))
    d("a result that does not fit", *start("echo", {"$bytes": ""}), bound, answer(17, "text"), cancelled("CANCELLED"), fails("INTERNAL", "yes"))
    d("a result where a stream is expected", *start("download", [1]), bound, answer(17, None), cancelled("CANCELLED"), settles(items=[], error={"code": "INTERNAL", "executed": "yes"}))
    d("a stream where a result is expected", *start("empty"), bound, answer(19, 1), cancelled("CANCELLED"), fails("INTERNAL", "yes"))
    d("an end where a result is expected", *start("empty"), bound, answer(20), cancelled("CANCELLED"), fails("INTERNAL", "yes"))
    d("headers and trailers", *start("empty"), bound, answer(25, ["k", "v"]), answer(26, ["t", b"\x01"]), answer(17, None), settles(value={"$undefined": True}, headers=[["k", "v"]], trailers=[["t", {"$bytes": "01"}]]))
    d("headers twice", *start("empty"), bound, answer(25, []), answer(25, []), closes(4400))
    d("headers after an item", *start("download", [1]), bound, answer(19, b""), answer(25, []), closes(4400))
    d("trailers twice", *start("empty"), bound, answer(26, []), answer(26, []), closes(4400))
    d("an item after trailers", *start("download", [1]), bound, answer(26, []), answer(19, b""), closes(4400))
    d("headers that are malformed", *start("empty"), bound, answer(25, ["k"]), closes(4400))
    d("a result for an id that was never used", send([17, 99, None]), closes(4400))
    d("a result for an id of the other side", send([17, 2, None]), closes(4400))
    d("a call for a client that serves nothing", send(frame(23, 0, "s", "m", ""), call(2)), error(2, "UNIMPLEMENTED", "no"))
    d("late answers are ignored", *start("empty"), bound, answer(17, None), settles(value={"$undefined": True}), answer(17, None), answer(20), answer(18, 5, 1, "", None), *QUIET)
    d("server stream", *start("download", [1, 2, 3]), bound, answer(19, b"\x01", b"\x02\x02"), answer(19, b""), answer(20), settles(items=[{"$bytes": "01"}, {"$bytes": "0202"}, {"$bytes": ""}]))
    d("server stream that fails half way", *start("download", [1]), bound, answer(19, b"\x01"), answer(18, 10, 0, "", None), settles(items=[{"$bytes": "01"}], error={"code": "ABORTED", "executed": "yes"}))
    d("client stream", *start("sum", input=[{"$bytes": "01"}, {"$bytes": "0202"}]), bound, expect("item", id={"$is": "id"}, value={"$bytes": "01"}), expect("item", id={"$is": "id"}, value={"$bytes": "0202"}), expect("end", id={"$is": "id"}), answer(17, 3), settles(value=3))
    thousand = {"$bytes": times(1_000, "00")}
    d("client stream stops at its credit", *start("sum", input=[thousand] * 3), bound, expect("item"), expect("item"), *QUIET, answer(22, 2_038), *QUIET, answer(22, 2_039), expect("item"), answer(22, 4_000), expect("end"), answer(17, 3_000), settles(value=3_000), welcome={"limits": {"streamWindowBytes": 1_024}})
    d("a result before the stream has ended", *start("sum", input=[thousand] * 3), bound, expect("item"), expect("item"), answer(17, 7), settles(value=7), *QUIET, welcome={"limits": {"streamWindowBytes": 1_024}})
    d("bidirectional", *start("talk", input=[{"$bytes": "01"}]), bound, expect("item"), expect("end"), answer(19, b"\x05"), answer(20), settles(items=[{"$bytes": "05"}]))
    d("large arguments, within the credit for chunks", *start("echo", {"$bytes": times(2_000_000, "05")}), expect("call", id={"$bind": "id"}, args={"$announced": 2_000_006}), some_chunks({"$is": "id"}, 1_000_000), withheld({"$is": "id"}, 131_072), chunks({"$is": "id"}, 2_000_006), answer(17, b""), settles(value={"$bytes": ""}), welcome={"limits": {"chunkWindowBytes": 131_072}})
    d("arguments beyond what the server accepts", {"call": {"method": "echo", "args": [{"$bytes": times(2_000, "00")}]}}, fails("RESOURCE_EXHAUSTED", "no", reason="MESSAGE_TOO_LARGE"), *QUIET, welcome={"limits": {"maxMessageBytes": 1_024}})
    d("an error while the arguments are on their way", *start("echo", {"$bytes": times(2_000_000, "05")}), bound, some_chunks({"$is": "id"}, 10_000), answer(18, 9, 0, "", None), fails("FAILED_PRECONDITION", "no"), withheld({"$is": "id"}, 131_072), send([22, 0, 4_000_000]), *QUIET, welcome={"limits": {"chunkWindowBytes": 131_072}})
    d("a large result", *start("echo", {"$bytes": ""}), bound, {"send": ["9311", id, "d66300000003"]}, answer(24, b"\xc4"), answer(24, b"\x01\x09"), expect("credit", id=0), settles(value={"$bytes": "09"}))
    d("a result of 4 MiB + 1", *start("echo", {"$bytes": ""}), bound, {"send": ["9311", id, "d66300400001"]}, cancelled("CANCELLED"), fails("RESOURCE_EXHAUSTED", "yes", reason="MESSAGE_TOO_LARGE"), answer(24, b"\x00"), expect("credit", id=0, total=4_194_305), *QUIET)
    d("a deadline that passes", *start("sleep", timeoutMs=200), expect("call", id={"$bind": "id"}, timeoutMs={"$atMost": 200}), cancelled("DEADLINE_EXCEEDED"), fails("DEADLINE_EXCEEDED", "unknown"), answer(18, 4, 1, "", None), *QUIET)
    d("a cancel", *start("sleep"), bound, {"abort": True}, cancelled("CANCELLED"), fails("CANCELLED", "unknown"), answer(17, None), *QUIET)
    drain, both = {"welcome": {"capabilities": ["drain"]}}, {"welcome": {"capabilities": ["drain", "health"]}}
    ask, answered, last = send([7, 1, {}]), expect("drain", phase=1), {"send": ["93070281aa6c61737443616c6c4964", id]}
    # Whether the client fails these at once or tries them elsewhere until their deadline: they have not run.
    d("a goodbye of a server that has not accepted the call", *start("empty", timeoutMs=300), bound, send([5, 0, "leaving"]), settles(error={"executed": "no"}))
    d("a goodbye of a server that has accepted the call", *start("echo", {"$bytes": ""}), bound, {"send": ["9305", id, "a0"]}, answer(17, b"\x05"), settles(value={"$bytes": "05"}))
    d("a call that crossed the goodbye", *start("empty", timeoutMs=300), bound, {"send": ["9305", id, "a0"]}, answer(18, 14, 0, "leaving", None), settles(error={"executed": "no"}))
    d("a call above the last one that a drain names", *start("empty", timeoutMs=300), bound, ask, answered, send([7, 2, {"lastCallId": 0}]), settles(error={"executed": "no"}), **drain)
    # drain and health
    d("drain where it is not in force", send([7, 1, {}]), closes(4400))
    d("health where it is not in force", send([8, {}]), closes(4400))
    d("health", send([8, {"": False, SERVICE: True}], [8, {}], [8, {"": True}]), *QUIET, **both)
    d("4,096 services that are not well, and one more", send([8, {f"{n}": False for n in range(4_096)}]), *QUIET, send([8, {"0": False, "1": True, "one": False}]), *QUIET, send([8, {"two": False}]), closes(4413), **both)
    d("a drain is answered behind the last call, and accepted calls go on", *start("echo", {"$bytes": ""}), bound, ask, answered, last, *QUIET, answer(17, b"\x05"), settles(value={"$bytes": "05"}), send([5, 1, ""]), *QUIET, **drain)
    d("a stream goes on in a drain", *start("download", [1, 1]), bound, ask, answered, answer(19, b"\x01"), last, answer(19, b"\x02"), answer(20), settles(items=[{"$bytes": "01"}, {"$bytes": "02"}]), **drain)
    d("the second phase without the first", send([7, 2, {"lastCallId": 0}]), closes(4400), **drain)
    d("the first phase twice", ask, answered, ask, closes(4400), **drain)
    d("the second phase twice", ask, answered, send([7, 2, {"lastCallId": 0}], [7, 2, {"lastCallId": 0}]), closes(4400), **drain)
    d("ping", *QUIET)
    d("a hundred pings at once", send(*[[3, n] for n in range(100)]), closes(4429))


def main():
    make_frames()
    make_values()
    make_server_dialogues()
    make_client_dialogues()
    (OUT / "dialogues").mkdir(parents=True, exist_ok=True)
    refusals = [one for one in frames if "refusal" in one]
    for path, content in (
        ("frames.json", [one for one in frames if "meaning" in one]),
        ("refusals.json", refusals),
        ("values.json", values),
        ("dialogues/server.json", dialogues["server"]),
        ("dialogues/client.json", dialogues["client"]),
    ):
        names = [one.get("name") for one in content if "name" in one]
        assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
        lines = ",\n".join("  " + json.dumps(one, ensure_ascii=False) for one in content)
        (OUT / path).write_text(f"[\n{lines}\n]\n", encoding="utf-8")
        print(path, len(content))


main()
