import re
import time

import mlflow
from framework import refused, same, step
from mlflow.entities import Param, RunTag, ViewType


@step("a run has an id, a name of its own and a place for its files")
def _(w):
    run = w.client.create_run(w.experiment, start_time=1_700_000_000_123, tags={"colour": "grün"})
    w.run = run.info.run_id
    assert re.fullmatch(r"[0-9a-f]{32}", w.run), w.run
    assert re.fullmatch(r"[a-z]+-[a-z]+-\d+", run.info.run_name), run.info.run_name
    got = w.client.get_run(w.run)
    same((got.info.status, got.info.lifecycle_stage, got.info.experiment_id), ("RUNNING", "active", w.experiment))
    same((got.info.start_time, got.info.end_time), (1_700_000_000_123, None))
    same((got.data.tags["colour"], got.data.tags["mlflow.runName"]), ("grün", run.info.run_name))
    assert got.info.artifact_uri.endswith(f"/{w.experiment}/{w.run}/artifacts"), got.info.artifact_uri


@step("a run's name may be given and changed, and its tag follows")
def _(w):
    run = w.client.create_run(w.experiment, run_name="first name").info.run_id
    same(w.client.get_run(run).data.tags["mlflow.runName"], "first name")
    w.client.update_run(run, name="second näme")
    got = w.client.get_run(run)
    same((got.info.run_name, got.data.tags["mlflow.runName"]), ("second näme",) * 2)
    w.client.set_tag(run, "mlflow.runName", "third")
    same(w.client.get_run(run).info.run_name, "third")


@step("start_run makes the run active and says who and what made it")
def _(w):
    mlflow.set_experiment(experiment_id=w.experiment)
    with mlflow.start_run(run_name="fluent", description="what it is for", tags={"a": "1"}) as run:
        same(mlflow.active_run().info.run_id, run.info.run_id)
        mlflow.log_param("depth", 3)
        w.fluent = run.info.run_id
    got = mlflow.get_run(w.fluent)
    same((got.info.status, got.info.run_name), ("FINISHED", "fluent"))
    assert got.info.end_time >= got.info.start_time
    same((got.data.tags["a"], got.data.tags["mlflow.note.content"]), ("1", "what it is for"))
    assert {"mlflow.user", "mlflow.source.name", "mlflow.source.type"} <= set(got.data.tags)
    same(got.data.params, {"depth": "3"})


@step("a run whose script fails is marked as failed")
def _(w):
    try:
        with mlflow.start_run() as run:
            raise ValueError("on purpose")
    except ValueError:
        same(w.client.get_run(run.info.run_id).info.status, "FAILED")


@step("a run is taken up again by its id")
def _(w):
    with mlflow.start_run(run_id=w.fluent):
        same(w.client.get_run(w.fluent).info.status, "RUNNING")
        mlflow.log_param("again", "yes")
    got = w.client.get_run(w.fluent)
    same((got.info.status, got.data.params["again"]), ("FINISHED", "yes"))


@step("a run ends with the state and the time that the client gives")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    w.client.set_terminated(run, status="KILLED", end_time=1_800_000_000_456)
    got = w.client.get_run(run).info
    same((got.status, got.end_time), ("KILLED", 1_800_000_000_456))
    w.client.update_run(run, status="SCHEDULED")
    same(w.client.get_run(run).info.status, "SCHEDULED")


@step("nested runs know their parent")
def _(w):
    with mlflow.start_run(run_name="parent") as parent:
        children = []
        for i in range(3):
            with mlflow.start_run(run_name=f"child {i}", nested=True) as child:
                mlflow.log_metric("loss", i)
                children.append(child.info.run_id)
    found = w.client.search_runs([w.experiment], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    same(sorted(r.info.run_id for r in found), sorted(children))
    same(w.client.get_parent_run(children[0]).info.run_id, parent.info.run_id)
    same(w.client.get_parent_run(parent.info.run_id), None)


@step("a run that does not exist is not found")
def _(w):
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_run("0" * 32)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.log_metric("0" * 32, "m", 1.0)


@step("a run in an experiment that does not exist is refused")
def _(w):
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.create_run("987654321")


@step("parameters are kept as texts")
def _(w):
    w.client.log_param(w.run, "rate", 0.1)
    w.client.log_param(w.run, "layers", [64, 32])
    w.client.log_param(w.run, "none", None)
    w.client.log_param(w.run, "größe", "ä 漢字 🚀\nline 2")
    got = w.client.get_run(w.run).data.params
    same((got["rate"], got["layers"], got["none"]), ("0.1", "[64, 32]", "None"))
    same(got["größe"], "ä 漢字 🚀\nline 2")


@step("an empty parameter is a value")
def _(w):
    w.client.log_param(w.run, "empty", "")
    same(w.client.get_run(w.run).data.params["empty"], "")


@step("a parameter may be logged again with the same value only")
def _(w):
    w.client.log_param(w.run, "rate", 0.1)
    with refused("INVALID_PARAMETER_VALUE", "Changing param values is not allowed"):
        w.client.log_param(w.run, "rate", 0.2)
    same(w.client.get_run(w.run).data.params["rate"], "0.1")


@step("long parameters and tags stay whole")
def _(w):
    w.client.log_param(w.run, "long", "p" * 6000)
    w.client.set_tag(w.run, "long", "t" * 8000)
    got = w.client.get_run(w.run).data
    same((len(got.params["long"]), len(got.tags["long"])), (6000, 8000))


@step("a parameter that is too long is refused whole instead of being cut", only="fairlead")
def _(w):
    with refused("INVALID_PARAMETER_VALUE"):
        w.client.log_param(w.run, "too long", "p" * 6001)
    assert "too long" not in w.client.get_run(w.run).data.params


@step("names of parameters may have slashes, dots, dashes, colons and spaces")
def _(w):
    names = ["a/b", "a.b", "a-b", "a b", "a:b", "x" * 250]
    w.client.log_batch(w.run, params=[Param(n, n[:5]) for n in names])
    got = w.client.get_run(w.run).data.params
    same([got[n] for n in names], [n[:5] for n in names])


@step("names that are no names are refused")
def _(w):
    for name in ("", "a//b", "../a", "/a", "a\nb", "a;b", "x" * 251, "."):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.log_param(w.run, name, 1)
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.log_metric(w.run, name, 1.0)


@step("a hundred parameters and a hundred tags go in one batch")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    w.client.log_batch(
        run, params=[Param(f"p{i}", str(i)) for i in range(100)], tags=[RunTag(f"t{i}", str(i)) for i in range(100)]
    )
    got = w.client.get_run(run).data
    same({k: v for k, v in got.params.items()}, {f"p{i}": str(i) for i in range(100)})
    same(sum(1 for k in got.tags if re.fullmatch(r"t\d+", k)), 100)


@step("more parameters than fit into one batch are all kept")
def _(w):
    with mlflow.start_run() as run:
        mlflow.log_params({f"p{i}": i for i in range(250)})
    same(len(w.client.get_run(run.info.run_id).data.params), 250)


@step("a batch with one changed parameter changes nothing", only="fairlead")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    w.client.log_param(run, "fixed", "1")
    with refused("INVALID_PARAMETER_VALUE"):
        w.client.log_batch(run, params=[Param("other", "1"), Param("fixed", "2")], tags=[RunTag("t", "1")])
    got = w.client.get_run(run).data
    same((got.params, "t" in got.tags), ({"fixed": "1"}, False))


@step("tags are set, overwritten and deleted")
def _(w):
    w.client.set_tag(w.run, "state", "draft")
    w.client.set_tag(w.run, "state", "ünder review\n2")
    same(w.client.get_run(w.run).data.tags["state"], "ünder review\n2")
    w.client.delete_tag(w.run, "state")
    assert "state" not in w.client.get_run(w.run).data.tags
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.delete_tag(w.run, "state")


@step("set_tags writes many tags of the active run")
def _(w):
    with mlflow.start_run() as run:
        mlflow.set_tags({"a": 1, "b": None, "c.d": "x"})
        mlflow.delete_tag("a")
    got = w.client.get_run(run.info.run_id).data.tags
    same((got["b"], got["c.d"], "a" in got), ("None", "x", False))


@step("a deleted run is found by its id and among the deleted, and is restored")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    w.client.log_metric(run, "kept", 1.5)
    w.client.delete_run(run)
    same(w.client.get_run(run).info.lifecycle_stage, "deleted")
    active = {r.info.run_id for r in w.client.search_runs([w.experiment], max_results=1000)}
    gone = {r.info.run_id for r in w.client.search_runs([w.experiment], run_view_type=ViewType.DELETED_ONLY)}
    assert run not in active and run in gone
    w.client.restore_run(run)
    got = w.client.get_run(run)
    same((got.info.lifecycle_stage, got.data.metrics), ("active", {"kept": 1.5}))


@step("nothing is written into a deleted run")
def _(w):
    run = w.client.create_run(w.experiment).info.run_id
    w.client.delete_run(run)
    for write in (
        lambda: w.client.log_metric(run, "m", 1.0),
        lambda: w.client.log_param(run, "p", 1),
        lambda: w.client.set_tag(run, "t", 1),
        lambda: w.client.update_run(run, status="FINISHED"),
    ):
        with refused("INVALID_PARAMETER_VALUE"):
            write()


@step("asynchronous logging is there when it has been waited for")
def _(w):
    with mlflow.start_run() as run:
        mlflow.log_param("p", 1, synchronous=False)
        mlflow.set_tag("t", "x", synchronous=False)
        for i in range(50):
            mlflow.log_metric("m", i, step=i, synchronous=False)
        mlflow.log_metrics({"n": 1.0, "o": 2.0}, synchronous=False).wait()
        mlflow.flush_async_logging()
    got = w.client.get_run(run.info.run_id).data
    same((got.params, got.tags["t"], got.metrics), ({"p": "1"}, "x", {"m": 49.0, "n": 1.0, "o": 2.0}))
    same([m.step for m in w.client.get_metric_history(run.info.run_id, "m")], list(range(50)))


@step("asynchronous logging can be the habit of the whole script")
def _(w):
    mlflow.config.enable_async_logging(True)
    try:
        with mlflow.start_run() as run:
            mlflow.log_params({"a": 1, "b": 2})
            mlflow.log_metric("m", 7)
        mlflow.flush_async_logging()
    finally:
        mlflow.config.enable_async_logging(False)
    got = w.client.get_run(run.info.run_id).data
    same((got.params, got.metrics), ({"a": "1", "b": "2"}, {"m": 7.0}))


@step("system metrics are sampled while the run goes on")
def _(w):
    mlflow.set_system_metrics_sampling_interval(0.2)
    mlflow.set_system_metrics_samples_before_logging(1)
    with mlflow.start_run(log_system_metrics=True) as run:
        time.sleep(1.5)
    got = w.client.get_run(run.info.run_id).data.metrics
    assert "system/cpu_utilization_percentage" in got, sorted(got)
    assert w.client.get_metric_history(run.info.run_id, "system/system_memory_usage_megabytes")[0].value > 0
