import json
import os
import re
import subprocess
import sys

from click.testing import CliRunner
from framework import same, step

MLFLOW = os.path.join(os.path.dirname(sys.executable), "mlflow")


def process(*arguments):
    """The installed program in a process of its own: 5 to 10 s each, nearly all of it Python's imports."""
    done = subprocess.run([MLFLOW, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-1500:]
    return done.stdout


def command(*arguments):
    """The same command, parsed and done by the same code, within this process, which has imported everything already."""
    from mlflow.cli import cli

    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, f"{done.output[-1500:]} {done.exception!r}"
    return getattr(done, "stdout", done.output)


@step("mlflow experiments create, search and rename")
def _(w):
    said = process("experiments", "create", "--experiment-name", f"{w.prefix} by command")
    w.commanded = re.search(r"with id (\d+)", said).group(1)
    assert f"{w.prefix} by command" in command("experiments", "search")
    command("experiments", "rename", "--experiment-id", w.commanded, "--new-name", f"{w.prefix} by hand")
    same(w.client.get_experiment(w.commanded).name, f"{w.prefix} by hand")


@step("mlflow experiments delete and restore")
def _(w):
    command("experiments", "delete", "--experiment-id", w.commanded)
    same(w.client.get_experiment(w.commanded).lifecycle_stage, "deleted")
    command("experiments", "restore", "--experiment-id", w.commanded)
    same(w.client.get_experiment(w.commanded).lifecycle_stage, "active")


@step("mlflow runs list and describe")
def _(w):
    w.commanded_run = w.client.create_run(w.commanded, run_name="by command").info.run_id
    w.client.log_metric(w.commanded_run, "m", 1.5)
    assert w.commanded_run in command("runs", "list", "--experiment-id", w.commanded)
    told = json.loads(command("runs", "describe", "--run-id", w.commanded_run))
    same((told["info"]["run_name"], told["data"]["metrics"]), ("by command", {"m": 1.5}))


@step("mlflow experiments csv")
def _(w):
    command("experiments", "csv", "--experiment-id", w.commanded, "--filename", "runs.csv")
    with open("runs.csv") as file:
        assert w.commanded_run in file.read()


@step("mlflow artifacts log-artifact, log-artifacts, list and download")
def _(w):
    with open("note.txt", "w") as file:
        file.write("by command")
    command("artifacts", "log-artifact", "--run-id", w.commanded_run, "--local-file", "note.txt")
    command("artifacts", "log-artifacts", "--run-id", w.commanded_run, "--local-dir", "tree", "--artifact-path", "t")
    listed = json.loads(command("artifacts", "list", "--run-id", w.commanded_run))
    same(sorted(f["path"] for f in listed), ["note.txt", "t"])
    where = command("artifacts", "download", "--run-id", w.commanded_run, "--artifact-path", "note.txt").strip()
    with open(where.splitlines()[-1]) as file:
        same(file.read(), "by command")


@step("mlflow runs delete and restore")
def _(w):
    command("runs", "delete", "--run-id", w.commanded_run)
    same(w.client.get_run(w.commanded_run).info.lifecycle_stage, "deleted")
    command("runs", "restore", "--run-id", w.commanded_run)
    same(w.client.get_run(w.commanded_run).info.lifecycle_stage, "active")


@step("mlflow models predict fetches a registered model and answers")
def _(w):
    with open("rows.json", "w") as file:
        json.dump({"inputs": [[5.1, 3.5, 1.4, 0.2]]}, file)
    process(
        "models", "predict", "--model-uri", f"models:/{w.registered}@champion", "--env-manager", "local",
        "--input-path", "rows.json", "--output-path", "answer.json",
    )
    with open("answer.json") as file:
        same(json.load(file)["predictions"], [0])
