import os

import mlflow
from framework import refused, same, step
from mlflow.artifacts import download_artifacts
from steps_flavours import DATA


def predicts_the_same(w, uri):
    for load in (mlflow.sklearn.load_model, mlflow.pyfunc.load_model):
        same(load(uri).predict(DATA).tolist(), w.forest.predict(DATA).tolist())


@step("models:/ with a version's number")
def _(w):
    predicts_the_same(w, f"models:/{w.registered}/1")


@step("models:/ with an alias")
def _(w):
    predicts_the_same(w, f"models:/{w.registered}@champion")


@step("models:/ with a stage")
def _(w):
    predicts_the_same(w, f"models:/{w.registered}/Production")


@step("models:/ with the word latest")
def _(w):
    predicts_the_same(w, f"models:/{w.registered}/latest")
    predicts_the_same(w, f"models:/{w.registered}@latest")


@step("the address of the file tree itself")
def _(w):
    logged = w.client.get_logged_model(w.logged.model_id).artifact_location if w.major >= 3 else w.version_source
    predicts_the_same(w, logged)


@step("files of a version are downloaded with its card")
def _(w):
    here = download_artifacts(f"models:/{w.registered}/1", dst_path=os.path.join(w.folder, "version"))
    assert {"MLmodel", "requirements.txt"} <= set(os.listdir(here)), os.listdir(here)
    uri = w.client.get_model_version_download_uri(w.registered, "1")
    same(os.path.exists(os.path.join(download_artifacts(uri), "MLmodel")), True)


@step("the card of a version is read without its files")
def _(w):
    info = mlflow.models.get_model_info(f"models:/{w.registered}@champion")
    same((info.run_id, "sklearn" in info.flavors), (w.logging_run, True))


@step("what a version needs is told")
def _(w):
    path = mlflow.pyfunc.get_model_dependencies(f"models:/{w.registered}/1")
    with open(path) as file:
        assert any(line.startswith("scikit-learn") for line in file), path


@step("addresses that point to nothing say so")
def _(w):
    for uri in (f"models:/{w.registered}/77", f"models:/{w.prefix} nobody/1", f"runs:/{'0' * 32}/model"):
        with refused("RESOURCE_DOES_NOT_EXIST"):
            mlflow.pyfunc.load_model(uri)
    with refused("INVALID_PARAMETER_VALUE"):
        mlflow.pyfunc.load_model(f"models:/{w.registered}@nobody")


@step("a path of a run that holds no model is not loaded, and the answer comes at once")
def _(w):
    try:
        mlflow.pyfunc.load_model(f"runs:/{w.files}/notes")
    except Exception as error:
        assert "500" not in str(error), error
    else:
        raise AssertionError("a model was loaded")
