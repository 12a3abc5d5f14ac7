"""Eight writers through the client, until the server is gone; then, asked again, whether everything acknowledged is there.

Reads words from the standard input, answers each with a line of JSON:
  write   begins to write; says {"writing": true} once every writer has had an answer, and {"acknowledged": {kind: count}} when
          the connection has broken for all of them
  check   {"checked": n, "missing": [...]} of what was acknowledged since the last check
  all     the same of everything
"""

import json
import os
import sys
import threading

os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", GIT_PYTHON_REFRESH="quiet")
ADDRESS = os.environ["MLFLOW_TRACKING_URI"] = sys.argv[1]
OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import mlflow  # noqa: E402
import requests  # noqa: E402
from mlflow.entities import Metric, Param, RunTag  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

WRITERS = 8
POINTS = 25

client = mlflow.MlflowClient()
lock = threading.Lock()


class Run:
    """What the server has acknowledged of one run."""

    def __init__(self, run_id):
        self.run_id = run_id
        self.points, self.singles = [], []
        self.params, self.tags, self.files, self.status = {}, {}, {}, "RUNNING"

    def missing(self):
        got = client.get_run(self.run_id)
        for what, kept, told in (("param", got.data.params, self.params), ("tag", got.data.tags, self.tags)):
            for key, value in told.items():
                if kept.get(key) != value:
                    yield f"{what} {key} of {self.run_id}: {kept.get(key)!r} instead of {value!r}"
        if self.status != "RUNNING" and got.info.status != self.status:
            yield f"{self.run_id} is {got.info.status}"
        history = [m.value for m in client.get_metric_history(self.run_id, "batched")] if self.points else []
        if history[: len(self.points)] != self.points:
            yield f"{len(self.points)} points of {self.run_id} acknowledged, {len(history)} there"
        # A batch whose answer never arrived may be there, but only as a whole.
        if len(history) % POINTS:
            yield f"part of a batch is there: {len(history)} points of {self.run_id}"
        singles = {m.value for m in client.get_metric_history(self.run_id, "single")} if self.singles else set()
        if not set(self.singles) <= singles:
            yield f"single metrics of {self.run_id} are missing: {set(self.singles) - singles}"
        for path, text in self.files.items():
            if mlflow.artifacts.load_text(f"{got.info.artifact_uri}/{path}") != text:
                yield f"{path} of {self.run_id} has another content"


class Version:
    def __init__(self, name, version, tag):
        self.name, self.version, self.tag = name, version, tag

    def missing(self):
        got = client.get_model_version(self.name, self.version)
        if got.tags.get("mark") != self.tag:
            yield f"version {self.version} of {self.name} has the tags {got.tags}"


class Place:
    """One writer's things; they outlive the round."""

    def __init__(self, number):
        self.number, self.count = number, 0
        self.experiment = client.create_experiment(f"durable {number}")
        self.model = f"durable {number}"
        client.create_registered_model(self.model)


kept, fresh, counts = [], [], {}


def acknowledged(kind, thing=None):
    with lock:
        counts[kind] = counts.get(kind, 0) + 1
        if thing is not None:
            fresh.append(thing)


def write_once(place):
    place.count += 1
    i = place.count
    run = Run(client.create_run(place.experiment, tags={"mark": str(i)}).info.run_id)
    run.tags["mark"] = str(i)
    acknowledged("runs", run)
    for batch in range(3):
        values = [place.number * 1e6 + i * 1e3 + batch * POINTS + p for p in range(POINTS)]
        metrics = [Metric("batched", v, 1_000 + batch * POINTS + p, batch * POINTS + p) for p, v in enumerate(values)]
        client.log_batch(run.run_id, metrics, [Param(f"p{batch}", str(i))], [RunTag(f"t{batch}", str(i))])
        run.points += values
        run.params[f"p{batch}"] = run.tags[f"t{batch}"] = str(i)
        acknowledged("batches")
        client.log_metric(run.run_id, "single", batch, step=batch)
        run.singles.append(float(batch))
        acknowledged("metrics")
    client.log_param(run.run_id, "alone", f"ü{i}")
    run.params["alone"] = f"ü{i}"
    acknowledged("params")
    client.set_tag(run.run_id, "alone", f"ö{i}")
    run.tags["alone"] = f"ö{i}"
    acknowledged("tags")
    text = f"{i} " * 2000
    client.log_text(run.run_id, text, "notes/a.txt")
    run.files["notes/a.txt"] = text
    acknowledged("files")
    source = f"mlflow-artifacts:/{place.experiment}/{run.run_id}/artifacts/notes"
    made = client.create_model_version(place.model, source, run.run_id, tags={"mark": str(i)})
    acknowledged("versions", Version(place.model, made.version, str(i)))
    client.set_terminated(run.run_id)
    run.status = "FINISHED"
    acknowledged("ends")


def write_until_gone(place, begun, refusals):
    try:
        while True:
            write_once(place)
            begun[place.number].set()
    except (MlflowException, requests.exceptions.RequestException) as error:
        broken = isinstance(error, requests.exceptions.RequestException) or "Max retries exceeded" in str(error)
        if not (broken or "Connection" in str(error)):
            refusals.append(repr(error))
    finally:
        begun[place.number].set()


def say(line):
    OUT.write(json.dumps(line) + "\n")
    OUT.flush()


def check(things):
    missing = []
    for thing in things:
        try:
            missing += thing.missing()
        except Exception as error:  # noqa: BLE001 - what cannot be read is not there
            missing.append(repr(error))
    say({"checked": len(things), "missing": missing[:20]})


places = [Place(number) for number in range(WRITERS)]
for line in sys.stdin:
    if line.strip() == "write":
        counts, refusals = {}, []
        begun = [threading.Event() for _ in places]
        threads = [threading.Thread(target=write_until_gone, args=(p, begun, refusals)) for p in places]
        for thread in threads:
            thread.start()
        for event in begun:
            event.wait()
        say({"writing": True})
        for thread in threads:
            thread.join()
        say({"acknowledged": counts, "refusals": refusals})
    elif line.strip() == "check":
        kept, things, fresh = kept + fresh, fresh, []
        check(things)
    else:
        check(kept)
