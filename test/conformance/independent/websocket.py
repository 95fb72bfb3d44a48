"""The client side of RFC 6455 over a plain socket, as much as section 1 of docs/protocol.md asks for."""

import base64
import hashlib
import os
import socket
import struct
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Closed(Exception):
    """The WebSocket is closed; `code` is the peer's, 1006 when it gave none."""

    def __init__(self, code, reason=""):
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class WebSocket:
    def __init__(self, host, port, path, protocol):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()
        self.sending = threading.Lock()
        key = base64.b64encode(os.urandom(16))
        self.socket.sendall(
            (
                f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key.decode()}\r\n"
                f"Sec-WebSocket-Protocol: {protocol}\r\n\r\n"
            ).encode()
        )
        while b"\r\n\r\n" not in self.received:
            self._more()
        head, _, rest = bytes(self.received).partition(b"\r\n\r\n")
        self.received = bytearray(rest)
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        headers = {name.strip().lower(): text.strip() for name, _, text in (line.partition(":") for line in lines[1:])}
        if self.status != 101:
            raise ConnectionError(f"the upgrade was answered {self.status}")
        expected = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        if headers.get("sec-websocket-accept") != expected or headers.get("sec-websocket-protocol") != protocol:
            raise ConnectionError("the upgrade was not answered as asked")

    def send(self, data, opcode=2):
        size = len(data)
        if size < 126:
            head = struct.pack(">BB", 0x80 | opcode, 0x80 | size)
        elif size < 0x1_0000:
            head = struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, size)
        else:
            head = struct.pack(">BBQ", 0x80 | opcode, 0x80 | 127, size)
        mask = os.urandom(4)
        pad = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(data, "little") ^ int.from_bytes(pad, "little")).to_bytes(size, "little")
        with self.sending:
            self.socket.sendall(head + mask + masked)

    def close(self, code=1000, reason=""):
        try:
            self.send(struct.pack(">H", code) + reason.encode(), opcode=8)
        except OSError:
            pass

    def drop(self):
        self.socket.close()

    def receive(self):
        """The next binary message. Answers pings and the closing handshake by itself."""
        message = bytearray()
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack(">H", self._take(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._take(8))[0]
            data = self._take(size)
            opcode = first & 0x0F
            if opcode == 8:
                code = struct.unpack(">H", data[:2])[0] if size >= 2 else 1005
                self.close(code if size >= 2 else 1000)
                raise Closed(code, bytes(data[2:]).decode("utf-8", "replace"))
            if opcode == 9:
                self.send(data, opcode=10)
            elif opcode == 1:
                raise Closed(1003, "a text message")
            elif opcode in (0, 2):
                message += data
                if first & 0x80:
                    return bytes(message)

    def _take(self, size):
        while len(self.received) < size:
            self._more()
        taken = bytes(self.received[:size])
        del self.received[:size]
        return taken

    def _more(self):
        try:
            data = self.socket.recv(1 << 18)
        except OSError:
            data = b""
        if not data:
            raise Closed(1006, "the connection was lost")
        self.received += data
