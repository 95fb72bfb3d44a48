"""A Farcall client, written from docs/protocol.md alone. Standard library only, plain encoding only.

One thread reads; any thread may call. What is received for a call is kept until its consumer takes it, and credit is
given back as it is taken.
"""

import collections
import threading
import time

import messagepack as mp
from websocket import Closed, WebSocket

HELLO, WELCOME, PING, PONG, GOODBYE = 1, 2, 3, 4, 5
CALL, RESULT, ERROR, ITEM, END, CANCEL, CREDIT, METHOD, CHUNK, HEADERS, TRAILERS = range(16, 27)

CODES = {
    1: "CANCELLED",
    2: "UNKNOWN",
    3: "INVALID_ARGUMENT",
    4: "DEADLINE_EXCEEDED",
    5: "NOT_FOUND",
    6: "ALREADY_EXISTS",
    7: "PERMISSION_DENIED",
    8: "RESOURCE_EXHAUSTED",
    9: "FAILED_PRECONDITION",
    10: "ABORTED",
    11: "OUT_OF_RANGE",
    12: "UNIMPLEMENTED",
    13: "INTERNAL",
    14: "UNAVAILABLE",
    15: "DATA_LOSS",
    16: "UNAUTHENTICATED",
}
EXECUTED = {0: "no", 1: "yes", 2: "unknown"}

DEFAULT_LIMITS = {
    "maxMessageBytes": 4_194_304,
    "streamWindowBytes": 262_144,
    "maxCalls": 4_096,
    "chunkWindowBytes": 4_194_304,
}
INLINE_BYTES = 65_536
CHUNK_BYTES = 65_536
MAX_ANNOUNCED = 8
ITEM_OVERHEAD = 16
BATCH_BYTES = 65_536


class ProtocolError(Exception):
    pass


class CallError(Exception):
    def __init__(self, code, executed, message, reason=None, details=None, retry_after_ms=None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.executed = executed
        self.message = message
        self.reason = reason
        self.details = details
        self.retry_after_ms = retry_after_ms


class Call:
    """One call in progress. `result()` for one answer, iteration for a stream."""

    def __init__(self, connection, call_id, kind, deadline):
        self.connection = connection
        self.id = call_id
        self.kind = kind  # unary, server, client, bidi
        self.deadline = deadline
        self.headers = None
        self.trailers = None
        self.items = collections.deque()  # (value, cost)
        self.ended = False
        self.value = None
        self.error = None
        self.answered = False
        # what we may send
        self.sent_cost = 0
        self.credits = 0
        self.credit = connection.peer_limits["streamWindowBytes"]
        self.half_closed = kind in ("unary", "server")
        # what we allow
        self.window = connection.limits["streamWindowBytes"]
        self.granted = self.window
        self.arrived_cost = 0
        self.consumed_cost = 0
        self.most_held = 0
        self.largest_cost = 0
        self.transfer = None  # (announced length, bytearray, kind of the frame that announced it)

    # --- what the caller does ---

    def send(self, *values):
        """Sends items in one frame when they fit, waits for credit."""
        for value in values:
            self.send_encoded(mp.encode(value))

    def send_encoded(self, payload):
        connection = self.connection
        connection.check_size(payload)
        with connection.changed:
            self._wait(lambda: self.sent_cost < self.credit)
            self.sent_cost += len(payload) + ITEM_OVERHEAD
        connection.send_payload(self, ITEM, [self.id], payload)

    def send_together(self, values):
        """Several values in one item frame; each must be within the credit when it is sent."""
        payloads = [mp.encode(value) for value in values]
        with self.connection.changed:
            for payload in payloads:
                self._wait(lambda: self.sent_cost < self.credit)
                self.sent_cost += len(payload) + ITEM_OVERHEAD
        self.connection.send_frame([ITEM, self.id, *(mp.Raw(payload) for payload in payloads)])

    def end(self):
        if not self.half_closed:
            self.half_closed = True
            with self.connection.changed:
                if self.ended:
                    return
            self.connection.send_frame([END, self.id])

    def cancel(self, code=1):
        with self.connection.changed:
            if self.ended:
                return
            executed = "yes" if self.answered else "unknown"
            self._settle(CallError(CODES[code], executed, "cancelled here"))
        self.connection.send_frame([CANCEL, self.id, code])

    def result(self):
        with self.connection.changed:
            self._wait(lambda: self.ended)
            if self.error is not None:
                raise self.error
            return self.value

    def __iter__(self):
        return self

    def __next__(self):
        with self.connection.changed:
            self._wait(lambda: self.items or self.ended)
            if not self.items:
                if self.error is not None:
                    raise self.error
                raise StopIteration
            value, cost = self.items.popleft()
            self.consumed_cost += cost
            total = self.consumed_cost + self.window
            raise_it = not self.ended and total - self.granted >= self.window // 4
            if raise_it:
                self.granted = total
        if raise_it:
            self.connection.send_frame([CREDIT, self.id, total])
        return value

    def _wait(self, ready):
        """Waits under the lock; watches the deadline of the call."""
        changed = self.connection.changed
        while not ready():
            if self.ended and self.error is not None:
                raise self.error
            if self.ended:
                raise CallError("CANCELLED", "yes", "the call has ended")
            left = None if self.deadline is None else self.deadline - time.monotonic()
            if left is not None and left <= 0:
                executed = "yes" if self.answered else "unknown"
                self._settle(CallError("DEADLINE_EXCEEDED", executed, "the deadline passed here"))
                self.connection.send_frame([CANCEL, self.id, 4])
                continue
            changed.wait(left)

    def _settle(self, error=None, value=None):
        self.ended = True
        self.error = error
        self.value = value
        self.transfer = None
        if error is not None and error.message in ("cancelled here", "the deadline passed here"):
            self.items.clear()
        self.connection.calls.pop(self.id, None)
        self.connection.changed.notify_all()

    # --- what the callee does ---

    def on_value(self, kind, payload_length, value):
        if kind == RESULT:
            if self.kind in ("server", "bidi"):
                raise CallError("INTERNAL", "yes", "a result to a call that should stream")
            self._settle(value=value)
            return
        if self.kind in ("unary", "client"):
            raise CallError("INTERNAL", "yes", "items to a call that should not stream")
        cost = payload_length + ITEM_OVERHEAD
        if self.arrived_cost >= self.granted:
            raise ProtocolError("an item beyond the credit")
        self.arrived_cost += cost
        self.largest_cost = max(self.largest_cost, cost)
        self.most_held = max(self.most_held, self.arrived_cost - self.consumed_cost)
        self.items.append((value, cost))
        self.connection.changed.notify_all()


class Connection:
    def __init__(self, host, port, path="/", limits=None, contracts=None):
        self.limits = {**DEFAULT_LIMITS, **(limits or {})}
        self.changed = threading.Condition(threading.RLock())
        self.calls = {}
        self.methods = {}
        self.last_id = -1
        self.pongs = {}
        self.next_nonce = 1
        self.goodbye = None
        self.closed = None
        self.protocol_error = None
        self.chunk_bytes_received = 0
        self.chunk_bytes_granted = self.limits["chunkWindowBytes"]
        self.hold_chunk_credit = False
        self.pings_answered = 0
        self.chunk_bytes_sent = 0
        self.chunk_most_under_way = 0
        self.announced = 0
        self.late_frames = 0
        self.ordering = threading.Lock()
        self.socket = WebSocket(host, port, path, "farcall.1")
        hello = {
            "minor": 0,
            "agent": "farcall-py-independent/0",
            "capabilities": [],
            "limits": self.limits,
            "contracts": contracts or {},
        }
        self.socket.send(mp.encode([HELLO, hello]))
        frames = list(self.frames(self.socket.receive()))
        if frames[0][0] != WELCOME:
            raise ProtocolError("the first frame is not welcome")
        self.welcome = frames[0][1]
        self.peer_limits = {**DEFAULT_LIMITS, **(self.welcome.get("limits") or {})}
        self.chunk_credit = self.peer_limits["chunkWindowBytes"]
        for frame in frames[1:]:
            self.on_frame(frame)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    # --- calls ---

    def start(self, kind, service, method, args=(), timeout_ms=0, metadata=None, watch_deadline=True, fingerprint=""):
        """Starts a call: kind is unary, server, client or bidi."""
        payload = mp.encode(list(args))
        return self.start_encoded(
            kind, service, method, payload, timeout_ms, metadata, watch_deadline, fingerprint=fingerprint
        )

    def start_encoded(
        self,
        kind,
        service,
        method,
        payload,
        timeout_ms=0,
        metadata=None,
        watch_deadline=True,
        fingerprint="",
        check=True,
    ):
        if check:
            self.check_size(payload)
        head = None
        if metadata:
            head = {"metadata": [part for pair in metadata for part in pair]}
        deadline = time.monotonic() + timeout_ms / 1000 if timeout_ms and watch_deadline else None
        with self.ordering:
            with self.changed:
                if self.closed is not None or self.goodbye is not None:
                    raise CallError("UNAVAILABLE", "no", "the connection takes no calls")
                while len(self.calls) >= self.peer_limits["maxCalls"]:
                    self.changed.wait()
                number = self.methods.get((service, method))
                fresh = number is None
                if fresh:
                    number = self.methods[service, method] = len(self.methods)
                self.last_id += 2
                call = Call(self, self.last_id, kind, deadline)
                self.calls[call.id] = call
            if fresh:
                self.send_frame([METHOD, number, service, method, fingerprint])
            self.send_payload(call, CALL, [call.id, number, timeout_ms, head], payload)
        return call

    def unary(self, service, method, *args, **options):
        return self.start("unary", service, method, args, **options).result()

    def check_size(self, payload):
        if len(payload) > self.peer_limits["maxMessageBytes"]:
            raise CallError("RESOURCE_EXHAUSTED", "no", "too large", reason="MESSAGE_TOO_LARGE")

    # --- liveness and leaving ---

    def ping(self, timeout=5):
        with self.changed:
            nonce = self.next_nonce
            self.next_nonce += 1
        self.send_frame([PING, nonce])
        with self.changed:
            if not self.changed.wait_for(lambda: nonce in self.pongs or self.closed, timeout):
                raise TimeoutError("no pong")
            return nonce, self.pongs.pop(nonce)

    def leave(self, reason="done"):
        """Goodbye, then the close, once nothing is left."""
        self.send_frame([GOODBYE, 0, reason])
        with self.changed:
            self.changed.wait_for(lambda: not self.calls or self.closed, 10)
        self.socket.close(1000)

    def wait_closed(self, timeout=10):
        with self.changed:
            self.changed.wait_for(lambda: self.closed is not None, timeout)
            return self.closed

    # --- sending ---

    def send_frame(self, frame):
        self.socket.send(mp.encode(frame))

    def send_payload(self, call, kind, before, payload):
        if len(payload) <= INLINE_BYTES:
            self.send_frame([kind, *before, mp.Raw(payload)])
            return
        with self.changed:
            self.changed.wait_for(lambda: self.announced < MAX_ANNOUNCED or self.closed)
            self.announced += 1
        try:
            self.send_frame([kind, *before, mp.Announcement(len(payload))])
            view = memoryview(payload)
            at = 0
            while at < len(payload):
                with self.changed:
                    self.changed.wait_for(
                        lambda: self.chunk_bytes_sent < self.chunk_credit or call.ended or self.closed, 30
                    )
                    if call.ended or self.closed:
                        return
                    room = self.chunk_credit - self.chunk_bytes_sent
                    if room <= 0:
                        raise TimeoutError("no credit for chunks")
                    size = min(CHUNK_BYTES, len(payload) - at, room)
                    self.chunk_bytes_sent += size
                self.send_frame([CHUNK, call.id, view[at : at + size]])
                at += size
        finally:
            with self.changed:
                self.announced -= 1
                self.changed.notify_all()

    # --- receiving ---

    def _read(self):
        try:
            while True:
                message = self.socket.receive()
                for frame in self.frames(message):
                    self.on_frame(frame)
                self.credit_chunks()
        except Closed as closed:
            self._lost(closed.code, closed.reason)
        except (mp.Malformed, ProtocolError) as error:
            self.protocol_error = repr(error)
            self.socket.close(4400, str(error)[:100])
            self._lost(4400, str(error))
        except OSError as error:
            self._lost(1006, str(error))

    def credit_chunks(self):
        """Gives back the credit of every chunk taken in so far."""
        with self.changed:
            total = self.limits["chunkWindowBytes"] + self.chunk_bytes_received
            if self.hold_chunk_credit or total == self.chunk_bytes_granted:
                return
            self.chunk_bytes_granted = total
        self.send_frame([CREDIT, 0, total])

    def _lost(self, code, reason):
        with self.changed:
            self.closed = (code, reason)
            for call in list(self.calls.values()):
                executed = "yes" if call.answered else "unknown"
                call._settle(CallError("UNAVAILABLE", executed, f"closed {code} {reason}"))
            self.changed.notify_all()

    COUNTS = {
        WELCOME: 1,
        PING: 1,
        PONG: 2,
        GOODBYE: 2,
        CALL: 5,
        RESULT: 2,
        ERROR: 5,
        END: 1,
        CANCEL: 2,
        CREDIT: 2,
        METHOD: 4,
        CHUNK: 2,
        HEADERS: 2,
        TRAILERS: 2,
    }

    def frames(self, message):
        """The frames of a message; items and results come with the encoded length of every value."""
        reader = mp.Reader(message)
        if reader.done:
            raise mp.Malformed("an empty message")
        while not reader.done:
            reader.values = 0
            count = reader.array_header() - 1
            kind = reader.unpack(">B")
            if kind >= 0x80 or count < 0:
                raise mp.Malformed("a kind")
            if 64 <= kind:
                for _ in range(count):
                    reader.value()
                continue
            if kind == ITEM:
                if count < 2:
                    raise mp.Malformed("an item frame without a value")
            elif self.COUNTS.get(kind) != count:
                raise mp.Malformed(f"kind {kind} with {count} elements")
            if kind == WELCOME:
                yield [kind, reader.value()]
            elif kind in (RESULT, ITEM):
                call_id = reader.uint()
                values = []
                for _ in range(count - 1):
                    start = reader.at
                    value = reader.value()
                    values.append((value, reader.at - start))
                yield [kind, call_id, values]
            elif kind in (CREDIT, CANCEL, PING):
                yield [kind, *(reader.uint() for _ in range(count))]
            elif kind == ERROR:
                yield [kind, reader.uint(), reader.uint(), reader.uint(), reader.value(), reader.value()]
            else:
                yield [kind, reader.uint(), *(reader.value() for _ in range(count - 1))]

    def on_frame(self, frame):
        kind = frame[0]
        if kind == PING:
            self.send_frame([PONG, frame[1], None])
            self.pings_answered += 1
            return
        with self.changed:
            if kind == PONG:
                self.pongs[frame[1]] = frame[2]
            elif kind == GOODBYE:
                self.goodbye = frame[1:]
                for call in list(self.calls.values()):
                    if call.id > frame[1]:
                        call._settle(CallError("UNAVAILABLE", "no", "the server is leaving"))
            elif kind == CREDIT and frame[1] == 0:
                self.chunk_credit = max(self.chunk_credit, frame[2])
            elif kind == CALL:
                # calls in this direction: this client serves nothing
                self.send_frame([ERROR, frame[1], 12, 0, "not known here", None])
                return
            elif kind == METHOD:
                return
            else:
                self._on_call_frame(kind, frame)
            self.changed.notify_all()

    def _on_call_frame(self, kind, frame):
        call_id = frame[1]
        if kind == CHUNK:
            self.chunk_bytes_received += len(frame[2])
            if self.chunk_bytes_received > self.chunk_bytes_granted:
                raise ProtocolError("a chunk beyond the credit")
        call = self.calls.get(call_id)
        if call is None:
            if call_id % 2 == 0 or call_id > self.last_id:
                raise ProtocolError(f"a frame of kind {kind} for the unused id {call_id}")
            self.late_frames += 1
            return
        try:
            if kind == CREDIT:
                call.credits += 1
                call.credit = max(call.credit, frame[2])
            elif kind == HEADERS:
                if call.headers is not None or call.answered:
                    raise ProtocolError("headers at the wrong time")
                call.headers = pairs(frame[2])
            elif kind == TRAILERS:
                if call.trailers is not None:
                    raise ProtocolError("trailers twice")
                call.trailers = pairs(frame[2])
            elif kind == CHUNK:
                if call.transfer is None:
                    raise ProtocolError("a chunk that was not announced")
                length, data, announced_by = call.transfer
                data += frame[2]
                if len(data) > length:
                    raise ProtocolError("a chunk beyond the announced length")
                if len(data) == length:
                    call.transfer = None
                    call.on_value(announced_by, length, mp.decode(bytes(data)))
            elif kind in (RESULT, ITEM):
                call.answered = True
                for value, length in frame[2]:
                    if isinstance(value, mp.Announcement):
                        if value.length > self.limits["maxMessageBytes"]:
                            raise CallError(
                                "RESOURCE_EXHAUSTED", "yes", "an answer too large", reason="MESSAGE_TOO_LARGE"
                            )
                        if len(frame[2]) > 1 or call.transfer is not None:
                            raise ProtocolError("an announcement at the wrong time")
                        call.transfer = (value.length, bytearray(), kind)
                    else:
                        call.on_value(kind, length, value)
            elif kind == END:
                if call.kind in ("unary", "client"):
                    raise CallError("INTERNAL", "yes", "an end to a call that does not stream")
                call._settle()
            elif kind == ERROR:
                code, executed, message, head = frame[2:]
                head = head or {}
                call._settle(
                    CallError(
                        CODES.get(code, "UNKNOWN"),
                        EXECUTED[executed],
                        message,
                        head.get("reason"),
                        head.get("details"),
                        head.get("retryAfterMs"),
                    )
                )
            else:
                raise ProtocolError(f"a frame of kind {kind} from a callee")
        except CallError as error:
            call._settle(error)
            self.send_frame([CANCEL, call_id, 1])


def pairs(flat):
    """The flat array of metadata as a list of pairs."""
    if not isinstance(flat, list) or len(flat) % 2:
        raise ProtocolError("metadata is not a flat array of pairs")
    return [(flat[at], flat[at + 1]) for at in range(0, len(flat), 2)]
