import mlflow
import requests
from framework import pages, refused, same, step


def new_version(w, name, **more):
    """One more version of the logged forest."""
    if w.major >= 3:
        more["model_id"] = w.logged.model_id
    return w.client.create_model_version(name, w.version_source, run_id=w.logging_run, **more)


def version_numbers(w, condition, **more):
    order = {"order_by": ["version_number DESC"], **more}
    return [int(v.version) for v in w.client.search_model_versions(condition, **order)]


@step("a model is registered with description and tags")
def _(w):
    w.registered = f"{w.prefix} ship %1 ü"
    made = w.client.create_registered_model(w.registered, tags={"team": "harbour"}, description="# ä\n\nforecasts")
    got = w.client.get_registered_model(w.registered)
    same((got.name, got.description, got.tags), (w.registered, "# ä\n\nforecasts", {"team": "harbour"}))
    same((got.latest_versions, got.aliases), ([], {}))
    same(got.creation_timestamp, made.creation_timestamp)
    assert got.last_updated_timestamp >= got.creation_timestamp > 1_600_000_000_000


@step("a registered name that is taken, empty or absent is refused")
def _(w):
    with refused("RESOURCE_ALREADY_EXISTS"):
        w.client.create_registered_model(w.registered)
    with refused("INVALID_PARAMETER_VALUE"):
        w.client.create_registered_model("")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_registered_model(f"{w.prefix} nobody's")


@step("a registered name that would be a path is refused")
def _(w):
    for name in (f"{w.prefix}/a", f"{w.prefix}:a"):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.create_registered_model(name)


@step("a model's description and tags are changed")
def _(w):
    w.client.update_registered_model(w.registered, "new words")
    w.client.set_registered_model_tag(w.registered, "team", "quay")
    w.client.set_registered_model_tag(w.registered, "gone", "1")
    w.client.delete_registered_model_tag(w.registered, "gone")
    got = w.client.get_registered_model(w.registered)
    same((got.description, got.tags), ("new words", {"team": "quay"}))


@step("versions are numbered from 1 and ready at once")
def _(w):
    # Since 3.x a model's files stand with the logged model and no longer below the run.
    of_run = w.client.get_run(w.logging_run).info.artifact_uri + "/model"
    w.version_source = f"models:/{w.logged.model_id}" if w.major >= 3 else of_run
    for number in range(1, 5):
        tags = {"number": str(number), "shop": "ä"}
        made = new_version(w, w.registered, tags=tags, description=f"v{number}")
        same((int(made.version), made.status, made.current_stage), (number, "READY", "None"))
    got = w.client.get_model_version(w.registered, "2")
    same((got.description, got.tags, got.run_id), ("v2", {"number": "2", "shop": "ä"}, w.logging_run))
    same((got.name, got.aliases), (w.registered, []))
    w.stored_source = got.source


@step("a version of a model or run that does not exist is refused")
def _(w):
    with refused("RESOURCE_DOES_NOT_EXIST"):
        new_version(w, f"{w.prefix} nobody's")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_model_version(w.registered, "99")


@step("a source on the server's own disk or out of the run is refused")
def _(w):
    for source in ("/etc", "file:///etc", f"mlflow-artifacts:/{w.experiment}/{w.logging_run}/artifacts/../../../../x", "mlflow-artifacts:/../x"):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.create_model_version(w.registered, source, run_id=w.logging_run)


@step("a version's description and tags are changed")
def _(w):
    w.client.update_model_version(w.registered, "1", "changed")
    w.client.set_model_version_tag(w.registered, "1", "checked", "yes")
    w.client.delete_model_version_tag(w.registered, "1", "number")
    got = w.client.get_model_version(w.registered, "1")
    same((got.description, got.tags), ("changed", {"shop": "ä", "checked": "yes"}))


@step("a tag is set on the latest version of a stage")
def _(w):
    w.client.transition_model_version_stage(w.registered, "1", "Staging")
    w.client.set_model_version_tag(w.registered, key="by stage", value="1", stage="Staging")
    same(w.client.get_model_version(w.registered, "1").tags["by stage"], "1")
    w.client.delete_model_version_tag(w.registered, key="by stage", stage="Staging")
    assert "by stage" not in w.client.get_model_version(w.registered, "1").tags


@step("stages move, and the versions before are archived when asked for")
def _(w):
    got = w.client.transition_model_version_stage(w.registered, "2", "production")
    same(got.current_stage, "Production")
    w.client.transition_model_version_stage(w.registered, "3", "Production", archive_existing_versions=True)
    same(w.client.get_model_version(w.registered, "2").current_stage, "Archived")
    w.client.transition_model_version_stage(w.registered, "4", "Production")
    same(w.client.get_model_version(w.registered, "3").current_stage, "Production")
    same(
        set(w.client.get_model_version_stages(w.registered, "1")), {"None", "Staging", "Production", "Archived"}
    )


@step("a stage that is none is refused", only="fairlead")
def _(w):
    with refused("INVALID_PARAMETER_VALUE"):
        w.client.transition_model_version_stage(w.registered, "1", "Holiday")
    with refused("INVALID_PARAMETER_VALUE"):
        w.client.transition_model_version_stage(w.registered, "1", "None", archive_existing_versions=True)


@step("the latest version of each stage is told")
def _(w):
    got = {v.current_stage: int(v.version) for v in w.client.get_latest_versions(w.registered)}
    same(got, {"Staging": 1, "Archived": 2, "Production": 4})
    same([int(v.version) for v in w.client.get_latest_versions(w.registered, ["Production"])], [4])
    same(len(w.client.get_registered_model(w.registered).latest_versions), 3)


@step("an alias points to one version and moves")
def _(w):
    w.client.set_registered_model_alias(w.registered, "champion", "1")
    w.client.set_registered_model_alias(w.registered, "champion", "2")
    w.client.set_registered_model_alias(w.registered, "challenger", "2")
    same(int(w.client.get_model_version_by_alias(w.registered, "champion").version), 2)
    same(sorted(w.client.get_model_version(w.registered, "2").aliases), ["challenger", "champion"])
    same(w.client.get_model_version(w.registered, "1").aliases, [])
    got = {k: int(v) for k, v in w.client.get_registered_model(w.registered).aliases.items()}
    same(got, {"champion": 2, "challenger": 2})


@step("an alias is deleted, and is not found then")
def _(w):
    w.client.delete_registered_model_alias(w.registered, "challenger")
    with refused("INVALID_PARAMETER_VALUE"):
        w.client.get_model_version_by_alias(w.registered, "challenger")
    same(list(w.client.get_registered_model(w.registered).aliases), ["champion"])


@step("aliases that could be taken for a version or a word of the server are refused")
def _(w):
    for alias in ("latest", "v1", "V22", "a b", "a/b", ""):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.set_registered_model_alias(w.registered, alias, "1")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.set_registered_model_alias(w.registered, "ghost", "99")


@step("versions are searched by name, run, number and tag")
def _(w):
    name = f"name = '{w.registered}'"
    same(version_numbers(w, name), [4, 3, 2, 1])
    same(version_numbers(w, f"{name} AND run_id = '{w.logging_run}'"), [4, 3, 2, 1])
    same(version_numbers(w, f"{name} AND tags.number = '3'"), [3])
    same(version_numbers(w, f"{name} AND version_number > 2"), [4, 3])
    same(version_numbers(w, f"{name} AND source_path = '{w.stored_source}'"), [4, 3, 2, 1])
    same(version_numbers(w, f"run_id IN ('{w.logging_run}', '0') AND {name}"), [4, 3, 2, 1])
    same(version_numbers(w, f"{name} AND tags.number = 'none'"), [])


@step("found versions come in the order that was asked for, in pages")
def _(w):
    name = f"name = '{w.registered}'"
    same(version_numbers(w, name, order_by=["version_number ASC"]), [1, 2, 3, 4])
    got, sizes = pages(
        lambda token: w.client.search_model_versions(
            name, max_results=3, order_by=["version_number ASC"], page_token=token
        )
    )
    same(([int(v.version) for v in got], sizes), ([1, 2, 3, 4], [3, 1]))


@step("a found version carries its tags, stage and words")
def _(w):
    (got,) = [v for v in w.client.search_model_versions(f"name = '{w.registered}'") if int(v.version) == 2]
    same((got.tags["number"], got.current_stage, got.description), ("2", "Archived", "v2"))


@step("a found version carries its aliases", only="fairlead")
def _(w):
    (got,) = [v for v in w.client.search_model_versions(f"name = '{w.registered}'") if int(v.version) == 2]
    same(got.aliases, ["champion"])


@step("registered models are searched by name, pattern and tag, ordered and in pages")
def _(w):
    for i in range(5):
        w.client.create_registered_model(f"{w.prefix} listed {i}", tags={"odd": str(i % 2)})

    def names(condition, **more):
        return [m.name[-1] for m in w.client.search_registered_models(condition, **more)]

    same(names(f"name = '{w.prefix} listed 3'"), ["3"])
    same(names(f"name LIKE '{w.prefix} listed %'"), list("01234"))
    same(names(f"name ILIKE '{w.prefix.upper()} LISTED %'", order_by=["name DESC"]), list("43210"))
    same(names(f"name LIKE '{w.prefix} listed %' AND tags.odd = '1'"), ["1", "3"])
    got, sizes = pages(
        lambda token: w.client.search_registered_models(
            f"name LIKE '{w.prefix} listed %'", max_results=2, order_by=["name ASC"], page_token=token
        )
    )
    same(([m.name[-1] for m in got], sizes), (list("01234"), [2, 2, 1]))


@step("a search of models without conditions shows models that have no tag of a prompt")
def _(w):
    got, _sizes = pages(lambda token: w.client.search_registered_models(max_results=1000, page_token=token))
    assert w.registered in {m.name for m in got}


@step("filters of the registry that make no sense are refused")
def _(w):
    for condition in ("name > 'a'", "colour = 'red'", "name LIKE 'a' OR name LIKE 'b'", "name = a"):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.search_registered_models(condition)
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.search_model_versions(condition)


@step("a renamed model keeps its versions, tags and aliases")
def _(w):
    old, w.registered = w.registered, f"{w.prefix} renamed ship"
    w.client.rename_registered_model(old, w.registered)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_registered_model(old)
    same(version_numbers(w, f"name = '{w.registered}'"), [4, 3, 2, 1])
    same(int(w.client.get_model_version_by_alias(w.registered, "champion").version), 2)
    same(w.client.get_registered_model(w.registered).tags, {"team": "quay"})


@step("a model is not renamed to a name that is taken")
def _(w):
    with refused("RESOURCE_ALREADY_EXISTS"):
        w.client.rename_registered_model(w.registered, f"{w.prefix} listed 0")
    same(len(version_numbers(w, f"name = '{w.registered}'")), 4)


@step("a deleted version is gone, and its number is not given again")
def _(w):
    w.client.set_registered_model_alias(w.registered, "last", "4")
    w.client.delete_model_version(w.registered, "4")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_model_version(w.registered, "4")
    assert "last" not in w.client.get_registered_model(w.registered).aliases
    made = new_version(w, w.registered)
    same(int(made.version), 5)


@step("a version is copied to another model, which is made when there is none")
def _(w):
    target = f"{w.prefix} copies"
    copy = w.client.copy_model_version(f"models:/{w.registered}/2", target)
    same((copy.name, int(copy.version)), (target, 1))
    got = w.client.get_model_version(target, "1")
    same((got.description, got.run_id), ("v2", w.logging_run))
    loaded = mlflow.sklearn.load_model(f"models:/{target}/1")
    same(loaded.n_estimators, 5)
    again = w.client.copy_model_version(f"models:/{target}/1", f"{w.prefix} copies of copies")
    same(mlflow.sklearn.load_model(f"models:/{again.name}/{again.version}").n_estimators, 5)


@step("a deleted model is gone with its versions, and its name is free")
def _(w):
    name = f"{w.prefix} short lived"
    w.client.create_registered_model(name)
    new_version(w, name)
    w.client.delete_registered_model(name)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_registered_model(name)
    same(version_numbers(w, f"name = '{name}'"), [])
    same(w.client.create_registered_model(name).latest_versions, [])


@step("register_model registers what a run has logged")
def _(w):
    made = mlflow.register_model(f"runs:/{w.logging_run}/model", f"{w.prefix} by function", tags={"how": "function"})
    same((int(made.version), made.run_id, made.tags["how"]), (1, w.logging_run, "function"))
    same(mlflow.sklearn.load_model(f"models:/{w.prefix} by function/1").n_estimators, 5)


@step("a version made of a logged model knows it, and the logged model knows the version", since=3)
def _(w):
    made = mlflow.register_model(f"models:/{w.logged.model_id}", f"{w.prefix} of logged")
    got = w.client.get_model_version(made.name, made.version)
    same((got.run_id, got.status), (w.logging_run, "READY"))
    tag = w.client.get_logged_model(w.logged.model_id).tags["mlflow.modelVersions"]
    assert f"{w.prefix} of logged" in tag, tag


@step("a model is registered while it is logged")
def _(w):
    from steps_flavours import log_sklearn

    name = f"{w.prefix} at once"
    for number in (1, 2):
        with mlflow.start_run():
            how = {"registered_model_name": name, "pip_requirements": ["scikit-learn"]}
            info = log_sklearn(w, w.forest, "model", **how)
        same(int(w.client.get_latest_versions(name)[0].version), number)
        same(int(info.registered_model_version), number)
