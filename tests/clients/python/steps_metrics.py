import math
import time

import mlflow
import requests
from framework import infinite, same, step
from mlflow.entities import Metric


@step("a metric has the time of its logging and step 0 unless told")
def _(w):
    w.metric_run = w.client.create_run(w.experiment).info.run_id
    before = int(time.time() * 1000) - 5000
    w.client.log_metric(w.metric_run, "plain", 0.1 + 0.2)
    (point,) = w.client.get_metric_history(w.metric_run, "plain")
    same((point.key, point.value, point.step), ("plain", 0.30000000000000004, 0))
    assert point.timestamp >= before
    same(w.client.get_run(w.metric_run).data.metrics["plain"], 0.30000000000000004)


@step("numbers of every size come back to the last bit")
def _(w):
    values = [5e-324, 1e-300, 1 / 3, 123456789.123456789, 2**53 + 1.0, 1.7976931348623157e308, -1e-12]
    run = w.client.create_run(w.experiment).info.run_id
    w.client.log_batch(run, metrics=[Metric("v", v, i, i) for i, v in enumerate(values)])
    same([m.value.hex() for m in w.client.get_metric_history(run, "v")], [v.hex() for v in values])


@step("a metric on a dataset without a model keeps the dataset", since=3, only="fairlead")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    w.client.log_metric(run, "auc", 0.75, step=1, dataset_name="harbour", dataset_digest="d1")
    (point,) = w.client.get_metric_history(run, "auc")
    same((point.value, point.dataset_name, point.dataset_digest), (0.75, "harbour", "d1"))


@step("the history comes by time, and the latest is that of the greatest step")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    for value, at, at_step in ((1.0, 1000, 2), (2.0, 2000, 9), (3.0, 3000, 4), (4.0, 500, 0)):
        w.client.log_metric(run, "loss", value, timestamp=at, step=at_step)
    same([(m.value, m.timestamp, m.step) for m in w.client.get_metric_history(run, "loss")],
         [(4.0, 500, 0), (1.0, 1000, 2), (2.0, 2000, 9), (3.0, 3000, 4)])
    same(w.client.get_run(run).data.metrics, {"loss": 2.0})


@step("the same step may be logged twice, and the later time is the latest")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    w.client.log_metric(run, "m", 5.0, timestamp=1000, step=1)
    w.client.log_metric(run, "m", 4.0, timestamp=2000, step=1)
    same([m.value for m in w.client.get_metric_history(run, "m")], [5.0, 4.0])
    same(w.client.get_run(run).data.metrics["m"], 4.0)


@step("the same point twice is one point")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    for _ in range(3):
        w.client.log_metric(run, "m", 5.0, timestamp=1000, step=1)
    w.client.log_batch(run, metrics=[Metric("m", 5.0, 1000, 1), Metric("m", 6.0, 1000, 1)])
    same([m.value for m in w.client.get_metric_history(run, "m")], [5.0, 6.0])


@step("steps may be negative and large")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    for at_step in (-5, 0, 2**40):
        w.client.log_metric(run, "m", 1.0, timestamp=1, step=at_step)
    same(sorted(m.step for m in w.client.get_metric_history(run, "m")), [-5, 0, 2**40])


@step("not-a-number and infinities are values of a metric")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    for i, value in enumerate((math.nan, math.inf, -math.inf)):
        w.client.log_metric(run, f"odd{i}", value)
    got = w.client.get_run(run).data.metrics
    assert math.isnan(got["odd0"]) and infinite(got["odd1"], 1) and infinite(got["odd2"], -1), got
    (point,) = w.client.get_metric_history(run, "odd0")
    assert math.isnan(point.value)


@step("a metric that turns into not-a-number and back keeps all of it")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    w.client.log_batch(run, metrics=[Metric("m", v, i, i) for i, v in enumerate((1.0, math.nan, 2.0))])
    same([str(m.value) for m in w.client.get_metric_history(run, "m")], ["1.0", "nan", "2.0"])
    same(w.client.get_run(run).data.metrics["m"], 2.0)


@step("names of metrics may have slashes, spaces and letters of any script")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    wanted = {"val/loss": 1.0, "größe": 2.0, "a b.c-d:e": 3.0, "x" * 250: 4.0}
    w.client.log_batch(run, metrics=[Metric(k, v, 1, 0) for k, v in wanted.items()])
    same(w.client.get_run(run).data.metrics, wanted)
    same([m.value for m in w.client.get_metric_history(run, "größe")], [2.0])


@step("the history of a metric that nobody logged is empty")
def _(w):
    same(w.client.get_metric_history(w.metric_run, "never logged"), [])


@step("log_metrics writes many metrics of one step")
def _(w):
    with mlflow.start_run() as run:
        for i in range(3):
            mlflow.log_metrics({"a": i, "b": -i}, step=i)
    same([m.value for m in w.client.get_metric_history(run.info.run_id, "b")], [0.0, -1.0, -2.0])


@step("a batch that is larger than one request may be is split and all of it kept")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    w.client.log_batch(run, metrics=[Metric("m", i / 7, i, i) for i in range(2500)])
    history = w.client.get_metric_history(run, "m")
    same([(m.step, m.value) for m in history], [(i, i / 7) for i in range(2500)])
    w.long_run = run


@step("a history comes in pages, each point once")
def _(w):
    steps, token = [], None
    while True:
        query = {"run_id": w.long_run, "metric_key": "m", "max_results": 1000}
        answer = requests.get(
            f"{w.address}/api/2.0/mlflow/metrics/get-history", params={**query, **({"page_token": token} if token else {})}
        ).json()
        steps += [m["step"] for m in answer["metrics"]]
        token = answer.get("next_page_token")
        if not token:
            break
    same(steps, list(range(2500)))


@step("a sampled history keeps its ends and stays below what was asked for")
def _(w):
    answer = requests.get(
        f"{w.address}/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval",
        params={"run_ids": [w.long_run, w.metric_run], "metric_key": "m", "max_results": 100},
    ).json()["metrics"]
    steps = [m["step"] for m in answer]
    assert 50 <= len(steps) <= 110, len(steps)
    same((steps[0], steps[-1], steps == sorted(steps)), (0, 2499, True))
    same({m["run_id"] for m in answer}, {w.long_run})


@step("a sampled history of a range of steps stays within it")
def _(w):
    answer = requests.get(
        f"{w.address}/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval",
        params={"run_ids": w.long_run, "metric_key": "m", "start_step": 100, "end_step": 199, "max_results": 2500},
    ).json()["metrics"]
    same([m["step"] for m in answer], list(range(100, 200)))


@step("histories of several runs come in one answer")
def _(w):
    runs = []
    for i in range(3):
        run = w.client.create_run(w.experiment).info.run_id
        w.client.log_batch(run, metrics=[Metric("m", i * 10 + j, j, j) for j in range(4)])
        runs.append(run)
    answer = requests.get(
        f"{w.address}/ajax-api/2.0/mlflow/metrics/get-history-bulk", params={"run_id": runs, "metric_key": "m"}
    ).json()["metrics"]
    same(sorted((m["run_id"], m["value"]) for m in answer),
         sorted((run, i * 10 + j) for i, run in enumerate(runs) for j in range(4)))
