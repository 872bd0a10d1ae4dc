#!/usr/bin/env python3
"""Chooses an algorithm for each node by its shapes, as ai3.convert does, and runs the model.
    python3 choose.py --library INSTALL/lib/libai3.so model.onnx"""
import argparse
import json
import os
import re
import sys
import tempfile

import ai3
from run import ramp


class Node:
    """What a selector sees of a convolution."""

    def __init__(self, entry):
        self.name, self.op, self.problem = entry["node"], entry["op"], entry["problem"]
        numbers = re.search(r" c(\d+) (?:\d+x)*?(\d+)x(\d+) m(\d+)", self.problem)
        self.in_channels, self.height, self.width, self.out_channels = map(int, numbers.groups()) if numbers else (0, 0, 0, 0)


def convert(model, selectors, threads=1):
    """A session whose operators are computed as selectors say: {"Conv": function of a node, or a name or fallback list}."""
    algorithms = {op: names for op, names in selectors.items() if not callable(names)}
    functions = {op: function for op, function in selectors.items() if callable(function)}
    with model.compile(algorithms, threads) as session, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plan.json")
        session.save_plan(path)
        with open(path, encoding="utf-8") as file:
            nodes = json.load(file)["nodes"]
    for entry in nodes:
        if entry["op"] in functions:
            algorithms["node:" + entry["node"]] = functions[entry["op"]](Node(entry))
    return model.compile(algorithms, threads)


def auto_selector(node):
    """Few filters over a large picture: taps directly; otherwise a matrix product."""
    return "direct" if node.out_channels < 50 and node.height > 150 else "gemm,auto"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--library")
    arguments = parser.parse_args()
    library = ai3.Library(arguments.library)
    with library.load(arguments.model) as model, convert(model, {"Conv": auto_selector, "MaxPool": "default"}) as session:
        profile = []
        outputs = session.run({info.name: ramp(info) for info in session.inputs}, profile)
        for node, op, algorithm, nanoseconds in profile:
            print(f"{node:24} {op:16} {algorithm:20} {nanoseconds / 1000:8.1f} us")
        for name, tensor in outputs.items():
            print(f"{name}: {list(tensor.shape)} {' '.join(f'{v:.4g}' for v in tensor.data[:8])}")


if __name__ == "__main__":
    try:
        main()
    except ai3.Ai3Error as error:
        sys.exit(f"choose.py: {error} ({error.status})")
