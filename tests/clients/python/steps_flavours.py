import os

import mlflow
import numpy as np
from framework import same, step
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

DATA, TARGET = load_iris(return_X_y=True)


def log_sklearn(w, model, name, **more):
    """3.x calls the model's name what 2.x called a path below the run. The format is what scripts of every age have."""
    where = {"name": name} if w.major >= 3 else {"artifact_path": name}
    return mlflow.sklearn.log_model(model, **where, serialization_format="cloudpickle", **more)


@step("a scikit-learn model is logged with its signature and example")
def _(w):
    os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "true"
    mlflow.set_experiment(experiment_id=w.experiment)
    w.forest = RandomForestClassifier(n_estimators=5, random_state=1).fit(DATA, TARGET)
    signature = mlflow.models.infer_signature(DATA, w.forest.predict(DATA))
    with mlflow.start_run() as run:
        w.logged = log_sklearn(w, w.forest, "model", signature=signature, input_example=DATA[:2])
        w.logging_run = run.info.run_id
    info = mlflow.models.get_model_info(w.logged.model_uri)
    assert {"sklearn", "python_function"} <= set(info.flavors), info.flavors
    assert info.signature is not None and info.saved_input_example_info is not None


@step("a logged model is listed among the files of its run")
def _(w):
    found = {os.path.basename(f.path) for f in w.client.list_artifacts(w.logging_run, "model")}
    assert {"MLmodel", "requirements.txt", "python_env.yaml", "conda.yaml"} <= found, found


@step("a model is loaded by the run that logged it, in its own flavour and as a function")
def _(w):
    own = mlflow.sklearn.load_model(f"runs:/{w.logging_run}/model")
    same(own.predict(DATA).tolist(), w.forest.predict(DATA).tolist())
    function = mlflow.pyfunc.load_model(f"runs:/{w.logging_run}/model")
    same(function.predict(DATA).tolist(), w.forest.predict(DATA).tolist())
    same(function.metadata.run_id, w.logging_run)


@step("logging a model makes a logged model that is ready and stands as output of the run", since=3)
def _(w):
    got = w.client.get_logged_model(w.logged.model_id)
    same((got.name, got.status.name, got.source_run_id), ("model", "READY", w.logging_run))
    same([o.model_id for o in w.client.get_run(w.logging_run).outputs.model_outputs], [w.logged.model_id])


@step("a model is loaded by the address of the logged model", since=3)
def _(w):
    own = mlflow.sklearn.load_model(f"models:/{w.logged.model_id}")
    same(own.predict(DATA).tolist(), w.forest.predict(DATA).tolist())


@step("the older way of naming a logged model still works", since=3)
def _(w):
    with mlflow.start_run() as run:
        # Named requirements: finding them out takes the client 5 s, and other steps let it.
        how = {"serialization_format": "cloudpickle", "pip_requirements": ["scikit-learn"]}
        mlflow.sklearn.log_model(w.forest, artifact_path="oldway", **how)
    same(mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/oldway").n_estimators, 5)


@step("a model may hold code of the caller")
def _(w):
    class Doubler(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return model_input * 2

    where = {"name": "doubler"} if w.major >= 3 else {"artifact_path": "doubler"}
    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(**where, python_model=Doubler(), pip_requirements=["numpy"])
    loaded = mlflow.pyfunc.load_model(info.model_uri)
    same(np.asarray(loaded.predict(np.array([[1.0, 2.0]]))).tolist(), [[2.0, 4.0]])


@step("an ONNX model is logged and loaded", since=3)
def _(w):
    from skl2onnx import to_onnx

    model = LogisticRegression(max_iter=200).fit(DATA, TARGET)
    graph = to_onnx(model, DATA[:1].astype(np.float32), options={"zipmap": False}, target_opset=15)
    with mlflow.start_run():
        info = mlflow.onnx.log_model(graph, name="graph", input_example=DATA[:2].astype(np.float32))
    w.onnx = info
    answer = mlflow.pyfunc.load_model(info.model_uri).predict(DATA.astype(np.float32))
    labels = next(np.asarray(v) for v in answer.values() if np.asarray(v).dtype.kind == "i")
    same(labels.tolist(), model.predict(DATA.astype(np.float32)).tolist())


@step("autologging of scikit-learn records parameters, metrics, model and pictures")
def _(w):
    mlflow.sklearn.autolog(log_datasets=True, silent=True)
    try:
        with mlflow.start_run() as run:
            LogisticRegression(C=0.5, max_iter=200).fit(DATA, TARGET)
    finally:
        mlflow.sklearn.autolog(disable=True)
    got = w.client.get_run(run.info.run_id)
    same((got.data.params["C"], got.data.params["max_iter"], got.info.status), ("0.5", "200", "FINISHED"))
    assert got.data.metrics["training_accuracy_score"] > 0.9, got.data.metrics
    files = {f.path for f in w.client.list_artifacts(run.info.run_id)}
    assert {"estimator.html", "training_confusion_matrix.png"} <= files, files
    (dataset,) = got.inputs.dataset_inputs
    same({t.value for t in dataset.tags}, {"train"})
    assert mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model").C == 0.5


@step("autologging of a search makes a run for each candidate")
def _(w):
    mlflow.sklearn.autolog(max_tuning_runs=None, log_models=False, log_datasets=False, silent=True)
    try:
        with mlflow.start_run() as run:
            GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1, 10]}, cv=2).fit(DATA, TARGET)
    finally:
        mlflow.sklearn.autolog(disable=True)
    children = w.client.search_runs([w.experiment], f"tags.mlflow.parentRunId = '{run.info.run_id}'")
    same(sorted(float(c.data.params["C"]) for c in children), [0.1, 1.0, 10.0])
    assert "best_cv_score" in w.client.get_run(run.info.run_id).data.metrics
    assert "cv_results.csv" in {f.path for f in w.client.list_artifacts(run.info.run_id)}


@step("metrics that scikit-learn computes after the fit are logged by themselves")
def _(w):
    from sklearn import metrics

    mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)
    try:
        with mlflow.start_run() as run:
            model = LogisticRegression(max_iter=200).fit(DATA, TARGET)
            predicted = model.predict(DATA)
            metrics.accuracy_score(TARGET, predicted)
    finally:
        mlflow.sklearn.autolog(disable=True)
    got = w.client.get_run(run.info.run_id).data.metrics
    assert any(name.startswith("accuracy_score") for name in got), got


@step("an evaluation leaves its metrics, tables and pictures in the run")
def _(w):
    import pandas as pd

    frame = pd.DataFrame(DATA, columns=["a", "b", "c", "d"]).assign(
        label=TARGET, prediction=w.forest.predict(DATA)
    )
    with mlflow.start_run() as run:
        mlflow.models.evaluate(
            data=frame,
            predictions="prediction",
            targets="label",
            model_type="classifier",
            evaluator_config={"log_model_explainability": False},
        )
    got = w.client.get_run(run.info.run_id)
    assert got.data.metrics["accuracy_score"] > 0.9, got.data.metrics
    assert "confusion_matrix.png" in {f.path for f in w.client.list_artifacts(run.info.run_id)}
    assert "mlflow.datasets" in got.data.tags or got.inputs.dataset_inputs
