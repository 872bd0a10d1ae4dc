"""Ai3.Runtime from Python: ai3.h by ctypes, with nothing beside the standard library."""
import array
import ctypes
import os
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t, c_uint32, c_void_p

ABI_VERSION = 3
KIND_TENSOR = 1

# Element types by their ONNX numbers, as the standard library's array has them.
ARRAY_TYPES = {1: "f", 2: "B", 3: "b", 4: "H", 5: "h", 6: "i", 7: "q", 9: "B", 11: "d", 12: "I", 13: "Q"}


class Ai3Error(Exception):
    """A call failed; status is one of the AI3_ERROR_ numbers."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class _Struct(ctypes.Structure):
    """Sets the size and the version that every struct begins with."""

    def __init__(self, **members):
        super().__init__(struct_size=ctypes.sizeof(self), abi_version=ABI_VERSION, **members)


_HEADER = [("struct_size", c_uint32), ("abi_version", c_uint32)]


class _Tensor(_Struct):
    _fields_ = _HEADER + [("name", c_char_p), ("dtype", c_int32), ("rank", c_int32), ("dims", POINTER(c_int64)),
                          ("data", c_void_p), ("byte_length", c_size_t)]


class _ValueInfo(_Struct):
    _fields_ = _HEADER + [("name", c_char_p), ("kind", c_int32), ("dtype", c_int32), ("rank", c_int32), ("reserved", c_int32),
                          ("dims", POINTER(c_int64)), ("symbols", POINTER(c_char_p)), ("text", c_char_p)]


class _SessionInfo(_Struct):
    _fields_ = _HEADER + [("input_count", c_int32), ("output_count", c_int32), ("threads", c_int32), ("step_count", c_int32),
                          ("isa", c_char_p), ("arena_bytes", c_int64), ("workspace_bytes", c_int64), ("packed_bytes", c_int64),
                          ("constant_bytes", c_int64)]


class _Step(_Struct):
    _fields_ = _HEADER + [("name", c_char_p), ("op", c_char_p), ("algorithm", c_char_p), ("problem", c_char_p), ("start", c_double),
                          ("duration", c_double), ("flops", c_double)]


class _CompileOptions(_Struct):
    _fields_ = _HEADER + [("threads", c_int32), ("untrusted", c_int32), ("isa", c_char_p), ("algorithms", POINTER(c_char_p)),
                          ("disabled_rewrites", POINTER(c_char_p)), ("dim_names", POINTER(c_char_p)), ("dim_values", POINTER(c_int64)),
                          ("algorithm_count", c_int32), ("disabled_rewrite_count", c_int32), ("dim_count", c_int32),
                          ("strict_nan", c_int32), ("max_tensor_bytes", c_int64), ("max_session_bytes", c_int64),
                          ("max_folded_bytes", c_int64), ("max_loop_trips", c_int64), ("max_run_milliseconds", c_int64),
                          ("catalog", c_void_p), ("plan", c_char_p), ("rules", c_char_p)]


class _RunOptions(_Struct):
    _fields_ = _HEADER + [("cancel", c_void_p), ("profile", c_void_p)]


class Tensor:
    """Elements in row-major order: dtype is ONNX's number, data an array.array or, for types it lacks, bytes."""

    def __init__(self, dtype, shape, data):
        self.dtype, self.shape, self.data = dtype, tuple(shape), data

    def numpy(self):
        """The same as a numpy array, where numpy is installed."""
        import numpy
        types = {1: "f4", 2: "u1", 3: "i1", 4: "u2", 5: "i2", 6: "i4", 7: "i8", 9: "?", 10: "f2", 11: "f8", 12: "u4", 13: "u8"}
        return numpy.frombuffer(self.data, dtype=types[self.dtype]).reshape(self.shape)


class Info:
    """An input or output: name, dtype, dimensions (numbers, or names for those that are not known) and all of it as text."""

    def __init__(self, raw):
        self.name, self.text, self.dtype = raw.name.decode(), raw.text.decode(), raw.dtype
        self.is_tensor = raw.kind == KIND_TENSOR
        self.dims = [raw.dims[i] if raw.dims[i] >= 0 else raw.symbols[i].decode() for i in range(raw.rank)] if raw.rank >= 0 else None


class Library:
    """libai3.so."""

    def __init__(self, path=None):
        self._lib = ctypes.CDLL(path or os.environ.get("AI3_LIBRARY", "libai3.so"))
        self._lib.ai3_last_error.restype = self._lib.ai3_version.restype = c_char_p
        if self._lib.ai3_abi_version() != ABI_VERSION:
            raise Ai3Error(0, f"the library's interface is {self._lib.ai3_abi_version()}, this module's {ABI_VERSION}")
        self.version = self._lib.ai3_version().decode()

    def call(self, name, *arguments):
        """Calls a function that gives a status."""
        function = getattr(self._lib, name)
        function.restype = c_int
        status = function(*arguments)
        if status != 0:
            raise Ai3Error(status, self._lib.ai3_last_error().decode())

    def load(self, path):
        """Opens an ONNX file."""
        handle = c_void_p()
        self.call("ai3_model_load", os.fsencode(path), None, byref(handle))
        return Model(self, handle)


class _Handle:
    """Frees a handle once: at close, at the end of a with block, or with the object."""

    def __init__(self, library, handle, free):
        self._library, self._handle, self._free = library, handle, free

    def close(self):
        if self._handle:
            self._library.call(self._free, self._handle)
            self._handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()


class Model(_Handle):
    """A network as it was read."""

    def __init__(self, library, handle):
        super().__init__(library, handle, "ai3_model_free")

    def compile(self, algorithms=None, threads=0, isa=None, dimensions=None, disabled_rewrites=()):
        """Compiles to a session. algorithms: {"Conv": "winograd_f2x2_3x3,auto", "node:conv1": "gemm"}; dimensions: {"batch": 1}."""
        entries = [f"{op}={names}" for op, names in (algorithms or {}).items()]
        dimensions = dimensions or {}
        options = _CompileOptions(
            threads=threads, isa=isa.encode() if isa else None,
            algorithms=_texts(entries), algorithm_count=len(entries),
            disabled_rewrites=_texts(disabled_rewrites), disabled_rewrite_count=len(disabled_rewrites),
            dim_names=_texts(dimensions), dim_values=(c_int64 * len(dimensions))(*dimensions.values()), dim_count=len(dimensions))
        handle = c_void_p()
        self._library.call("ai3_compile", self._handle, byref(options), byref(handle))
        return Session(self._library, handle)


class Session(_Handle):
    """A compiled model that runs; any number of threads may run it at a time."""

    def __init__(self, library, handle):
        super().__init__(library, handle, "ai3_session_free")
        info = _SessionInfo()
        library.call("ai3_session_get_info", handle, byref(info))
        self.isa, self.threads = info.isa.decode(), info.threads
        self.inputs = [self._info("ai3_session_input", i) for i in range(info.input_count)]
        self.outputs = [self._info("ai3_session_output", i) for i in range(info.output_count)]

    def run(self, inputs, profile=None):
        """Runs on {name: Tensor}; gives {name: Tensor}. A list given as profile receives (node, op, algorithm, ns)."""
        held = [_to_c(name, tensor) for name, tensor in inputs.items()]  # the elements live as long as these
        tensors = (_Tensor * len(held))(*held)
        result, watch = c_void_p(), c_void_p()
        if profile is not None:
            self._library.call("ai3_profile_create", byref(watch))
        try:
            options = _RunOptions(cancel=None, profile=watch)
            self._library.call("ai3_run_alloc", self._handle, byref(options), tensors, len(held), byref(result))
            if profile is not None:
                self._read_profile(watch, profile)
            return self._read(result)
        finally:
            self._library.call("ai3_result_free", result)
            self._library.call("ai3_profile_free", watch)

    def save_plan(self, path):
        """Writes the algorithms and layouts of the plan made last to a JSON file."""
        self._library.call("ai3_session_save_plan", self._handle, os.fsencode(path))

    def _info(self, function, index):
        info = _ValueInfo()
        self._library.call(function, self._handle, c_int32(index), byref(info))
        return Info(info)

    def _read(self, result):
        outputs = {}
        for i, info in enumerate(self.outputs):
            tensor = _Tensor()
            self._library.call("ai3_result_tensor", result, c_int32(i), byref(tensor))
            outputs[info.name] = _from_c(tensor)
        return outputs

    def _read_profile(self, watch, profile):
        count, step = c_int32(), _Step()
        self._library.call("ai3_profile_count", watch, byref(count))
        for i in range(count.value):
            self._library.call("ai3_profile_step", watch, c_int32(i), byref(step))
            profile.append((step.name.decode(), step.op.decode(), step.algorithm.decode(), step.duration))


def _texts(texts):
    return (c_char_p * len(texts))(*[t.encode() for t in texts])


def _to_c(name, tensor):
    data = (ctypes.c_char * (len(tensor.data) * getattr(tensor.data, "itemsize", 1))).from_buffer_copy(tensor.data)
    c = _Tensor(name=name.encode(), dtype=tensor.dtype, rank=len(tensor.shape), dims=(c_int64 * len(tensor.shape))(*tensor.shape),
                data=ctypes.cast(data, c_void_p), byte_length=len(data))
    c.elements = data
    return c


def _from_c(tensor):
    raw = ctypes.string_at(tensor.data, tensor.byte_length)
    kind = ARRAY_TYPES.get(tensor.dtype)
    return Tensor(tensor.dtype, tensor.dims[:tensor.rank], array.array(kind, raw) if kind else raw)
