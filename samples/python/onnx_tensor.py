"""Reads an ONNX TensorProto file (.pb): type, dimensions and elements, with the standard library only."""
import array
import struct

from ai3 import ARRAY_TYPES, Tensor

# Field numbers of TensorProto: dims, data_type, float_data, int32_data, int64_data, raw_data, double_data, uint64_data.
DIMS, DATA_TYPE, FLOATS, INT32S, INT64S, RAW, DOUBLES, UINT64S = 1, 2, 4, 5, 7, 9, 10, 11


def read(path):
    with open(path, "rb") as file:
        fields = list(_fields(file.read()))
    dims = [n for number, value in fields if number == DIMS for n in _varints(value)]
    dtype = next(value for number, value in fields if number == DATA_TYPE)
    raw = b"".join(value for number, value in fields if number == RAW)
    kind = ARRAY_TYPES.get(dtype)
    if raw or kind is None:
        return Tensor(dtype, dims, array.array(kind, raw) if kind else raw)
    elements = array.array(kind)
    for number, value in fields:
        if number in (FLOATS, DOUBLES):
            elements.frombytes(value)
        elif number in (INT32S, INT64S, UINT64S):
            elements.extend(_signed(n) if elements.typecode in "bhiq" else n for n in _varints(value))
    return Tensor(dtype, dims, elements)


def _fields(data):
    """Pairs of field number and value: a number, or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
        elif wire == 2:
            length, at = _varint(data, at)
            value, at = data[at:at + length], at + length
        else:
            length = {1: 8, 5: 4}[wire]
            value, at = data[at:at + length], at + length
        yield key >> 3, value


def _varints(value):
    """One number, or those of a packed field."""
    if isinstance(value, int):
        yield value
        return
    at = 0
    while at < len(value):
        number, at = _varint(value, at)
        yield number


def _varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at


def _signed(number):
    return struct.unpack("<q", struct.pack("<Q", number))[0]
