import math

import mlflow
from framework import pages, refused, same, step
from mlflow.entities import Metric, Param, RunTag, ViewType


def found(w, condition="", order_by=None, **more):
    """The numbers of the found runs, by number unless an order is given."""
    runs = w.client.search_runs([w.searched], condition, order_by=order_by, **more)
    numbers = [int(r.data.tags["number"]) for r in runs]
    return numbers if order_by else sorted(numbers)


@step("a search without conditions finds everything, the latest first")
def _(w):
    w.searched = w.client.create_experiment(f"{w.prefix} searched")
    w.found = []
    for i in range(12):
        run = w.client.create_run(w.searched, start_time=1_700_000_000_000 + i, run_name=f"Run {i:02d}").info.run_id
        metrics = [Metric("acc", i / 10, 1, 0), Metric("val/loss", 1 - i / 10, 1, 0)]
        if i % 2 == 0:
            metrics += [Metric("even only", i, 1, 0)]
        w.client.log_batch(
            run,
            metrics=metrics,
            params=[Param("model", "forest" if i < 6 else "Boost"), Param("odd name", str(i)), Param("share", f"{i}%")],
            tags=[RunTag("number", str(i)), RunTag("mlflow.user", "ann" if i < 3 else "bob"), RunTag("a.b-c", "ä'q")],
        )
        if i > 8:
            w.client.set_terminated(run, status="FAILED" if i == 9 else "FINISHED", end_time=1_700_000_100_000 + i)
        w.found.append(run)
    runs = w.client.search_runs([w.searched])
    same([int(r.data.tags["number"]) for r in runs], list(range(11, -1, -1)))


@step("metrics are compared by every operator")
def _(w):
    same(found(w, "metrics.acc > 0.9"), [10, 11])
    same(found(w, "metrics.acc >= 0.9"), [9, 10, 11])
    same(found(w, "metrics.acc < 0.1"), [0])
    same(found(w, "metrics.acc <= 1e-1"), [0, 1])
    same(found(w, "metrics.acc = 0.5"), [5])
    same(found(w, "metrics.acc != 0.5"), [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11])
    same(found(w, "metric.`val/loss` < -0.05"), [11])
    same(found(w, 'metrics."even only" >= 8'), [8, 10])


@step("a run without the metric matches no comparison with it")
def _(w):
    same(found(w, "metrics.`even only` != 4"), [0, 2, 6, 8, 10])
    same(found(w, "metrics.nobody > 0"), [])


@step("parameters are compared as texts")
def _(w):
    same(found(w, "params.model = 'Boost'"), [6, 7, 8, 9, 10, 11])
    same(found(w, "params.model != 'Boost'"), [0, 1, 2, 3, 4, 5])
    same(found(w, "parameter.`odd name` = '7'"), [7])
    same(found(w, "param.model = \"forest\" and params.`odd name` = '2'"), [2])
    same(found(w, "params.model = 'boost'"), [])


@step("patterns care for case with LIKE and not with ILIKE")
def _(w):
    same(found(w, "params.model LIKE 'Bo%'"), [6, 7, 8, 9, 10, 11])
    same(found(w, "params.model LIKE 'bo%'"), [])
    same(found(w, "params.model ILIKE 'bo%'"), [6, 7, 8, 9, 10, 11])
    same(found(w, "params.`odd name` LIKE '1_'"), [10, 11])


@step("tags are compared, with quotes and letters of any script")
def _(w):
    same(found(w, "tags.number = '3'"), [3])
    same(found(w, "tag.number LIKE '1%' AND tags.number != '1'"), [10, 11])
    same(len(found(w, "tags.`a.b-c` = \"ä'q\"")), 12)
    same(found(w, "tags.nobody = 'x'"), [])


@step("attributes of runs are compared")
def _(w):
    same(found(w, "attributes.status = 'FAILED'"), [9])
    same(found(w, "status != 'RUNNING'"), [9, 10, 11])
    same(found(w, "attribute.run_name = 'Run 04'"), [4])
    same(found(w, "run_name ILIKE 'run 1%'"), [10, 11])
    same(found(w, "attributes.start_time >= 1700000000009"), [9, 10, 11])
    same(found(w, "attributes.end_time = 1700000100010"), [10])
    same(found(w, "attributes.user_id = 'nobody'"), [])
    same(found(w, f"attributes.artifact_uri LIKE '%{w.found[3]}%'"), [3])


@step("run_id is compared with one and with several")
def _(w):
    same(found(w, f"attributes.run_id = '{w.found[2]}'"), [2])
    listed = ", ".join(f"'{w.found[i]}'" for i in (1, 5))
    same(found(w, f"attributes.run_id IN ({listed})"), [1, 5])
    same(found(w, f"run_id NOT IN ({listed})"), [0, 2, 3, 4, 6, 7, 8, 9, 10, 11])


@step("conditions are joined by and")
def _(w):
    same(found(w, "metrics.acc > 0.2 AND metrics.acc < 0.9 and params.model = 'forest' AND tags.number != '4'"), [3, 5])


@step("runs are ordered by metrics, those without it last")
def _(w):
    same(found(w, "metrics.acc < 0.5", ["metrics.`even only` DESC", "attributes.start_time ASC"]), [4, 2, 0, 1, 3])
    same(found(w, "metrics.acc < 0.5", ["metrics.`even only` ASC", "attributes.start_time ASC"]), [0, 2, 4, 1, 3])


@step("runs are ordered by parameters, tags and attributes")
def _(w):
    same(found(w, "", ["params.model ASC", "start_time DESC"]), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    same(found(w, "", ["params.model DESC", "start_time ASC"]), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    same(found(w, "metrics.acc < 0.3", ["attributes.run_name DESC"]), [2, 1, 0])
    same(found(w, "", ["tags.number ASC"])[:4], [0, 1, 10, 11])


@step("not-a-number comes after the numbers in every order")
def _(w):
    runs = w.client.create_experiment(f"{w.prefix} nan")
    for i, value in enumerate((1.0, math.nan, -1.0, None)):
        run = w.client.create_run(runs, tags={"number": str(i)}).info.run_id
        if value is not None:
            w.client.log_metric(run, "m", value)
    for order, wanted in (("ASC", [2, 0, 1, 3]), ("DESC", [0, 2, 1, 3])):
        got = w.client.search_runs([runs], order_by=[f"metrics.m {order}"])
        same([int(r.data.tags["number"]) for r in got], wanted)


@step("found runs come in pages, each once")
def _(w):
    got, sizes = pages(
        lambda token: w.client.search_runs(
            [w.searched], order_by=["metrics.acc ASC"], max_results=5, page_token=token
        )
    )
    same([int(r.data.tags["number"]) for r in got], list(range(12)))
    same(sizes, [5, 5, 2])


@step("pages of a filtered search go on in the same search")
def _(w):
    got, sizes = pages(
        lambda token: w.client.search_runs(
            [w.searched], "params.model = 'Boost'", order_by=["params.model ASC"], max_results=4, page_token=token
        )
    )
    same((sorted(int(r.data.tags["number"]) for r in got), sizes), ([6, 7, 8, 9, 10, 11], [4, 2]))


@step("runs of several experiments are searched at once")
def _(w):
    other = w.client.create_experiment(f"{w.prefix} other searched")
    run = w.client.create_run(other, tags={"number": "99"}).info.run_id
    w.client.log_metric(run, "acc", 0.95)
    got = w.client.search_runs([w.searched, other], "metrics.acc > 0.9", order_by=["metrics.acc ASC"])
    same([int(r.data.tags["number"]) for r in got], [99, 10, 11])
    same(w.client.search_runs([], ""), [])


@step("deleted runs are found only when asked for")
def _(w):
    w.client.delete_run(w.found[0])
    same(0 in found(w), False)
    same(found(w, run_view_type=ViewType.DELETED_ONLY), [0])
    same(len(found(w, run_view_type=ViewType.ALL)), 12)
    w.client.restore_run(w.found[0])


@step("search_runs gives a table with every metric and parameter as a column")
def _(w):
    table = mlflow.search_runs([w.searched], "metrics.acc >= 0.9", order_by=["metrics.acc DESC"])
    same(table["metrics.acc"].tolist(), [1.1, 1.0, 0.9])
    same(table["params.model"].tolist(), ["Boost"] * 3)
    same(table["status"].tolist(), ["FINISHED", "FINISHED", "FAILED"])
    named = mlflow.search_runs(experiment_names=[f"{w.prefix} searched"], max_results=4, output_format="list")
    same(len(named), 4)


@step("a found run has the latest of each metric and all its parameters and tags")
def _(w):
    (run,) = w.client.search_runs([w.searched], "tags.number = '4'")
    same(run.data.metrics, {"acc": 0.4, "val/loss": 0.6, "even only": 4.0})
    same(run.data.params, {"model": "forest", "odd name": "4", "share": "4%"})
    same(run.to_dictionary(), w.client.get_run(w.found[4]).to_dictionary())


@step("filters that make no sense are refused")
def _(w):
    for condition in (
        "metrics.acc > 0.1 OR metrics.acc < 0",
        "metrics.acc > 'text'",
        "params.model > 'a'",
        "params.model = 5",
        "metrics.acc",
        "metrics.acc >",
        "colours.red = 'x'",
        "attributes.nobody = 'x'",
        "tags.a = 'unclosed",
        "NOT metrics.acc > 1",
        "metrics.acc > 1; metrics.acc > 2",
    ):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.search_runs([w.searched], condition)


@step("orders, limits and pages that make no sense are refused")
def _(w):
    for more in (
        {"order_by": ["metrics.acc SIDEWAYS"]},
        {"order_by": ["nobody.acc"]},
        {"max_results": 50_001},
        {"page_token": "this is no token"},
    ):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.search_runs([w.searched], **more)
