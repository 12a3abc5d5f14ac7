import json

import mlflow
import numpy as np
import pandas as pd
import requests
from framework import same, step
from mlflow.entities import DatasetInput, InputTag
from mlflow.entities import Dataset as DatasetEntity


@step("a data frame is logged as an input with its source, shape and profile")
def _(w):
    w.frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "größe": ["a", "b", "c"], "y": [0, 1, 0]})
    w.dataset = mlflow.data.from_pandas(w.frame, source="https://example.com/a.csv", name="harbour", targets="y")
    with mlflow.start_run() as run:
        mlflow.log_input(w.dataset, context="training", tags={"part": "first"})
        w.input_run = run.info.run_id
    (got,) = w.client.get_run(w.input_run).inputs.dataset_inputs
    same((got.dataset.name, got.dataset.digest), ("harbour", w.dataset.digest))
    same({t.key: t.value for t in got.tags}, {"mlflow.data.context": "training", "part": "first"})
    same(json.loads(got.dataset.source)["url"], "https://example.com/a.csv")
    same([c["name"] for c in json.loads(got.dataset.schema)["mlflow_colspec"]], ["x", "größe", "y"])
    same(json.loads(got.dataset.profile)["num_rows"], 3)


@step("the same input twice is one input")
def _(w):
    with mlflow.start_run(run_id=w.input_run):
        mlflow.log_input(w.dataset, context="training", tags={"part": "first"})
    same(len(w.client.get_run(w.input_run).inputs.dataset_inputs), 1)


@step("a run may have several inputs, of several kinds")
def _(w):
    with mlflow.start_run(run_id=w.input_run):
        mlflow.log_input(mlflow.data.from_numpy(np.arange(6.0).reshape(3, 2), name="grid"), context="evaluation")
    found = w.client.get_run(w.input_run).inputs.dataset_inputs
    same(sorted(i.dataset.name for i in found), ["grid", "harbour"])


@step("inputs are logged without tags and with long descriptions")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    dataset = DatasetEntity("plain", "d1", "local", json.dumps({"uri": "x" * 2000}), "s" * 5000, "p" * 20000)
    w.client.log_inputs(run, [DatasetInput(dataset, [])])
    (got,) = w.client.get_run(run).inputs.dataset_inputs
    same((len(got.dataset.schema), len(got.dataset.profile), got.tags), (5000, 20000, []))


@step("runs are searched by their inputs")
def _(w):
    def found(condition):
        return [r.info.run_id for r in w.client.search_runs([w.experiment], condition)]

    same(found("dataset.name = 'grid'"), [w.input_run])
    same(found(f"dataset.name LIKE 'harb%' AND dataset.digest = '{w.dataset.digest}'"), [w.input_run])
    same(found("dataset.context = 'evaluation'"), [w.input_run])
    same(found("dataset.name = 'grid' AND dataset.context = 'nothing'"), [])


@step("a found run carries its inputs")
def _(w):
    (run,) = w.client.search_runs([w.experiment], "dataset.name = 'grid'")
    same(sorted(i.dataset.name for i in run.inputs.dataset_inputs), ["grid", "harbour"])


@step("the datasets of an experiment are summed up")
def _(w):
    answer = requests.post(
        f"{w.address}/ajax-api/2.0/mlflow/experiments/search-datasets", json={"experiment_ids": [w.experiment]}
    ).json()["dataset_summaries"]
    same(
        sorted((d["name"], d.get("context")) for d in answer if d["name"] in ("harbour", "grid")),
        [("grid", "evaluation"), ("harbour", "training")],
    )


@step("tags of an input say its context beside those of the caller")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    dataset = DatasetEntity("tagged", "d2", "local", "{}")
    w.client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "val"), InputTag("ä", "ö")])])
    (got,) = w.client.get_run(run).inputs.dataset_inputs
    same({t.key: t.value for t in got.tags}, {"mlflow.data.context": "val", "ä": "ö"})
