"""Steps of the unchanged clients of KServe and MLServer against one server: `oip_client_steps.py HTTP_URL GRPC_HOST MODEL`."""

import asyncio
import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import grpc
import httpx
import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from served_world import run_steps, step

logging.disable(logging.ERROR)


class World:
    def __init__(self, url, grpc_host, model):
        self.url, self.grpc_host, self.model = url, grpc_host, model
        self.inputs = httpx.get(f"{url}/v2/models/{model}").json()["inputs"]

    def tensors(self, rows=3):
        for each in self.inputs:
            if each["datatype"] == "BYTES":
                values = np.array(["sun", "rain", "sun"] * rows, dtype=np.object_)[:rows]
            else:
                values = np.linspace(0, 1, rows, dtype=np.float32)
            yield each["name"], each["datatype"], values.reshape(rows, 1)

    def request(self, rows=3, binary=False, rename=None, **how):
        made = []
        for name, datatype, values in self.tensors(rows):
            tensor = InferInput(rename or name, list(values.shape), datatype)
            tensor.set_data_from_numpy(values, binary_data=binary)
            made.append(tensor)
        return InferRequest(model_name=self.model, infer_inputs=made, **how)

    def rest(self, work):
        async def inside():
            async with InferenceRESTClient(RESTConfig(protocol="v2", timeout=30, retries=1)) as client:
                return await work(client)

        return asyncio.run(inside())

    def grpc(self, work):
        async def inside():
            async with InferenceGRPCClient(self.grpc_host, timeout=30, retries=2) as client:
                return await work(client)

        return asyncio.run(inside())

    def answers(self, rows=3):
        """What the same rows get in plain JSON."""
        inputs = [{"name": n, "datatype": d, "shape": list(v.shape), "data": v.ravel().tolist()} for n, d, v in self.tensors(rows)]
        body = httpx.post(f"{self.url}/v2/models/{self.model}/infer", json={"inputs": inputs}).json()
        return {one["name"]: one["data"] for one in body["outputs"]}


def texts(values):
    return [one.decode() if isinstance(one, bytes) else str(one) for one in values]


def same(world, response, rows=3):
    wanted = world.answers(rows)
    got = {output.name: output for output in response.outputs}
    assert texts(got["label"].as_numpy().ravel()) == wanted["label"], got["label"].as_numpy()
    np.testing.assert_allclose(got["probabilities"].as_numpy().ravel(), wanted["probabilities"], rtol=1e-6)


@step("kserve, REST: live, ready, and a model's readiness")
def _(world):
    assert world.rest(lambda client: client.is_server_live(world.url))
    assert world.rest(lambda client: client.is_server_ready(world.url))
    assert world.rest(lambda client: client.is_model_ready(world.url, world.model))


@step("kserve, REST: JSON tensors, with the request's id given back")
def _(world):
    response = world.rest(lambda client: client.infer(world.url, world.request(request_id="k1"), model_name=world.model))
    assert (response.id, response.model_name) == ("k1", world.model), vars(response)
    same(world, response)


@step("kserve, REST: binary tensors both ways")
def _(world):
    request = world.request(rows=5, binary=True, parameters={"binary_data_output": True})
    headers = {}
    response = world.rest(
        lambda client: client.infer(world.url, request, model_name=world.model, response_headers=headers)
    )
    assert "inference-header-content-length" in headers, headers
    same(world, response, rows=5)


@step("kserve, REST: what is refused comes as its own exception with the reason")
def _(world):
    request = world.request(rename="nobody")
    try:
        world.rest(lambda client: client.infer(world.url, request, model_name=world.model))
    except httpx.HTTPStatusError as error:
        assert error.response.status_code == 400 and "nobody" in str(error), error
    else:
        raise AssertionError("nothing was refused")


@step("kserve, gRPC: live, ready, and a model's readiness")
def _(world):
    assert world.grpc(lambda client: client.is_server_live())
    assert world.grpc(lambda client: client.is_server_ready())
    assert world.grpc(lambda client: client.is_model_ready(world.model))


@step("kserve, gRPC: typed and raw contents")
def _(world):
    same(world, world.grpc(lambda client: client.infer(world.request())))
    response = world.grpc(lambda client: client.infer(world.request(binary=True, request_id="g1")))
    assert response.id == "g1"
    same(world, response)


@step("kserve, gRPC: what is refused has a status and the reason")
def _(world):
    request = world.request(rename="nobody")
    try:
        world.grpc(lambda client: client.infer(request))
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT and "nobody" in error.details(), error
    else:
        raise AssertionError("nothing was refused")


def infer(world, lines, *flags):
    """`mlserver infer` on a file of JSON lines, and the lines it wrote, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        source.write_text("".join(json.dumps(line) + "\n" for line in lines))
        program = Path(sys.executable).with_name("mlserver")
        host = world.url.removeprefix("http://")
        command = [program, "infer", "-u", host, "-m", world.model, "-i", source, "-o", target, "-r", "1", *flags]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr[-2000:]
        written = [json.loads(line) for line in target.read_text().splitlines()]
        return sorted(written, key=lambda line: line["parameters"]["batch_index"])


def line_of(world, row, rows=6):
    inputs = [
        {"name": name, "datatype": datatype, "shape": [1, 1], "data": [values.ravel()[row].item() if datatype != "BYTES" else values.ravel()[row]]}
        for name, datatype, values in world.tensors(rows)
    ]
    return {"id": f"line-{row}", "inputs": inputs}


@step("mlserver infer: a file of requests, each line answered")
def _(world):
    wanted = world.answers(6)["label"]
    written = infer(world, [line_of(world, row) for row in range(6)], "-w", "2")
    labels = [output["data"] for line in written for output in line["outputs"] if output["name"] == "label"]
    assert [texts(one) for one in labels] == [[one] for one in wanted], written
    assert [line["id"] for line in written] == [f"line-{row}" for row in range(6)], written


@step("mlserver infer: lines put together into requests of three")
def _(world):
    wanted = world.answers(6)["label"]
    written = infer(world, [line_of(world, row) for row in range(6)], "-s", "3")
    assert len({line["parameters"]["inference_id"] for line in written}) == 2, written
    labels = [output["data"] for line in written for output in line["outputs"] if output["name"] == "label"]
    assert [texts(one) for one in labels] == [[one] for one in wanted], written


@step("mlserver infer: a line that is refused is told in its place, and the others are answered")
def _(world):
    lines = [line_of(world, row) for row in range(3)]
    lines[1]["inputs"][0]["name"] = "nobody"
    written = infer(world, lines)
    assert ["error" in line for line in written] == [False, True, False], written
    assert "nobody" in written[1]["error"]["msg"], written[1]


run_steps(World(*sys.argv[1:4]))
