import re

import mlflow
from framework import pages, refused, same, step
from mlflow.entities import Metric


@step("a logged model begins as pending and becomes ready", since=3)
def _(w):
    w.model_experiment = w.client.create_experiment(f"{w.prefix} models")
    w.model_run = w.client.create_run(w.model_experiment).info.run_id
    model = w.client.create_logged_model(
        w.model_experiment,
        name="forest",
        source_run_id=w.model_run,
        tags={"stage": "trial", "größe": "ä"},
        params={"trees": "10", "odd name": "x"},
        model_type="classifier",
    )
    w.model = model.model_id
    assert re.fullmatch(r"m-[0-9a-f]{32}", w.model), w.model
    got = w.client.get_logged_model(w.model)
    same((got.name, got.status.name, got.model_type, got.source_run_id), ("forest", "PENDING", "classifier", w.model_run))
    same(got.params, {"trees": "10", "odd name": "x"})
    same((got.tags["stage"], got.tags["größe"], got.experiment_id), ("trial", "ä", w.model_experiment))
    assert got.artifact_location.endswith(f"/{w.model_experiment}/models/{w.model}/artifacts"), got.artifact_location
    same(w.client.finalize_logged_model(w.model, "READY").status.name, "READY")
    assert w.client.get_logged_model(w.model).last_updated_timestamp >= got.creation_timestamp


@step("a logged model without a name is given one", since=3)
def _(w):
    model = w.client.create_logged_model(w.model_experiment)
    assert re.fullmatch(r"[a-z]+-[a-z]+-\d+", model.name), model.name
    w.client.delete_logged_model(model.model_id)


@step("a logged model whose files did not arrive is marked as failed", since=3)
def _(w):
    model = w.client.create_logged_model(w.model_experiment, name="broken").model_id
    same(w.client.finalize_logged_model(model, "FAILED").status.name, "FAILED")
    w.client.delete_logged_model(model)


@step("tags of a logged model are set and deleted", since=3)
def _(w):
    w.client.set_logged_model_tags(w.model, {"stage": "final", "new": "1"})
    w.client.delete_logged_model_tag(w.model, "new")
    tags = w.client.get_logged_model(w.model).tags
    same((tags["stage"], "new" in tags), ("final", False))


@step("parameters are added to a logged model", since=3)
def _(w):
    w.client.log_model_params(w.model, {"depth": "7"})
    same(w.client.get_logged_model(w.model).params, {"trees": "10", "odd name": "x", "depth": "7"})


@step("names of logged models without sense are refused", since=3)
def _(w):
    for name in ("a/b", "a:b", "a.b", "a%b", "a'b", 'a"b'):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.create_logged_model(w.model_experiment, name=name)


@step("a logged model that does not exist is not found", since=3)
def _(w):
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_logged_model("m-" + "0" * 32)


@step("metrics of a model stand with the model and with the run that measured them", since=3)
def _(w):
    frame = mlflow.data.from_dict({"x": [1, 2]}, name="held out") if hasattr(mlflow.data, "from_dict") else None
    digest = frame.digest if frame else "d1"
    w.client.log_metric(w.model_run, "acc", 0.9, model_id=w.model, dataset_name="held out", dataset_digest=digest)
    w.client.log_metric(w.model_run, "f1", 0.5, model_id=w.model)
    metrics = {m.key: m for m in w.client.get_logged_model(w.model).metrics}
    same((metrics["acc"].value, metrics["acc"].dataset_name, metrics["acc"].dataset_digest), (0.9, "held out", digest))
    same((metrics["f1"].value, metrics["f1"].run_id, metrics["f1"].dataset_name), (0.5, w.model_run, None))
    same(w.client.get_run(w.model_run).data.metrics, {"acc": 0.9, "f1": 0.5})


@step("log_metrics of an active run measures a model on a dataset", since=3)
def _(w):
    import pandas as pd

    dataset = mlflow.data.from_pandas(pd.DataFrame({"x": [1, 2]}), name="pandas set")
    mlflow.set_experiment(experiment_id=w.model_experiment)
    with mlflow.start_run(run_id=w.model_run):
        mlflow.log_metrics({"precision": 0.7, "recall": 0.6}, model_id=w.model, dataset=dataset)
        mlflow.log_metric("loss", 0.3, step=2, model_id=w.model)
    metrics = {m.key: m for m in w.client.get_logged_model(w.model).metrics}
    same((metrics["recall"].value, metrics["recall"].dataset_name), (0.6, "pandas set"))
    same((metrics["loss"].value, metrics["loss"].step), (0.3, 2))
    assert w.model in [m.model_id for m in w.client.get_run(w.model_run).inputs.model_inputs]


@step("a run says which models it wrote, and at which step", since=3)
def _(w):
    from mlflow.entities import LoggedModelOutput

    w.client.log_outputs(w.model_run, [LoggedModelOutput(w.model, step=3)])
    (output,) = w.client.get_run(w.model_run).outputs.model_outputs
    same((output.model_id, output.step), (w.model, 3))


@step("logged models are searched by name, parameter, tag, attribute and metric", since=3)
def _(w):
    w.models = {}
    for i in range(6):
        model = w.client.create_logged_model(
            w.model_experiment, name=f"candidate{i}", params={"trees": str(i)}, tags={"part": "ab"[i % 2]}, model_type="t"
        ).model_id
        w.client.log_batch(w.model_run, metrics=[Metric("auc", i / 10, 1, 0, model_id=model)])
        w.client.finalize_logged_model(model, "READY")
        w.models[model] = i
    w.candidate = {number: model for model, number in w.models.items()}

    def found(condition):
        got = w.client.search_logged_models([w.model_experiment], filter_string=condition)
        return sorted(w.models[m.model_id] for m in got if m.model_id in w.models)

    same(found("name = 'candidate3'"), [3])
    same(found("name LIKE 'candidate%' AND params.trees = '4'"), [4])
    same(found("tags.part = 'b'"), [1, 3, 5])
    same(found("metrics.auc >= 0.4"), [4, 5])
    same(found("attributes.name != 'candidate1' AND metrics.auc < 0.2"), [0])
    same(found(f"model_id IN ('{w.candidate[2]}', '{w.candidate[5]}')"), [2, 5])
    same(found("model_type = 't' AND creation_timestamp > 0"), [0, 1, 2, 3, 4, 5])


@step("logged models are ordered by a metric and come in pages", since=3)
def _(w):
    got, sizes = pages(
        lambda token: w.client.search_logged_models(
            [w.model_experiment],
            filter_string="name LIKE 'candidate%'",
            max_results=4,
            order_by=[{"field_name": "metrics.auc", "ascending": False}],
            page_token=token,
        )
    )
    same([w.models[m.model_id] for m in got], [5, 4, 3, 2, 1, 0])
    same(sizes, [4, 2])


@step("logged models are ordered by their metric on one dataset", since=3)
def _(w):
    for number, (inner, outer) in {0: (0.9, 0.1), 1: (0.1, 0.9)}.items():
        for name, value in (("inner", inner), ("outer", outer)):
            w.client.log_metric(
                w.model_run, "gain", value, model_id=w.candidate[number], dataset_name=name, dataset_digest="d"
            )
    for name, wanted in (("inner", [0, 1]), ("outer", [1, 0])):
        got = w.client.search_logged_models(
            [w.model_experiment],
            filter_string="metrics.gain > 0",
            datasets=[{"dataset_name": name, "dataset_digest": "d"}],
            order_by=[
                {"field_name": "metrics.gain", "ascending": False, "dataset_name": name, "dataset_digest": "d"}
            ],
        )
        same([w.models[m.model_id] for m in got], wanted)
    got = w.client.search_logged_models(
        [w.model_experiment],
        filter_string="metrics.gain > 0.5",
        datasets=[{"dataset_name": "inner", "dataset_digest": "d"}],
    )
    same([w.models[m.model_id] for m in got], [0])


@step("logged models are searched by their status and by a dataset's name alone", since=3, only="fairlead")
def _(w):
    def found(condition, **more):
        got = w.client.search_logged_models([w.model_experiment], filter_string=condition, **more)
        return sorted(w.models[m.model_id] for m in got if m.model_id in w.models)

    same(found("attributes.status = 'READY' AND metrics.auc < 0.2"), [0, 1])
    same(found("status = 'FAILED'"), [])
    same(found("metrics.gain > 0.5", datasets=[{"dataset_name": "outer"}]), [1])


@step("a filter of logged models that makes no sense is refused", since=3, only="fairlead")
def _(w):
    for condition in ("nobody = 'x'", "metrics.auc > 'x'", "name >", "name = 'a' OR name = 'b'"):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.search_logged_models([w.model_experiment], filter_string=condition)


@step("search_logged_models gives a table", since=3)
def _(w):
    table = mlflow.search_logged_models([w.model_experiment], filter_string="name = 'candidate2'")
    same((table["name"].tolist(), table["model_id"].tolist()), (["candidate2"], [w.candidate[2]]))


@step("files of a logged model are listed and downloaded", since=3)
def _(w):
    with open("weights.bin", "wb") as file:
        file.write(b"weights" * 100)
    w.client.log_model_artifact(w.model, "weights.bin")
    same([f.path for f in w.client.list_logged_model_artifacts(w.model)], ["weights.bin"])
    here = mlflow.artifacts.download_artifacts(f"models:/{w.model}")
    with open(f"{here}/weights.bin", "rb") as file:
        same(file.read(), b"weights" * 100)


@step("a deleted logged model is neither found nor listed", since=3)
def _(w):
    w.client.delete_logged_model(w.candidate[0])
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_logged_model(w.candidate[0])
    got = w.client.search_logged_models([w.model_experiment], filter_string="name = 'candidate0'")
    same(list(got), [])


@step("an active model collects what is logged while it is active", since=3)
def _(w):
    mlflow.set_experiment(experiment_id=w.model_experiment)
    with mlflow.set_active_model(name="active one") as active:
        with mlflow.start_run():
            mlflow.log_metric("during", 1.0)
        w.active = active.model_id
    same([m.key for m in w.client.get_logged_model(w.active).metrics], ["during"])
    mlflow.set_experiment(experiment_id=w.experiment)


@step("a model kept elsewhere is recorded", since=3)
def _(w):
    model = mlflow.create_external_model(name="elsewhere", experiment_id=w.model_experiment, params={"a": "1"})
    same((w.client.get_logged_model(model.model_id).status.name, model.params), ("READY", {"a": "1"}))
