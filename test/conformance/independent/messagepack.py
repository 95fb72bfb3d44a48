"""MessagePack as section 9 of docs/protocol.md uses it. Standard library only."""

import struct

MAX_DEPTH = 64
MAX_VALUES = 100_000
MAX_KEY_BYTES = 1024
MAX_BIGINT_BYTES = 64
MAX_SAFE_INTEGER = 2**53 - 1

EXT_UNDEFINED = 0x00
EXT_BIGINT = 0x42
EXT_ANNOUNCEMENT = 0x63
EXT_TIMESTAMP = -1


class Malformed(Exception):
    """Bytes that the page refuses."""


class Undefined:
    """`undefined` inside data; there is one of it."""

    def __repr__(self):
        return "undefined"


UNDEFINED = Undefined()


class BigInt(int):
    """An int that the contract declares as bigint; a plain int is a `number`."""


class Timestamp:
    """A `Date`, with the nanoseconds that the wire has room for."""

    def __init__(self, seconds, nanoseconds=0):
        self.seconds = seconds
        self.nanoseconds = nanoseconds

    def __eq__(self, other):
        return isinstance(other, Timestamp) and self.key() == other.key()

    def __hash__(self):
        return hash(self.key())

    def __repr__(self):
        return f"Timestamp({self.seconds}, {self.nanoseconds})"

    def key(self):
        return (self.seconds, self.nanoseconds)


class Announcement:
    """Stands in the place of a payload that follows in chunks."""

    def __init__(self, length):
        self.length = length

    def __repr__(self):
        return f"Announcement({self.length})"


class Raw:
    """Bytes that go to the wire as they are: forms this encoder would not choose."""

    def __init__(self, data):
        self.data = bytes(data)


# --- writing ----------------------------------------------------------------------------------------------------------


def encode(value):
    out = bytearray()
    write(out, value)
    return bytes(out)


def write(out, value):
    if value is None:
        out.append(0xC0)
    elif value is UNDEFINED:
        out += b"\xd4\x00\x00"
    elif value is True:
        out.append(0xC3)
    elif value is False:
        out.append(0xC2)
    elif isinstance(value, BigInt):
        write_bigint(out, value)
    elif isinstance(value, int):
        write_number(out, value)
    elif isinstance(value, float):
        write_float(out, value)
    elif isinstance(value, str):
        write_str(out, value)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        write_bin(out, value)
    elif isinstance(value, (list, tuple)):
        write_array_header(out, len(value))
        for element in value:
            write(out, element)
    elif isinstance(value, dict):
        write_map_header(out, len(value))
        for key, element in value.items():
            write_str(out, key)
            write(out, element)
    elif isinstance(value, Timestamp):
        write_timestamp(out, value)
    elif isinstance(value, Announcement):
        out += b"\xd6\x63" + struct.pack(">I", value.length)
    elif isinstance(value, Raw):
        out += value.data
    else:
        raise TypeError(f"cannot encode {type(value).__name__}")


def write_uint(out, value):
    """An integer of the envelope, in its shortest form."""
    if value < 0x80:
        out.append(value)
    elif value < 0x100:
        out += struct.pack(">BB", 0xCC, value)
    elif value < 0x1_0000:
        out += struct.pack(">BH", 0xCD, value)
    elif value < 0x1_0000_0000:
        out += struct.pack(">BI", 0xCE, value)
    else:
        out += struct.pack(">BQ", 0xCF, value)


def write_number(out, value):
    """A `number`: integers of up to 32 bits as the shortest int, everything else as float 64."""
    if 0 <= value < 2**32:
        write_uint(out, value)
    elif -32 <= value < 0:
        out += struct.pack(">b", value)
    elif -0x80 <= value < 0:
        out += struct.pack(">Bb", 0xD0, value)
    elif -0x8000 <= value < 0:
        out += struct.pack(">Bh", 0xD1, value)
    elif -(2**31) <= value < 0:
        out += struct.pack(">Bi", 0xD2, value)
    else:
        write_float(out, float(value))


def write_float(out, value):
    if value.is_integer() and str(value) != "-0.0" and -(2**31) <= value < 2**32:
        write_number(out, int(value))
    else:
        out += struct.pack(">Bd", 0xCB, value)


def write_bigint(out, value):
    if -(2**63) <= value < 2**63:
        out += struct.pack(">Bq", 0xD3, value)
    elif 0 <= value < 2**64:
        out += struct.pack(">BQ", 0xCF, value)
    else:
        size = 1
        while not -(1 << (8 * size - 1)) <= value < 1 << (8 * size - 1):
            size += 1
        if size > MAX_BIGINT_BYTES:
            raise ValueError("a bigint of more than 64 bytes")
        write_ext(out, EXT_BIGINT, int(value).to_bytes(size, "big", signed=True))


def write_ext(out, kind, data):
    fixed = {1: 0xD4, 2: 0xD5, 4: 0xD6, 8: 0xD7, 16: 0xD8}.get(len(data))
    if fixed is not None:
        out += struct.pack(">Bb", fixed, kind)
    else:
        out += struct.pack(">BBb", 0xC7, len(data), kind)
    out += data


def write_timestamp(out, value):
    if value.nanoseconds == 0 and 0 <= value.seconds < 2**32:
        write_ext(out, EXT_TIMESTAMP, struct.pack(">I", value.seconds))
    elif 0 <= value.seconds < 2**34:
        write_ext(out, EXT_TIMESTAMP, struct.pack(">Q", value.nanoseconds << 34 | value.seconds))
    else:
        write_ext(out, EXT_TIMESTAMP, struct.pack(">Iq", value.nanoseconds, value.seconds))


def write_str(out, value):
    try:
        data = value.encode("utf-8")
    except UnicodeEncodeError:
        data = "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in value).encode("utf-8")
    size = len(data)
    if size < 32:
        out.append(0xA0 | size)
    elif size < 0x100:
        out += struct.pack(">BB", 0xD9, size)
    elif size < 0x1_0000:
        out += struct.pack(">BH", 0xDA, size)
    else:
        out += struct.pack(">BI", 0xDB, size)
    out += data


def write_bin(out, value):
    size = len(value)
    if size < 0x100:
        out += struct.pack(">BB", 0xC4, size)
    elif size < 0x1_0000:
        out += struct.pack(">BH", 0xC5, size)
    else:
        out += struct.pack(">BI", 0xC6, size)
    out += value


def write_array_header(out, size):
    if size < 16:
        out.append(0x90 | size)
    elif size < 0x1_0000:
        out += struct.pack(">BH", 0xDC, size)
    else:
        out += struct.pack(">BI", 0xDD, size)


def write_map_header(out, size):
    if size < 16:
        out.append(0x80 | size)
    elif size < 0x1_0000:
        out += struct.pack(">BH", 0xDE, size)
    else:
        out += struct.pack(">BI", 0xDF, size)


# --- reading ----------------------------------------------------------------------------------------------------------

SCALARS = {
    0xCA: ">f",
    0xCB: ">d",
    0xCC: ">B",
    0xCD: ">H",
    0xCE: ">I",
    0xCF: ">Q",
    0xD0: ">b",
    0xD1: ">h",
    0xD2: ">i",
    0xD3: ">q",
}


class Reader:
    """Reads values from one WebSocket message, under the fixed limits of section 8."""

    def __init__(self, data):
        self.data = memoryview(data)
        self.at = 0
        self.values = 0

    @property
    def done(self):
        return self.at == len(self.data)

    def take(self, size):
        end = self.at + size
        if end > len(self.data):
            raise Malformed("a length beyond the end of the message")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def unpack(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def array_header(self):
        tag = self.unpack(">B")
        if tag & 0xF0 == 0x90:
            return tag & 0x0F
        if tag == 0xDC:
            return self.unpack(">H")
        if tag == 0xDD:
            return self.unpack(">I")
        raise Malformed("not an array")

    def uint(self):
        """An integer of the envelope."""
        tag = self.unpack(">B")
        if tag < 0x80:
            return tag
        if 0xCC <= tag <= 0xCF:
            value = self.unpack(SCALARS[tag])
            if value <= MAX_SAFE_INTEGER:
                return value
        raise Malformed("not an unsigned integer")

    def value(self, depth=1):
        """One value; `depth` is the number of arrays and maps around it."""
        self.values += 1
        if self.values > MAX_VALUES:
            raise Malformed("too many values")
        tag = self.unpack(">B")
        if tag < 0x80:
            return tag
        if tag >= 0xE0:
            return tag - 0x100
        if tag in SCALARS:
            return self.unpack(SCALARS[tag])
        if tag == 0xC0:
            return None
        if tag in (0xC2, 0xC3):
            return tag == 0xC3
        if tag & 0xE0 == 0xA0:
            return self.text(tag & 0x1F)
        if tag in (0xD9, 0xDA, 0xDB):
            return self.text(self.unpack({0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}[tag]))
        if tag in (0xC4, 0xC5, 0xC6):
            return bytes(self.take(self.unpack({0xC4: ">B", 0xC5: ">H", 0xC6: ">I"}[tag])))
        if tag & 0xF0 == 0x90:
            return self.array(tag & 0x0F, depth)
        if tag in (0xDC, 0xDD):
            return self.array(self.unpack(">H" if tag == 0xDC else ">I"), depth)
        if tag & 0xF0 == 0x80:
            return self.map(tag & 0x0F, depth)
        if tag in (0xDE, 0xDF):
            return self.map(self.unpack(">H" if tag == 0xDE else ">I"), depth)
        if 0xD4 <= tag <= 0xD8:
            return self.ext(1 << (tag - 0xD4))
        if tag in (0xC7, 0xC8, 0xC9):
            return self.ext(self.unpack({0xC7: ">B", 0xC8: ">H", 0xC9: ">I"}[tag]))
        raise Malformed("0xc1")

    def text(self, size):
        return str(self.take(size), "utf-8", "replace")

    def array(self, size, depth):
        if depth >= MAX_DEPTH:
            raise Malformed("nested too deep")
        return [self.value(depth + 1) for _ in range(size)]

    def map(self, size, depth):
        if depth >= MAX_DEPTH:
            raise Malformed("nested too deep")
        out = {}
        for _ in range(size):
            key = self.value(depth + 1)
            if not isinstance(key, str) or len(key.encode()) > MAX_KEY_BYTES or key == "__proto__":
                raise Malformed("a map key")
            out[key] = self.value(depth + 1)
        return out

    def ext(self, size):
        kind = self.unpack(">b")
        data = self.take(size)
        if kind == EXT_UNDEFINED:
            return UNDEFINED
        if kind == EXT_BIGINT and size <= MAX_BIGINT_BYTES:
            return BigInt(int.from_bytes(data, "big", signed=True))
        if kind == EXT_ANNOUNCEMENT and size == 4:
            return Announcement(struct.unpack(">I", data)[0])
        if kind == EXT_TIMESTAMP and size == 4:
            return Timestamp(struct.unpack(">I", data)[0])
        if kind == EXT_TIMESTAMP and size == 8:
            both = struct.unpack(">Q", data)[0]
            return Timestamp(both & (2**34 - 1), both >> 34)
        if kind == EXT_TIMESTAMP and size == 12:
            nanoseconds, seconds = struct.unpack(">Iq", data)
            return Timestamp(seconds, nanoseconds)
        raise Malformed("an extension type")


def decode(data):
    reader = Reader(data)
    value = reader.value()
    if not reader.done:
        raise Malformed("bytes after the value")
    return value
