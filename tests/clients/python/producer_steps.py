"""ONNX of many producers and folders without ONNX, from `log_model` to an endpoint: `producer_steps.py URL`.

Every endpoint must answer what the library answered here, on the same rows.
"""

import os
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from onnx import TensorProto, helper, numpy_helper
from served_world import Refused, Server, run_steps, step

warnings.filterwarnings("ignore")
os.environ |= {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}
import mlflow  # noqa: E402
from mlflow.models import infer_signature  # noqa: E402

rng = np.random.default_rng(11)
ROWS = 5
# Without a list MLflow loads each model in another process to see what it imports.
NEEDS = {"pip_requirements": ["mlflow"]}
X = rng.normal(size=(200, 4)).astype(np.float32)
NAMES = ["a", "b", "c", "d"]
FRAME = pd.DataFrame(X, columns=NAMES)
TEXTS = np.where(X[:, 0] + X[:, 1] > 0, "wet", "dry")


def rows_of(frame):
    return [{name: cell.item() if hasattr(cell, "item") else cell for name, cell in row.items()} for row in frame.to_dict("records")]


def log_onnx(world, name, model, frame=FRAME, **how):
    mlflow.onnx.log_model(model, name=name, registered_model_name=name, signature=infer_signature(frame), **NEEDS, **how)
    return world.serve(name)


def close(got, wanted, tolerance=1e-5):
    np.testing.assert_allclose(np.asarray(got, dtype=float), np.asarray(wanted, dtype=float), rtol=tolerance, atol=tolerance)


def same_classes(answers, labels, probabilities, names):
    assert [one["label"] for one in answers] == [str(label) for label in labels], answers
    close([[one["probabilities"][str(name)] for name in names] for one in answers], probabilities)


def affine(dims, weights):
    """x · w, with x [rows, 4] or an image, as PyTorch's exporter names and shapes it."""
    nodes = [helper.make_node("Flatten", ["x"], ["flat"], axis=1), helper.make_node("MatMul", ["flat", "w"], ["y"])]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *dims])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", weights.shape[1]])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@step("scikit-learn: a pipeline of texts and numbers with a ZipMap")
def _(world):
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame = pd.DataFrame({"wind": X[:, 0], "sky": np.where(X[:, 2] > 0, "clear", "fog"), "hour": np.arange(200) % 24})
    columns = [("n", StandardScaler(), ["wind"]), ("t", OneHotEncoder(), ["sky"]), ("h", "passthrough", ["hour"])]
    model = Pipeline([("c", ColumnTransformer(columns)), ("m", LogisticRegression())]).fit(frame, TEXTS)
    types = [("wind", FloatTensorType([None, 1])), ("sky", StringTensorType([None, 1])), ("hour", Int64TensorType([None, 1]))]
    log_onnx(world, "pipeline", convert_sklearn(model, "p", types), frame)
    head = frame.head(ROWS)
    same_classes(world.predict("pipeline", rows_of(head)), model.predict(head), model.predict_proba(head), model.classes_)


@step("LightGBM: a classifier by onnxmltools")
def _(world):
    from lightgbm import LGBMClassifier
    from onnxmltools.convert import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    model = LGBMClassifier(n_estimators=8, verbose=-1).fit(FRAME, (X[:, 0] + X[:, 1] > 0).astype(int))
    log_onnx(world, "lightgbm", convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, 4]))], target_opset=15))
    head = FRAME.head(ROWS)
    same_classes(world.predict("lightgbm", rows_of(head)), model.predict(head), model.predict_proba(head), [0, 1])


@step("XGBoost: a classifier and a regression by onnxmltools")
def _(world):
    from onnxmltools.convert import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType
    from xgboost import XGBClassifier, XGBRegressor

    types = [("x", FloatTensorType([None, 4]))]
    classes = rng.integers(0, 3, 200)
    model = XGBClassifier(n_estimators=4).fit(X, classes)
    log_onnx(world, "xgb-classes", convert_xgboost(model, initial_types=types, target_opset=15))
    answers = world.predict("xgb-classes", rows_of(FRAME.head(ROWS)))
    same_classes(answers, model.predict(X[:ROWS]), model.predict_proba(X[:ROWS]), [0, 1, 2])
    model = XGBRegressor(n_estimators=4).fit(X, X[:, 0])
    log_onnx(world, "xgb-number", convert_xgboost(model, initial_types=types, target_opset=15))
    close([one["value"] for one in world.predict("xgb-number", rows_of(FRAME.head(ROWS)))], model.predict(X[:ROWS]))
    tensor = {"name": "columns", "datatype": "FP32", "shape": list(X[:ROWS].shape), "data": X[:ROWS].ravel().tolist()}
    (got,) = world.infer("xgb-number@test", [tensor])["outputs"]
    close(np.ravel(got["data"]), model.predict(X[:ROWS]))


@step("the onnx package: an image, given as the model's own tensor, and several outputs with INT64 among them")
def _(world):
    weights = rng.normal(size=(48, 3)).astype(np.float32)
    model = affine([4, 4, 3], weights)
    model.graph.node.append(helper.make_node("ArgMax", ["y"], ["class"], axis=1, keepdims=0))
    model.graph.output.append(helper.make_tensor_value_info("class", TensorProto.INT64, ["batch"]))
    images = rng.normal(size=(ROWS, 4, 4, 3)).astype(np.float32)
    mlflow.onnx.log_model(model, name="image", registered_model_name="image", signature=infer_signature(images), **NEEDS)
    packaged = world.serve("image")
    assert packaged["signature"]["ownTensor"] == {"name": "x", "datatype": "FP32", "shape": [-1, 4, 4, 3]}, packaged["signature"]["ownTensor"]
    wanted = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": images})
    tensor = {"name": "x", "datatype": "FP32", "shape": list(images.shape), "data": images.ravel().tolist()}
    got = {one["name"]: one for one in world.infer("image@test", [tensor])["outputs"]}
    close(np.reshape(got["prediction"]["data"], got["prediction"]["shape"]), wanted[0])
    assert got["class"]["datatype"] == "INT64" and got["class"]["data"] == wanted[1].tolist(), got["class"]
    from mlflow.deployments import get_deploy_client

    scored = get_deploy_client(world.url).predict(endpoint="image@test", inputs={"instances": images.tolist()})
    close([one["prediction"] for one in scored["predictions"]], wanted[0])
    assert [one["class"] for one in scored["predictions"]] == wanted[1].tolist(), scored


@step("several files: external data as the onnx package writes it, by log_model")
def _(world):
    weights = rng.normal(size=(4, 1)).astype(np.float32)
    wide = affine([4], np.repeat(weights, 600, axis=1))
    wide.graph.node.append(helper.make_node("Slice", ["y", "from", "to", "axis"], ["first"]))
    for name, value in [("from", [0]), ("to", [1]), ("axis", [1])]:
        wide.graph.initializer.append(numpy_helper.from_array(np.array(value, dtype=np.int64), name))
    del wide.graph.output[:]
    wide.graph.output.append(helper.make_tensor_value_info("first", TensorProto.FLOAT, ["batch", 1]))
    packaged = log_onnx(world, "several", wide, save_as_external_data=True)
    kept = [one["path"] for one in packaged["files"]]
    assert len(kept) == 3 and kept[0] == "model.onnx" and kept[1] == "original/model.onnx", kept
    close([one["value"] for one in world.predict("several", rows_of(FRAME.head(ROWS)))], (X[:ROWS] @ weights)[:, 0])
    back = mlflow.onnx.load_model("models:/several/1")
    assert back.graph.initializer[0].name == "w"


@step("several files: a version whose side file is not there says which tensor lacks it")
def _(world):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m"
        mlflow.onnx.save_model(affine([4], rng.normal(size=(4, 600)).astype(np.float32)), path, signature=infer_signature(FRAME), **NEEDS)
        side = [one for one in path.iterdir() if one.name not in {"MLmodel", "model.onnx"} and one.stat().st_size == 9600]
        assert len(side) == 1, list(path.iterdir())
        side[0].unlink()
        with mlflow.start_run() as run:
            mlflow.log_artifacts(str(path), "m")
    mlflow.register_model(f"runs:/{run.info.run_id}/m", "lacking")
    found = world.examined("lacking")
    assert found["servable"] == "no", found
    assert "INF_EXTERNAL_MISSING: Tensor w" in found["notServable"] and side[0].name in found["notServable"], found["notServable"]


SERVE = {
    "backend": {
        "kind": "program",
        "protocol": "mlflow",
        "startTimeoutMs": 120_000,
        "command": [
            "env",
            f"PATH={os.path.dirname(sys.executable)}:/usr/bin:/bin",
            "mlflow",
            *["models", "serve", "-m", "{model}", "-p", "{port}", "--env-manager", "local"],
        ],
    }
}


@step("a folder without ONNX: a pickled classifier behind `mlflow models serve`, by the digest of all its files")
def _(world):
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder

    frame = pd.DataFrame({"wind": X[:, 0].astype(float), "sky": np.where(X[:, 2] > 0, "clear", "fog")})
    columns = [("n", "passthrough", ["wind"]), ("t", OneHotEncoder(), ["sky"])]
    model = Pipeline([("c", ColumnTransformer(columns)), ("m", LogisticRegression())]).fit(frame, TEXTS)
    mlflow.sklearn.log_model(
        model,
        name="pickled",
        registered_model_name="pickled",
        signature=infer_signature(frame, model.predict_proba(frame)),
        input_example=frame.head(3),
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
        metadata={"fairlead.labels": ["dry", "wet"]},
        **NEEDS,
    )
    found = world.examined("pickled")
    packaged = found["packaged"]
    assert packaged["form"] == "folder" and "model.pkl" in [one["path"] for one in packaged["files"]], found
    try:
        world.serve("pickled")
        raise AssertionError("a pickle was loaded by the server")
    except Refused as refusal:
        assert refusal.error["code"] == "SRV_DEPLOY_FAILED" and "SRV_BACKEND_NEEDED" in refusal.error["message"], refusal
    world.serve("pickled", SERVE)
    head = frame.head(ROWS)
    same_classes(world.predict("pickled", rows_of(head)), model.predict(head), model.predict_proba(head), ["dry", "wet"])
    answer = world.call("POST", "environments/test/endpoints/pickled/predict", {"rows": rows_of(head)})
    assert answer["digest"] == packaged["digest"], answer


@step("a folder without ONNX: XGBoost's own format with one tensor as its signature")
def _(world):
    from xgboost import XGBRegressor

    model = XGBRegressor(n_estimators=4).fit(X, X[:, 0])
    mlflow.xgboost.log_model(
        model,
        name="booster",
        registered_model_name="booster",
        signature=infer_signature(X, model.predict(X)),
        input_example=X[:2],
        **NEEDS,
    )
    packaged = world.serve("booster", SERVE)
    names = [one["name"] for one in packaged["signature"]["inputs"]]
    assert names == [f"input_{at}" for at in range(4)] and packaged["signature"]["tensor"] == {"name": None}, packaged
    answers = world.predict("booster", [dict(zip(names, row.tolist())) for row in X[:ROWS]])
    close([one["value"] for one in answers], model.predict(X[:ROWS]))


@step("a folder without a signature is recorded and says how to log it")
def _(world):
    from sklearn.linear_model import LinearRegression

    mlflow.sklearn.log_model(LinearRegression().fit(X, X[:, 0]), name="unsigned", registered_model_name="unsigned", **NEEDS)
    found = world.examined("unsigned")
    assert found["servable"] == "no" and "signature=infer_signature" in found["notServable"], found


@step("mlflow.deployments: endpoints are listed, shown and asked by its own client")
def _(world):
    from mlflow.deployments import get_deploy_client
    from requests import HTTPError

    client = get_deploy_client(world.url)
    listed = {one.name: one for one in client.list_endpoints()}
    assert {"pipeline@test", "xgb-number@test", "pickled@test"} <= set(listed), listed
    shown = client.get_endpoint("xgb-number@test")
    assert shown == listed["xgb-number@test"] and shown.model.name == "xgb-number/1", shown
    rows = rows_of(FRAME.head(ROWS))
    wanted = [one["value"] for one in world.predict("xgb-number", rows)]
    for inputs in [{"dataframe_records": rows}, {"inputs": [list(row.values()) for row in rows]}]:
        close(client.predict(endpoint="xgb-number@test", inputs=inputs)["predictions"], wanted)
    try:
        client.get_endpoint("nobody")
        raise AssertionError("nothing was refused")
    except HTTPError as error:
        assert error.response.status_code == 404 and "no endpoint nobody" in str(error), error


mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("producers")
run_steps(Server(sys.argv[1]))
