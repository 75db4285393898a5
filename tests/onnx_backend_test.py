"""ONNX's own backend node tests through nacre: every case is imported without a crash; whatever is
understood, wholly or in part, is written again, passes the checker, and gives the expected outputs
under OpenVINO; whatever is understood as a whole gives them through torch, too.

Usage: onnx_backend_test.py ROUND_TRIP_TOOL TORCH_TOOL OPERATORS_TABLE

Each case comes as it is and with all inputs but the first as constants (axes, pads and scales are
graph inputs in the files), and the latter also converted to other opsets. Of files that mix in
operations that are not understood (most are expanded attentions) every third is run; cases of which
nothing is understood are only imported and written. Files beyond opset 24 are declared as 24 where
the checker agrees. Where OpenVINO cannot run the original file, or gets it wrong, ONNX's reference
evaluator judges the written one; cases that it gets wrong, too, are counted as excluded.
"""

import collections
import glob
import multiprocessing
import os
import subprocess
import sys
import tempfile
import zlib

import onnx
import numpy as np
from onnx import numpy_helper, version_converter
from onnx.reference import ReferenceEvaluator

from onnx_common import differ, infer, load_tensor, round_trip, run_in_torch

OPSETS = (9, 11, 13, 18)
LEAST_PASSED = 2500

# version_converter leaves their axis as it is on the way below 13, where it means another thing.
WRONGLY_CONVERTED = {"Softmax", "LogSoftmax"}

# Cases, with all that is made of them, that cannot agree.
KNOWN = {
    "test_causal_conv_with_state_kernel_size_one_expanded":
        "OpenVINO takes a constant without elements for a scalar",
    "test_resize_downsample_scales_cubic_align_corners":
        "the expected numbers divide by a size that is not whole, as ONNX Runtime and torch do not",
    "test_resize_downsample_scales_linear_align_corners":
        "the expected numbers divide by a size that is not whole, as ONNX Runtime and torch do not",
}


def default_opset(model):
    return next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)


def valid(model):
    try:
        onnx.checker.check_model(model, full_check=True)
        return True
    except Exception:
        return False


def lowered(model):
    """The model within opset 24, or nothing."""
    if default_opset(model) > 24:
        for entry in model.opset_import:
            if entry.domain in ("", "ai.onnx"):
                entry.version = 24
        model.ir_version = min(model.ir_version, 12)
    return model if 7 <= default_opset(model) <= 24 and valid(model) else None


def with_constants(model, inputs):
    """All inputs but the first become initializers."""
    baked = onnx.ModelProto()
    baked.CopyFrom(model)
    for info in list(baked.graph.input)[1:]:
        baked.graph.initializer.append(numpy_helper.from_array(inputs[info.name], info.name))
        baked.graph.input.remove(info)
    return baked


def variants(name, model, inputs, understood):
    """(name, model, inputs) of everything that is made of one case."""
    yield name, model, inputs
    ops = {node.op_type for node in model.graph.node}
    if not ops <= understood:
        return
    if len(model.graph.input) > 1:
        model = with_constants(model, inputs)
        inputs = {model.graph.input[0].name: inputs[model.graph.input[0].name]}
        if not valid(model):
            return
        yield name + " constants", model, inputs
    for opset in OPSETS:
        if opset == default_opset(model) or (opset < 13 and ops & WRONGLY_CONVERTED):
            continue
        try:
            other = version_converter.convert_version(model, opset)
        except Exception:
            continue
        if default_opset(other) == opset and valid(other):
            yield f"{name} opset {opset}", other, inputs


def read_case(folder):
    """Model, inputs by name, expected outputs; nothing when they are not tensors of numbers."""
    model = onnx.load(os.path.join(folder, "model.onnx"))
    data = os.path.join(folder, "test_data_set_0")
    inputs = {}
    for i, info in enumerate(model.graph.input):
        inputs[info.name] = load_tensor(os.path.join(data, f"input_{i}.pb"))
    outputs = [load_tensor(os.path.join(data, f"output_{i}.pb"))
               for i in range(len(model.graph.output))]
    if any(array is None for array in [*inputs.values(), *outputs]):
        return None
    return model, inputs, outputs


def collect(understood, folder):
    root = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data", "node")
    cases, raw = [], []
    for path in sorted(glob.glob(os.path.join(root, "*"))):
        raw.append(os.path.join(path, "model.onnx"))
        case = read_case(path)
        if case is None:
            continue
        model, inputs, outputs = case
        model = lowered(model)
        ops = {node.op_type for node in model.graph.node} if model else set()
        every_third = zlib.crc32(os.path.basename(path).encode()) % 3 == 0
        if not ops & understood or (ops - understood and not every_third):
            continue
        for name, variant, given in variants(os.path.basename(path), model, inputs, understood):
            file = os.path.join(folder, f"{len(cases)}.onnx")
            onnx.save(variant, file)
            ops = {node.op_type for node in variant.graph.node}
            cases.append((name, ops, file, given, outputs))
    return cases, raw


def shapes_agree(report, file, outputs):
    """What InferShapes says against the expected outputs; it may leave dimensions open."""
    names = [output.name for output in onnx.load(file).graph.output]
    for name, expected in zip(names, outputs):
        inferred = report["shapes"].get(name)
        if inferred is None:
            continue
        shape = inferred["shape"]
        differs = any(a >= 0 and a != b for a, b in zip(shape, expected.shape))
        if len(shape) != expected.ndim or differs:
            return f"InferShapes says {shape}, the output has {expected.shape}"
    return ""


def evaluate(path, inputs):
    """Outputs of the model at `path` by ONNX's reference evaluator."""
    return ReferenceEvaluator(path).run(None, inputs)


def torch_disagrees(case, torch):
    """Empty, or how the network that was lowered to torch fails the expected outputs. `torch` is
    nothing for cases that are not run there."""
    name, ops, file, inputs, outputs = case
    if torch is None:
        return ""
    if "error" in torch:
        return f"torch: {torch['error']}"
    flat = np.fromfile(file.replace(".onnx", ".torch"), np.float32)
    actual, start = [], 0
    for shape in torch["shapes"]:
        count = int(np.prod(shape))
        actual.append(flat[start : start + count].reshape(shape))
        start += count
    # Half precision is rounded elsewhere in another order.
    half = any(output.dtype == np.float16 for output in outputs)
    wrong = differ(actual, outputs, 2e-3 if half else 1e-4)
    return f"torch: {wrong}" if wrong else ""


def judge_elsewhere(case, written, wrong):
    """As judge, where OpenVINO is `wrong` about the original file."""
    name, ops, file, inputs, outputs = case
    try:
        if differ(evaluate(file, inputs), outputs):
            return f"excluded: {wrong}"
    except Exception:
        return f"excluded: {wrong}"
    try:
        return differ(evaluate(written, inputs), outputs) or "passed"
    except Exception as failure:
        return f"the reference evaluator refuses the exported file: {failure}"


def judge(case, report, written, torch):
    """"passed", "frozen" (all of it), "excluded: ..." or what is wrong."""
    name, ops, file, inputs, outputs = case
    if len(report.get("frozen", [])) == sum(report.get("operations", {}).values()) > 0:
        try:
            onnx.checker.check_model(written)
            return "frozen"
        except Exception as failure:
            return f"checker: {failure}"
    try:
        original = infer(file, inputs)
        wrong = differ(original, outputs)
    except Exception as failure:
        wrong = (str(failure).strip().splitlines() or ["failed"])[-1]
    if "exported in training mode" in report.get("error", ""):
        return "frozen"
    if "error" in report:
        return f"excluded: {wrong}" if wrong else report["error"]
    problem = shapes_agree(report, file, outputs) or torch_disagrees(case, torch)
    if problem:
        return problem
    try:
        onnx.checker.check_model(written, full_check=True)
    except Exception as failure:
        return f"checker: {failure}"
    if wrong:
        return judge_elsewhere(case, written, wrong)
    try:
        return differ(infer(written, inputs), outputs) or "passed"
    except Exception as failure:
        return f"OpenVINO refuses the exported file: {failure}"


def run_all_in_torch(tool, cases, reports):
    """What the tool says of each case of one input that is understood as a whole; nothing of the
    others."""
    chosen = [i for i, (case, report) in enumerate(zip(cases, reports))
              if "error" not in report and not report["frozen"] and len(case[3]) == 1]
    triples = []
    for i in chosen:
        file, inputs = cases[i][2], cases[i][3]
        np.ascontiguousarray(next(iter(inputs.values()))).tofile(file.replace(".onnx", ".in"))
        triples.append(tuple(file.replace(".onnx", end) for end in (".onnx", ".in", ".torch")))
    answers = [None] * len(cases)
    for i, answer in zip(chosen, run_in_torch(tool, triples)):
        answers[i] = answer
    return answers


def main():
    tool, torch_tool, table = sys.argv[1:4]
    told = subprocess.run([table, "--without-node-case"], capture_output=True, text=True,
                          check=True)
    exceptions = {line.split("\t")[0] for line in told.stdout.splitlines()}
    operations = subprocess.run([tool, "--operations"], capture_output=True, text=True, check=True)
    understood = set(operations.stdout.split())
    with tempfile.TemporaryDirectory() as folder:
        cases, raw = collect(understood, folder)
        raw_pairs = [(path, os.path.join(folder, "raw.onnx")) for path in raw]
        for path, report in zip(raw, round_trip(tool, raw_pairs)):
            if "error" in report and report.get("kind") not in (None, 3):
                sys.exit(f"{path}: error of kind {report['kind']}: {report['error']}")
        written = [case[2].replace(".onnx", ".out.onnx") for case in cases]
        reports = round_trip(tool, [(case[2], out) for case, out in zip(cases, written)])
        torch = run_all_in_torch(torch_tool, cases, reports)
        with multiprocessing.get_context("spawn").Pool(len(os.sched_getaffinity(0))) as pool:
            verdicts = pool.starmap(judge, zip(cases, reports, written, torch), chunksize=50)
    passed, failures, excluded = collections.Counter(), [], collections.Counter()
    trained = collections.Counter()
    for case, report, verdict, answer in zip(cases, reports, verdicts, torch):
        if answer is not None and not verdict.startswith("torch"):
            trained.update(case[1])
        if verdict == "passed":
            frozen = {reason.split(" ")[0] for reason in report["frozen"]}
            passed.update(case[1] - frozen)
        elif verdict == "frozen":
            continue
        elif verdict.startswith("excluded"):
            excluded.update(["+".join(sorted(case[1])[:3])])
            print(f"{case[0]}: {verdict}")
        elif case[0].split(" ")[0] in KNOWN:
            print(f"{case[0]}: known: {KNOWN[case[0].split(' ')[0]]}")
        else:
            failures.append(f"{case[0]}: {verdict}")
    count = sum(verdict == "passed" for verdict in verdicts)
    print(f"{len(raw)} files imported; {len(cases)} cases: {count} passed, {len(failures)} failed, "
          f"{verdicts.count('frozen')} frozen, "
          f"{sum(excluded.values())} excluded because OpenVINO does not get the original right: "
          f"{dict(excluded)}")
    missing = sorted(understood - set(passed) - exceptions)
    print(f"cases passed by operation: {dict(sorted(passed.items()))}")
    for failure in failures:
        print("FAILED", failure)
    untrained = sorted(understood - set(trained) - exceptions)
    print(f"cases through torch by operation: {dict(sorted(trained.items()))}")
    if missing:
        print("no passing case of", missing)
    if untrained:
        print("no case through torch of", untrained)
    sys.exit(bool(failures or missing or untrained or count < LEAST_PASSED))


if __name__ == "__main__":
    main()
