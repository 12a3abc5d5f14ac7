"""Steps of the unchanged tritonclient, HTTP and gRPC, against one server: `triton_steps.py HTTP_HOST GRPC_HOST MODEL`."""

import json
import sys
import urllib.request

import numpy as np
import tritonclient.grpc as over_grpc
import tritonclient.http as over_http
from served_world import run_steps, step
from tritonclient.utils import InferenceServerException, np_to_triton_dtype


class World:
    def __init__(self, http, grpc, model):
        self.address = http
        self.model = model
        self.http = over_http.InferenceServerClient(http)
        self.grpc = over_grpc.InferenceServerClient(grpc)

    def tensors(self, rows=2):
        """One array per input of the model, as its metadata describes them."""
        arrays = []
        for each in self.http.get_model_metadata(self.model)["inputs"]:
            if each["datatype"] == "BYTES":
                values = np.array([b"sun", b"rain"] * rows, dtype=np.object_)[:rows]
            else:
                values = np.linspace(0, 1, rows, dtype=np.float32)
            arrays.append((each["name"], values.reshape(rows, 1)))
        return arrays

    def inputs(self, library, rows=2, **how):
        made = []
        for name, values in self.tensors(rows):
            tensor = library.InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
            tensor.set_data_from_numpy(values, **how)
            made.append(tensor)
        return made


def answer_of(result):
    return [value.decode() if isinstance(value, bytes) else value for value in result.as_numpy("label")]


def refused(call, status=None):
    try:
        call()
    except InferenceServerException as error:
        assert error.message(), "the error has no text"
        if status is not None:
            assert str(error.status()) == status, f"{error.status()} instead of {status}"
        return error
    raise AssertionError("nothing was refused")


@step("http: live, ready, metadata")
def _(world):
    assert world.http.is_server_live() and world.http.is_server_ready() and world.http.is_model_ready(world.model)
    server = world.http.get_server_metadata()
    assert {"binary_tensor_data", "statistics", "model_repository"} <= set(server["extensions"]), server
    model = world.http.get_model_metadata(world.model, "1")
    assert model["platform"] == "onnx_onnxv1" and model["versions"] == ["1"], model


@step("http: binary tensors both ways, as the client does by default")
def _(world):
    result = world.http.infer(world.model, world.inputs(over_http), request_id="h1")
    assert result.get_response()["id"] == "h1"
    assert result.get_output("probabilities")["parameters"]["binary_data_size"] == 16
    probabilities = result.as_numpy("probabilities")
    assert probabilities.shape == (2, 2) and np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert set(answer_of(result)) <= {"true", "false"}


@step("http: JSON, binary and mixed tensors give the same answer")
def _(world):
    def ask(binary_in, binary_out):
        outputs = [over_http.InferRequestedOutput(n, binary_data=binary_out) for n in ("label", "probabilities")]
        return world.http.infer(world.model, world.inputs(over_http, binary_data=binary_in), outputs=outputs)

    first, *others = [ask(i, o) for i in (True, False) for o in (True, False)]
    mixed = world.inputs(over_http, binary_data=False)
    mixed[0] = world.inputs(over_http)[0]
    others.append(world.http.infer(world.model, mixed))
    for other in others:
        assert answer_of(other) == answer_of(first)
        assert np.array_equal(other.as_numpy("probabilities"), first.as_numpy("probabilities"))


@step("http: only the outputs that were asked for")
def _(world):
    result = world.http.infer(world.model, world.inputs(over_http), outputs=[over_http.InferRequestedOutput("label")])
    assert [each["name"] for each in result.get_response()["outputs"]] == ["label"]


@step("http: gzip and deflate both ways")
def _(world):
    plain = world.http.infer(world.model, world.inputs(over_http, rows=500))
    for algorithm in ("gzip", "deflate"):
        result = world.http.infer(
            world.model,
            world.inputs(over_http, rows=500),
            request_compression_algorithm=algorithm,
            response_compression_algorithm=algorithm,
        )
        assert np.array_equal(result.as_numpy("probabilities"), plain.as_numpy("probabilities"))


@step("http: asynchronous calls")
def _(world):
    pending = [world.http.async_infer(world.model, world.inputs(over_http)) for _ in range(20)]
    answers = [answer_of(each.get_result()) for each in pending]
    assert all(each == answers[0] for each in answers), answers


@step("http: refusals are errors of the client with a text")
def _(world):
    refused(lambda: world.http.infer("nobody", world.inputs(over_http)), "404")
    refused(lambda: world.http.infer(world.model, world.inputs(over_http)[1:]), "400")
    refused(lambda: world.http.get_model_metadata(world.model, "99"), "404")
    wrong = world.inputs(over_http)
    wrong[0] = over_http.InferInput(world.tensors()[0][0], [2, 1], "FP64")
    wrong[0].set_data_from_numpy(np.zeros((2, 1)))
    refused(lambda: world.http.infer(world.model, wrong), "400")


@step("http: statistics count what was asked")
def _(world):
    count = lambda: world.http.get_inference_statistics(world.model)["model_stats"][0]
    before = count()
    for _ in range(5):
        world.http.infer(world.model, world.inputs(over_http, rows=3))
    after = count()
    assert after["inference_count"] - before["inference_count"] == 15, (before, after)
    assert after["inference_stats"]["success"]["count"] - before["inference_stats"]["success"]["count"] == 5
    assert after["execution_count"] > before["execution_count"] and after["inference_stats"]["compute_infer"]["ns"] > 0
    assert world.http.get_inference_statistics()["model_stats"]


@step("http: repository")
def _(world):
    index = world.http.get_model_repository_index()
    assert {"name": world.model, "version": "1", "state": "READY", "reason": ""} in index, index
    world.http.load_model(world.model)
    refused(lambda: world.http.unload_model(world.model), "409")
    world.http.unload_model(f"{world.model}@test")
    assert not world.http.is_model_ready(f"{world.model}@test")
    world.http.load_model(f"{world.model}@test")
    assert world.http.is_model_ready(f"{world.model}@test")


@step("grpc: live, ready, metadata")
def _(world):
    assert world.grpc.is_server_live() and world.grpc.is_server_ready() and world.grpc.is_model_ready(world.model)
    assert "statistics" in world.grpc.get_server_metadata().extensions
    over = world.grpc.get_model_metadata(world.model, as_json=True)
    assert [each["name"] for each in over["inputs"]] == [name for name, _ in world.tensors()]
    assert over["inputs"][0]["shape"] == ["-1", "1"], over


@step("grpc: the same answer as over HTTP")
def _(world):
    result = world.grpc.infer(world.model, world.inputs(over_grpc), request_id="g1")
    assert result.get_response().id == "g1" and result.get_response().model_version == "1"
    http = world.http.infer(world.model, world.inputs(over_http))
    assert answer_of(result) == answer_of(http)
    assert np.array_equal(result.as_numpy("probabilities"), http.as_numpy("probabilities"))


@step("grpc: typed contents are taken and given")
def _(world):
    from tritonclient.grpc import service_pb2

    request = service_pb2.ModelInferRequest(model_name=world.model)
    for name, values in world.tensors():
        tensor = request.inputs.add(name=name, shape=values.shape, datatype=np_to_triton_dtype(values.dtype))
        flat = values.flatten().tolist()
        (tensor.contents.bytes_contents if tensor.datatype == "BYTES" else tensor.contents.fp32_contents).extend(flat)
    response = world.grpc._client_stub.ModelInfer(request)
    assert not response.raw_output_contents
    label = next(each for each in response.outputs if each.name == "label")
    assert [each.decode() for each in label.contents.bytes_contents] == answer_of(
        world.http.infer(world.model, world.inputs(over_http))
    )


@step("grpc: compressed requests, large ones, outputs and deadlines")
def _(world):
    for algorithm in ("gzip", "deflate"):
        result = world.grpc.infer(
            world.model,
            world.inputs(over_grpc, rows=5000),
            outputs=[over_grpc.InferRequestedOutput("probabilities")],
            compression_algorithm=algorithm,
            client_timeout=30,
        )
        assert result.as_numpy("probabilities").shape == (5000, 2)
    # So many rows cannot be answered in a millisecond; a few can, and then nothing is refused.
    many = world.inputs(over_grpc, rows=50_000)
    refused(lambda: world.grpc.infer(world.model, many, client_timeout=1e-3), "StatusCode.DEADLINE_EXCEEDED")


@step("grpc: asynchronous calls")
def _(world):
    from queue import Queue

    done = Queue()
    for _ in range(50):
        world.grpc.async_infer(world.model, world.inputs(over_grpc), lambda result, error: done.put((result, error)))
    for _ in range(50):
        result, error = done.get(timeout=30)
        assert error is None, error
        assert result.as_numpy("label").shape == (2,)


@step("grpc: refusals have a status and a text")
def _(world):
    refused(lambda: world.grpc.infer("nobody", world.inputs(over_grpc)), "StatusCode.NOT_FOUND")
    refused(lambda: world.grpc.infer(world.model, world.inputs(over_grpc)[1:]), "StatusCode.INVALID_ARGUMENT")
    refused(lambda: world.grpc.get_model_metadata(world.model, "99"), "StatusCode.NOT_FOUND")


@step("grpc: statistics and repository")
def _(world):
    stats = world.grpc.get_inference_statistics(world.model).model_stats[0]
    assert stats.inference_count >= stats.execution_count > 0 and stats.inference_stats.success.ns > 0
    assert sum(each.compute_infer.count for each in stats.batch_stats) == stats.execution_count
    index = world.grpc.get_model_repository_index().models
    assert any(each.name == world.model and each.state == "READY" for each in index)
    world.grpc.load_model(world.model)
    refused(lambda: world.grpc.unload_model(world.model), "StatusCode.FAILED_PRECONDITION")


@step("scoring: what MLflow's clients post")
def _(world):
    arrays = world.tensors()
    booleans = {"raining"}
    cell = lambda name, value: value.decode() if isinstance(value, bytes) else bool(value) if name in booleans else float(value)
    records = [{name: cell(name, values[row, 0]) for name, values in arrays} for row in range(2)]
    expected = answer_of(world.http.infer(world.model, world.inputs(over_http)))
    names = list(records[0])
    rows = [[record[name] for name in names] for record in records]
    csv = "\n".join([",".join(names), *(",".join(str(value) for value in row) for row in rows)])
    bodies = [
        ("application/json", json.dumps({"dataframe_split": {"columns": names, "data": rows}})),
        ("application/json", json.dumps({"dataframe_records": records})),
        ("application/json", json.dumps({"instances": records})),
        ("application/json", json.dumps({"inputs": {name: [record[name] for record in records] for name in names}})),
        ("text/csv", csv),
    ]
    for kind, body in bodies:
        url = f"http://{world.address}/endpoints/{world.model}/invocations"
        request = urllib.request.Request(url, body.encode(), {"Content-Type": kind})
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer) == {"predictions": expected}, (kind, body)


run_steps(World(*sys.argv[1:4]))
