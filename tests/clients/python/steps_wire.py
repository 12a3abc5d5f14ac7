"""What a client sees of the wire when it is not the Python client: framing, errors, repetition."""

import requests
from framework import same, step


def call(w, path, body=None, method="POST", **more):
    return requests.request(method, f"{w.address}/api/2.0/mlflow/{path}", json=body, **more)


@step("the server tells its health and a version that clients can read")
def _(w):
    health = requests.get(f"{w.address}/health")
    same((health.status_code, health.text.strip()), (200, "OK"))
    version = requests.get(f"{w.address}/version").text.split(".")
    assert len(version) >= 3 and int(version[0]) >= 3, version


@step("the older and the newer prefix answer alike")
def _(w):
    for prefix in ("api", "ajax-api"):
        answer = requests.get(f"{w.address}/{prefix}/2.0/mlflow/runs/get", params={"run_id": w.run})
        same(answer.json()["run"]["info"]["run_id"], w.run)


@step("a run is known by its older name run_uuid")
def _(w):
    info = call(w, "runs/get", method="GET", params={"run_uuid": w.run}).json()["run"]["info"]
    same((info["run_id"], info["run_uuid"]), (w.run, w.run))


@step("numbers of 64 bits are numbers of JSON")
def _(w):
    info = call(w, "runs/get", method="GET", params={"run_id": w.run}).json()["run"]["info"]
    same(info["start_time"], 1_700_000_000_123)


@step("what is absent is left out")
def _(w):
    run = call(w, "runs/create", {"experiment_id": w.experiment}).json()["run"]
    same(("end_time" in run["info"], "metrics" in run["data"], "params" in run["data"]), (False, False, False))


@step("an error has a code and words, and no status of the server's fault")
def _(w):
    for path, body, status, code in (
        ("runs/create", {"experiment_id": "987654321"}, 404, "RESOURCE_DOES_NOT_EXIST"),
        ("runs/log-metric", {"run_id": w.run, "value": 1, "timestamp": 1}, 400, "INVALID_PARAMETER_VALUE"),
        ("experiments/create", {"name": ["a", "list"]}, 400, "INVALID_PARAMETER_VALUE"),
        ("runs/search", {"experiment_ids": [w.experiment], "max_results": "many"}, 400, "INVALID_PARAMETER_VALUE"),
    ):
        answer = call(w, path, body)
        got = answer.json()
        same((path, answer.status_code, got["error_code"]), (path, status, code))
        assert got["message"]


@step("a word that is no state of a run is refused", only="fairlead")
def _(w):
    answer = call(w, "runs/update", {"run_id": w.run, "status": "ASLEEP"})
    same((answer.status_code, answer.json()["error_code"]), (400, "INVALID_PARAMETER_VALUE"))


@step("a call that does not exist is not found")
def _(w):
    same(call(w, "runs/no-such-call", {}).status_code, 404)


@step("a body that is not JSON is refused as a form's would be")
def _(w):
    answer = requests.post(f"{w.address}/api/2.0/mlflow/experiments/create", data="name=a")
    same(answer.status_code, 400)
    same(answer.json()["error_code"], "INVALID_PARAMETER_VALUE")


@step("unknown fields are ignored")
def _(w):
    answer = call(w, "experiments/get", method="GET", params={"experiment_id": w.experiment, "colour": "red"})
    same(answer.json()["experiment"]["experiment_id"], w.experiment)


@step("not-a-number and infinity travel as words")
def _(w):
    run = call(w, "runs/create", {"experiment_id": w.experiment}).json()["run"]["info"]["run_id"]
    for word in ("NaN", "Infinity", "-Infinity"):
        point = {"run_id": run, "key": "m", "value": word, "timestamp": 1, "step": 0}
        same(call(w, "runs/log-metric", point).status_code, 200)
    got = call(w, "metrics/get-history", method="GET", params={"run_id": run, "metric_key": "m"}).json()["metrics"]
    assert "NaN" in [m["value"] for m in got], got
    same(len(got), 3)


@step("the same request twice changes nothing the second time")
def _(w):
    run = call(w, "runs/create", {"experiment_id": w.experiment}).json()["run"]["info"]["run_id"]
    body = {
        "run_id": run,
        "metrics": [{"key": "m", "value": 1, "timestamp": 5, "step": 1}],
        "params": [{"key": "p", "value": "1"}],
        "tags": [{"key": "t", "value": "1"}],
    }
    same([call(w, "runs/log-batch", body).status_code for _ in range(3)], [200, 200, 200])
    got = call(w, "runs/get", method="GET", params={"run_id": run}).json()["run"]["data"]
    same((len(got["metrics"]), len(got["params"])), (1, 1))
    history = call(w, "metrics/get-history", method="GET", params={"run_id": run, "metric_key": "m"}).json()
    same(len(history["metrics"]), 1)


@step("a batch beyond the limits is refused whole")
def _(w):
    run = call(w, "runs/create", {"experiment_id": w.experiment}).json()["run"]["info"]["run_id"]
    metrics = [{"key": f"m{i}", "value": 1, "timestamp": 5, "step": 1} for i in range(1001)]
    same(call(w, "runs/log-batch", {"run_id": run, "metrics": metrics}).json()["error_code"], "INVALID_PARAMETER_VALUE")
    params = [{"key": f"p{i}", "value": "1"} for i in range(101)]
    same(call(w, "runs/log-batch", {"run_id": run, "params": params}).json()["error_code"], "INVALID_PARAMETER_VALUE")
    got = call(w, "runs/get", method="GET", params={"run_id": run}).json()["run"]["data"]
    same(("metrics" in got, "params" in got), (False, False))


@step("two values of one parameter in one batch are refused")
def _(w):
    run = call(w, "runs/create", {"experiment_id": w.experiment}).json()["run"]["info"]["run_id"]
    params = [{"key": "p", "value": "1"}, {"key": "p", "value": "2"}]
    same(call(w, "runs/log-batch", {"run_id": run, "params": params}).status_code, 400)
