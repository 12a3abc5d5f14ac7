import re
import time
import uuid

import mlflow
from framework import pages, refused, same, step
from mlflow.entities import ViewType

ODD_NAME = "Übung 漢字 🚀 /a \"b\" 'c' %20 #1"


@step("experiment 0 is called Default")
def _(w):
    default = w.client.get_experiment("0")
    same((default.name, default.lifecycle_stage), ("Default", "active"))


@step("an experiment is created with a number as its id")
def _(w):
    w.prefix = f"conformance {uuid.uuid4().hex[:8]}"
    before = int(time.time() * 1000) - 5000
    w.experiment = w.client.create_experiment(f"{w.prefix} first", tags={"team": "harbour", "größe": "ä"})
    assert re.fullmatch(r"\d+", w.experiment), w.experiment
    got = w.client.get_experiment(w.experiment)
    same(got.name, f"{w.prefix} first")
    same((got.tags["team"], got.tags["größe"]), ("harbour", "ä"))
    assert got.artifact_location.startswith("mlflow-artifacts:/"), got.artifact_location
    assert got.artifact_location.endswith("/" + w.experiment), got.artifact_location
    assert got.creation_time >= before and got.last_update_time >= got.creation_time


@step("an experiment's name may have any letters")
def _(w):
    name = f"{w.prefix} {ODD_NAME}"
    w.odd = w.client.create_experiment(name)
    same(w.client.get_experiment(w.odd).name, name)
    same(w.client.get_experiment_by_name(name).experiment_id, w.odd)


@step("a name that is taken is refused")
def _(w):
    with refused("RESOURCE_ALREADY_EXISTS"):
        w.client.create_experiment(f"{w.prefix} first")


@step("names that are none are refused")
def _(w):
    for name in ("", None, "x" * 501):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.create_experiment(name)


@step("an artifact location of the caller is kept")
def _(w):
    location = f"mlflow-artifacts:/{w.prefix.replace(' ', '-')}/files"
    made = w.client.create_experiment(f"{w.prefix} located", artifact_location=location)
    same(w.client.get_experiment(made).artifact_location, location)
    run = w.client.create_run(made)
    same(run.info.artifact_uri, f"{location}/{run.info.run_id}/artifacts")
    w.client.log_text(run.info.run_id, "there", "a.txt")
    same([f.path for f in w.client.list_artifacts(run.info.run_id)], ["a.txt"])


@step("an artifact location with parts of an address that hide something is refused")
def _(w):
    for location in ("mlflow-artifacts:/a#b", "runs:/abc/model"):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.create_experiment(f"{w.prefix} bad {location}", artifact_location=location)


@step("set_experiment makes an experiment and finds it again")
def _(w):
    made = mlflow.set_experiment(f"{w.prefix} fluent")
    found = mlflow.set_experiment(f"{w.prefix} fluent")
    same(found.experiment_id, made.experiment_id)
    same(mlflow.set_experiment(experiment_id=w.experiment).experiment_id, w.experiment)


@step("an experiment that does not exist is not found")
def _(w):
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_experiment("987654321")
    same(w.client.get_experiment_by_name(f"{w.prefix} nobody made this"), None)


@step("an experiment is renamed")
def _(w):
    w.client.rename_experiment(w.odd, f"{w.prefix} renamed")
    same(w.client.get_experiment(w.odd).name, f"{w.prefix} renamed")
    same(w.client.get_experiment_by_name(f"{w.prefix} {ODD_NAME}"), None)


@step("an experiment is not renamed to a name that is taken", only="fairlead")
def _(w):
    with refused("RESOURCE_ALREADY_EXISTS"):
        w.client.rename_experiment(w.odd, f"{w.prefix} first")


@step("tags of an experiment are set and overwritten")
def _(w):
    w.client.set_experiment_tag(w.experiment, "stage", "trial")
    w.client.set_experiment_tag(w.experiment, "stage", "final")
    w.client.set_experiment_tag(w.experiment, "mlflow.note.content", "# Notes\n\nof the experiment")
    tags = w.client.get_experiment(w.experiment).tags
    same((tags["stage"], tags["mlflow.note.content"]), ("final", "# Notes\n\nof the experiment"))


@step("a tag of an experiment is deleted", since=3)
def _(w):
    w.client.set_experiment_tag(w.experiment, "gone", "soon")
    w.client.delete_experiment_tag(w.experiment, "gone")
    assert "gone" not in w.client.get_experiment(w.experiment).tags


@step("a deleted experiment is found by its id and among the deleted, and its runs go with it")
def _(w):
    w.deleted = w.client.create_experiment(f"{w.prefix} deleted")
    run = w.client.create_run(w.deleted)
    w.client.delete_experiment(w.deleted)
    same(w.client.get_experiment(w.deleted).lifecycle_stage, "deleted")
    same(w.client.get_experiment_by_name(f"{w.prefix} deleted").lifecycle_stage, "deleted")
    same(w.client.get_run(run.info.run_id).info.lifecycle_stage, "deleted")
    condition = f"name = '{w.prefix} deleted'"
    same(len(w.client.search_experiments(filter_string=condition)), 0)
    for view in (ViewType.DELETED_ONLY, ViewType.ALL):
        same(len(w.client.search_experiments(view_type=view, filter_string=condition)), 1)


@step("nothing is written into a deleted experiment")
def _(w):
    with refused("INVALID_PARAMETER_VALUE"):
        w.client.create_run(w.deleted)
    with refused("INVALID_PARAMETER_VALUE"):
        w.client.set_experiment_tag(w.deleted, "a", "b")


@step("a restored experiment is active with its runs")
def _(w):
    w.client.restore_experiment(w.deleted)
    same(w.client.get_experiment(w.deleted).lifecycle_stage, "active")
    same(len(w.client.search_runs([w.deleted])), 1)


@step("the name of a deleted experiment is free again", only="fairlead")
def _(w):
    name = f"{w.prefix} twice"
    old = w.client.create_experiment(name)
    w.client.delete_experiment(old)
    new = w.client.create_experiment(name)
    assert new != old
    same(w.client.get_experiment_by_name(name).experiment_id, new)
    with refused("RESOURCE_ALREADY_EXISTS"):
        w.client.restore_experiment(old)


@step("experiments are searched by name, by pattern and by tag")
def _(w):
    def names(condition):
        return sorted(e.name.removeprefix(w.prefix + " ") for e in w.client.search_experiments(filter_string=condition))

    same(names(f"name = '{w.prefix} first'"), ["first"])
    same(names(f"name LIKE '{w.prefix} f%'"), ["first", "fluent"])
    same(names(f"name ILIKE '{w.prefix.upper()} F%'"), ["first", "fluent"])
    same(names(f"name LIKE '{w.prefix} %' AND tags.stage = 'final'"), ["first"])
    same(names(f"attribute.name LIKE '{w.prefix} %' AND tag.`größe` = 'ä'"), ["first"])
    same(names(f"name LIKE '{w.prefix} f%' AND creation_time > 0"), ["first", "fluent"])


@step("experiments come in pages, each once, in the order that was asked for")
def _(w):
    for i in range(7):
        w.client.create_experiment(f"{w.prefix} page {i}")
    condition = f"name LIKE '{w.prefix} page %'"
    found, sizes = pages(
        lambda token: w.client.search_experiments(
            filter_string=condition, max_results=3, order_by=["name DESC"], page_token=token
        )
    )
    same([e.name[-1] for e in found], list("6543210"))
    same(sizes, [3, 3, 1])
    found = w.client.search_experiments(filter_string=condition, order_by=["experiment_id ASC"])
    same([e.name[-1] for e in found], list("0123456"))


@step("a filter of experiments that makes no sense is refused")
def _(w):
    for condition in ("name = first", "colour = 'red'", "name LIKE 'a' OR name LIKE 'b'", "name ="):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.search_experiments(filter_string=condition)
