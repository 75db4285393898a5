"""Malformed and hostile models, and what nacre makes of each.

    malformed_models.py NACRE [--part 1/8] [--kinds] [--only WORD] [--commands inspect,convert]

Writes more than 200 models and runs `nacre inspect` and `nacre convert` on each. Every command must
end with success or a typed error of one line, within LIMIT_S seconds, with less memory than twice
the model's files and CONSTANT_MB. With --part, each so-manieth model only. With --kinds, one of
each kind, as CTest runs it: the models of a kind differ in a number.
"""

import argparse
import os
import random
import re
import signal
import sys
import tempfile
import time

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LIMIT_S = 10
CONSTANT_MB = 1500  # the program, its libraries, and the child that compiles
# Success, a broken or unsupported model, a target that cannot run it.
RIGHT_CODES = (0, 3, 5)
BIG = 2**62

node = helper.make_node


def floats(name, shape, value=0.1):
    return numpy_helper.from_array(np.full(shape, value, np.float32), name)


def ints(name, values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def model(nodes, constants=(), shape=("N", 3, 8, 8), out=None, functions=(), opset=17, extra=()):
    graph = helper.make_graph(
        list(nodes), "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, out)], list(constants))
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in extra)]
    return helper.make_model(graph, opset_imports=imports, functions=list(functions), ir_version=8)


def classifier():
    return model(
        [node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]), node("Relu", ["a"], ["b"]),
         node("GlobalAveragePool", ["b"], ["c"]), node("Flatten", ["c"], ["d"]),
         node("Gemm", ["d", "f"], ["y"], transB=1)],
        [floats("w", (4, 3, 3, 3)), floats("f", (5, 4))])


def mutations():
    """Cut, flipped, repeated and zeroed bytes, always the same."""
    whole = classifier().SerializeToString()
    chance = random.Random(1)
    for i in range(20):
        yield f"cut{i}", whole[: len(whole) * i // 20]
    for i in range(60):
        data = bytearray(whole)
        for _ in range(1 + i % 5):
            data[chance.randrange(len(data))] = chance.randrange(256)
        yield f"flipped{i}", bytes(data)
    for i in range(20):
        at, size = chance.randrange(len(whole)), chance.randrange(1, 64)
        piece = whole[at : at + size]
        yield f"repeated{i}", whole[:at] + piece * (2 + i) + whole[at:]
        yield f"zeroed{i}", whole[:at] + b"\0" * len(piece) + whole[at + len(piece) :]


def odd_attributes():
    """Operations with settings that nothing should follow."""
    numbers = [0, -1, BIG, -BIG]
    window = {"kernel_shape": 2, "strides": 2, "dilations": 2, "pads": 4}
    for op in ("Conv", "MaxPool", "AveragePool", "ConvTranspose"):
        inputs = ["x", "w"] if "Conv" in op else ["x"]
        weights = [floats("w", (3, 3, 3, 3))] if "Conv" in op else []
        for key, count in window.items():
            for number in numbers:
                settings = {} if "Conv" in op else {"kernel_shape": [2, 2]}
                settings[key] = [number] * count
                yield f"{op}_{key}_{number}", model([node(op, inputs, ["y"], **settings)], weights)
    for number in numbers:
        yield f"group_{number}", model([node("Conv", ["x", "w"], ["y"], group=number)],
                                       [floats("w", (3, 3, 3, 3))])
        for op in ("Softmax", "Concat", "Flatten", "Gather", "Split", "LayerNormalization"):
            inputs = {"Gather": ["x", "i"], "Concat": ["x", "x"], "LayerNormalization": ["x", "s"]}
            yield f"{op}_axis_{number}", model(
                [node(op, inputs.get(op, ["x"]), ["y"], axis=number)],
                [ints("i", [0]), floats("s", (8,))])
        yield f"perm_{number}", model([node("Transpose", ["x"], ["y"], perm=[number] * 4)])


def odd_constants():
    """Operations with inputs that nothing should follow."""
    for number in (-1, 0, BIG, -BIG, 2**31, 20000):
        yield f"Reshape_{number}", model([node("Reshape", ["x", "c"], ["y"])],
                                         [ints("c", [number] * 3)])
        yield f"Expand_{number}", model([node("Expand", ["x", "c"], ["y"])],
                                        [ints("c", [number, 3, 8, 8])])
        yield f"Tile_{number}", model([node("Tile", ["x", "c"], ["y"])],
                                      [ints("c", [1, number, number, 1])])
        yield f"Pad_{number}", model([node("Pad", ["x", "c"], ["y"])],
                                     [ints("c", [0, 0, 0, 0, 0, 0, number, number])])
        yield f"OfShape_{number}", model(
            [node("ConstantOfShape", ["c"], ["z"]), node("Add", ["x", "z"], ["y"])],
            [ints("c", [number, number])])
        yield f"Range_{number}", model(
            [node("Range", ["a", "b", "d"], ["z"]), node("Cast", ["z"], ["f"], to=1),
             node("Add", ["x", "f"], ["y"])],
            [numpy_helper.from_array(np.array(v, np.int64), n)
             for n, v in (("a", 0), ("b", number), ("d", 1))])
        yield f"Slice_{number}", model([node("Slice", ["x", "c", "c", "c", "c"], ["y"])],
                                       [ints("c", [number])])
        yield f"TopK_{number}", model([node("TopK", ["x", "c"], ["y", "i"])], [ints("c", [number])])
        yield f"input_{number}", model([node("Relu", ["x"], ["y"])], shape=(1, 3, number, number))
    for scale in (0.0, -1.0, float("inf"), float("nan"), 1e30, 1e-30):
        yield f"Resize_{scale}", model(
            [node("Resize", ["x", "", "c"], ["y"])],
            [numpy_helper.from_array(np.array([1, 1, scale, scale], np.float32), "c")])


def odd_graphs():
    """Names and links that do not fit together."""
    yield "cycle", model([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]),
                          node("Relu", ["b"], ["y"])])
    yield "itself", model([node("Add", ["x", "y"], ["y"])])
    yield "twice", model([node("Relu", ["x"], ["y"]), node("Abs", ["x"], ["y"])])
    yield "no_inputs", model([node("Relu", [], ["y"])])
    yield "no_names", model([node("Relu", [""], ["y"])])
    yield "no_outputs", model([node("Relu", ["x"], []), node("Relu", ["x"], ["y"])])
    yield "no_op", model([node("", ["x"], ["y"])])
    yield "long_name", model([node("Relu", ["x"], ["a" * 10**6]),
                              node("Relu", ["a" * 10**6], ["y"])])
    yield "line_ends", model([node("A\nB\x1b[2J", ["x"], ["y"])])
    yield "many_axes", model([node("Relu", ["x"], ["y"])], shape=(1,) * 5000)
    for value in (-1, BIG, 2**40):
        broken = classifier()
        broken.graph.initializer[0].dims[0] = value
        yield f"weight_{value}", broken
    for data_type in (0, 8, 9, 14, 17, 22, 99, -5):
        broken = classifier()
        broken.graph.initializer[0].data_type = data_type
        yield f"type_{data_type}", broken


def doubling():
    """Small files that ask for much: 2^40 elements."""
    def chain(count, step, constants):
        nodes = [step(f"c{i}", f"c{i + 1}") for i in range(count)]
        nodes += [node("ReduceSum", [f"c{count}"], ["s"], keepdims=0),
                  node("Add", ["x", "s"], ["y"])]
        return model(nodes, constants)
    start = [floats("c0", (2,)), ints("two", [2]), ints("pads", [2**20, 2**20]),
             floats("scales", (1,), 2.0)]
    yield "doubling_concat", chain(40, lambda a, b: node("Concat", [a, a], [b], axis=0), start)
    yield "doubling_tile", chain(40, lambda a, b: node("Tile", [a, "two"], [b]), start)
    yield "doubling_pad", chain(40, lambda a, b: node("Pad", [a, "pads"], [b]), start)
    yield "doubling_resize", chain(40, lambda a, b: node("Resize", [a, "", "scales"], [b]), start)
    yield "doubling_gather", chain(40, lambda a, b: node("Concat", [a, a, a], [b], axis=-1), start)
    for op, constant in (("ConstantOfShape", None), ("Expand", "one")):
        nodes, last = [], "x"
        for i in range(60):
            inputs = ["size"] if constant is None else [constant, "size"]
            nodes += [node(op, inputs, [f"c{i}"]),
                      node("ReduceSum", [f"c{i}"], [f"s{i}"], keepdims=0),
                      node("Add", [last, f"s{i}"], [f"a{i}"])]
            last = f"a{i}"
        nodes.append(node("Relu", [last], ["y"]))
        yield f"many_{op}", model(nodes, [ints("size", [2**24]), floats("one", (1,))])


def deep():
    """Functions that call functions, branches in branches, loops without an end."""
    for levels in (16, 40):
        functions = []
        for i in range(levels):
            op, domain = ("Relu", "") if i + 1 == levels else (f"F{i + 1}", "local")
            functions.append(helper.make_function(
                "local", f"F{i}", ["a"], ["c"],
                [node(op, ["a"], ["b"], domain=domain), node(op, ["b"], ["c"], domain=domain)],
                [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]))
        yield f"functions_{levels}", model([node("F0", ["x"], ["y"], domain="local")],
                                           functions=functions, extra=["local"])
    value = helper.make_tensor_value_info
    for levels in (5, 12, 20):
        inner = [node("Relu", ["x"], ["r"])]
        for i in range(levels):
            name = f"r{i}"
            branch = helper.make_graph(inner, name, [],
                                       [value(inner[-1].output[0], TensorProto.FLOAT, None)])
            other = helper.make_graph([node("Abs", ["x"], [f"o{i}"])], f"o{i}", [],
                                      [value(f"o{i}", TensorProto.FLOAT, None)])
            inner = [node("If", ["condition"], [name], then_branch=branch, else_branch=other)]
        condition = numpy_helper.from_array(np.array(True), "condition")
        last = node("Relu", [inner[0].output[0]], ["y"])
        yield f"if_{levels}", model([*inner, last], [condition])
    body = helper.make_graph(
        [node("Identity", ["go"], ["go_on"]), node("Mul", ["v", "v"], ["w"])], "body",
        [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []),
         value("v", TensorProto.FLOAT, None)],
        [value("go_on", TensorProto.BOOL, []), value("w", TensorProto.FLOAT, None)])
    yield "loop_1e9", model(
        [node("Loop", ["times", "", "x"], ["y"], body=body)],
        [numpy_helper.from_array(np.array(10**9, np.int64), "times")])


def long():
    """Long chains: what is quadratic does not end."""
    def chain(ops, count, domain=""):
        names = ["x", *(f"v{i}" for i in range(count - 1)), "y"]
        return [node(ops[i % len(ops)], [names[i]], [names[i + 1]], domain=domain)
                for i in range(count)]
    yield "unknown_5000", model(chain(["Strange"], 5000, "odd"), extra=["odd"])
    yield "known_50000", model(chain(["Relu", "Abs"], 50000))
    yield "identity_50000", model(chain(["Identity"], 50000))
    yield "softmax_5000", model(chain(["Softmax"], 5000), opset=11)
    names = ["x", *(f"v{i}" for i in range(1999)), "y"]
    yield "convolutions_2000", model(
        [node("Conv", [names[i], "w"], [names[i + 1]]) for i in range(2000)],
        [floats("w", (3, 3, 1, 1))])
    nodes = []
    for i in range(150):
        nodes.append(node("Sum", ["x", *(f"s{j}" for j in range(i))], [f"s{i}"]))
    yield "sums_150", model([*nodes, node("Relu", ["s149"], ["y"])])
    clips = []
    for i in range(5000):
        clips.append(node("Max" if i % 2 else "Min", [names[0] if i == 0 else f"m{i - 1}", "c"],
                          ["y" if i == 4999 else f"m{i}"]))
    yield "clips_5000", model(clips, [floats("c", ())])
    huge = node("Strange", ["x"], ["y"], domain="odd", data=b"a" * (100 << 20))
    yield "opaque_100MB", model([huge], extra=["odd"])


def external(folder):
    """Weights that lie where they must not, or that are read again and again."""
    def pointing(**entries):
        whole = classifier()
        tensor = whole.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, text in entries.items():
            tensor.external_data.add(key=key, value=text)
        return whole
    size = 4 * 3 * 3 * 3 * 4
    with open(os.path.join(folder, "weights.bin"), "wb") as file:
        file.write(b"\0" * size)
    os.symlink("/etc/hostname", os.path.join(folder, "link.bin"))
    with open(os.path.join(folder, "other.bin"), "wb") as file:
        file.write(b"\0" * size)
    os.link(os.path.join(folder, "other.bin"), os.path.join(folder, "hard.bin"))
    os.mkfifo(os.path.join(folder, "pipe.bin"))
    for i, location in enumerate(["", "/etc/hostname", "../x", "a/../../x", "link.bin", "hard.bin",
                                  "pipe.bin", ".", "none.bin", "/dev/zero", "a" * 10**5]):
        yield f"location_{i}", pointing(location=location)
    for i, number in enumerate(["-1", "x", str(2**64), str(BIG), ""]):
        yield f"offset_{i}", pointing(location="weights.bin", offset=number)
        yield f"length_{i}", pointing(location="weights.bin", length=number)
    elements = 2**23
    with open(os.path.join(folder, "large.bin"), "wb") as file:
        file.truncate(4 * elements)
    tensors, nodes, last = [], [], "x"
    for i in range(100):
        tensor = TensorProto(name=f"w{i}", data_type=TensorProto.FLOAT, dims=[elements],
                             data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="large.bin")
        tensors.append(tensor)
        nodes += [node("ReduceMax", [f"w{i}"], [f"m{i}"], keepdims=0),
                  node("Add", [last, f"m{i}"], [f"a{i}"])]
        last = f"a{i}"
    yield "external_100", model([*nodes, node("Relu", [last], ["y"])], tensors)


def all_models(folder):
    for family in (mutations, odd_attributes, odd_constants, odd_graphs, doubling, deep, long):
        yield from family()
    yield from external(folder)


def kind_of(name):
    return re.sub(r"_?-?([\d.]+(e[+-]\d+)?|inf|nan)$", "", name)


def run(command, limit_s):
    """Exit code (None: it ran too long), seconds, megabytes, and what it said."""
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            os.setsid()
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            try:
                os.execv(command[0], command)
            finally:
                os._exit(127)
        done, code = False, None
        while not done and time.monotonic() - began < limit_s:
            pid, status, usage = os.wait4(child, os.WNOHANG)
            done = pid == child
            if not done:
                time.sleep(0.02)
        if done:
            code = os.waitstatus_to_exitcode(status)
        else:
            os.killpg(child, signal.SIGKILL)
            _, _, usage = os.wait4(child, 0)
        said.seek(0)
        text = said.read(4000).decode(errors="replace").strip()
        return code, time.monotonic() - began, usage.ru_maxrss / 1024, text


def judge(code, seconds, megabytes, allowed_mb):
    """Empty, or what is wrong."""
    if code is None:
        return f"ran past {seconds:.0f} s"
    if code not in RIGHT_CODES:
        return f"ended with {code}"
    if megabytes > allowed_mb:
        return f"took {megabytes:.0f} MB"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nacre")
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--kinds", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--commands", default="inspect,convert")
    parser.add_argument("--limit", type=float, default=LIMIT_S)
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    wrong = tried = 0
    kinds = set()
    with tempfile.TemporaryDirectory() as folder:
        path, out = os.path.join(folder, "m.onnx"), os.path.join(folder, "out.onnx")
        for i, (name, content) in enumerate(all_models(folder)):
            if i % parts != part - 1 or options.only not in name:
                continue
            if options.kinds and kind_of(name) in kinds:
                continue
            kinds.add(kind_of(name))
            data = content if isinstance(content, bytes) else content.SerializeToString()
            with open(path, "wb") as file:
                file.write(data)
            allowed = CONSTANT_MB + 2 * len(data) / 2**20
            if name == "external_100":
                allowed += 2 * 32
            for command in options.commands.split(","):
                ends = [path] if command == "inspect" else [path, out]
                result = run([options.nacre, command, *ends], options.limit)
                fault = judge(*result[:3], allowed)
                tried += 1
                wrong += bool(fault)
                if fault:
                    said = result[3].splitlines()
                    last = said[-1][:200] if said else ""
                    print(f"{name}: {command} {fault}: {last}", flush=True)
    print(f"{tried} runs, {wrong} ended wrongly")
    return 1 if wrong or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
