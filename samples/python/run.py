#!/usr/bin/env python3
"""Loads a model, lists its inputs, runs it with a choice of algorithm and compares the outputs with the expected ones: those of a
test_data_set folder, or those that the reference algorithm of every operator named computes.
    python3 run.py --library INSTALL/lib/libai3.so --algorithm Conv=winograd_f2x2_3x3,auto model.onnx"""
import argparse
import array
import glob
import math
import os
import sys

import ai3
import onnx_tensor


def ramp(info):
    """Values for an input that no file gives: (i + 1) / count for floats, zeros otherwise; unknown dimensions become 1."""
    shape = [d if isinstance(d, int) else 1 for d in info.dims]
    count = math.prod(shape)
    kind = ai3.ARRAY_TYPES[info.dtype]
    return ai3.Tensor(info.dtype, shape, array.array(kind, ((i + 1) / count for i in range(count)) if kind in "fd" else bytes(count * array.array(kind).itemsize)))


def read_folder(folder, prefix, infos):
    files = sorted(glob.glob(os.path.join(folder, prefix + "_*.pb")), key=lambda f: int(f.rsplit("_", 1)[1][:-3]))
    return {info.name: onnx_tensor.read(file) for info, file in zip(infos, files)}


def largest_difference(got, expected):
    if got.shape != expected.shape:
        sys.exit(f"shape {got.shape}, expected {expected.shape}")
    return max((abs(a - b) for a, b in zip(got.data, expected.data) if not (math.isnan(a) and math.isnan(b))), default=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--library", help="libai3.so; default: AI3_LIBRARY in the environment, or the loader's path")
    parser.add_argument("--algorithm", action="append", default=[], metavar="OP=NAME[,NAME...]")
    parser.add_argument("--data", metavar="FOLDER", help="a test_data_set folder with input_N.pb and output_N.pb")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    arguments = parser.parse_args()
    algorithms = dict(entry.split("=", 1) for entry in arguments.algorithm)

    library = ai3.Library(arguments.library)
    with library.load(arguments.model) as model, model.compile(algorithms, arguments.threads) as session:
        print(f"ai3 {library.version}, {session.isa}, {session.threads} thread(s)")
        for info in session.inputs:
            print(f"input  {info.name}: {info.text}")
        inputs = {info.name: ramp(info) for info in session.inputs} if not arguments.data else read_folder(arguments.data, "input", session.inputs)
        profile = []
        outputs = session.run(inputs, profile)
        for node, op, algorithm, nanoseconds in profile:
            print(f"  {node:24} {op:16} {algorithm:20} {nanoseconds / 1000:8.1f} us")
        if arguments.data:
            expected = read_folder(arguments.data, "output", session.outputs)
        else:
            with model.compile({op: "reference" for op in algorithms}, 1) as reference:
                expected = reference.run(inputs)
        difference = max(largest_difference(outputs[name], expected[name]) for name in expected)
        for name, tensor in outputs.items():
            print(f"output {name}: {list(tensor.shape)} {' '.join(f'{v:.4g}' for v in tensor.data[:8])}")
        print(f"largest difference to the expected outputs: {difference:.3g}")
        return 0 if difference <= arguments.tolerance else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ai3.Ai3Error as error:
        sys.exit(f"run.py: {error} ({error.status})")
