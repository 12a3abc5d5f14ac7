"""python lost_answers.py PROXY SERVER WORD: makes one of everything through a proxy that cuts first answers off, twice of one.

Writes one line of JSON: how many of each the server at SERVER has, asked without the proxy.
"""

import json
import os
import sys

os.environ.update(
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR="1",
    MLFLOW_HTTP_REQUEST_BACKOFF_JITTER="0",
    MLFLOW_HTTP_REQUEST_TIMEOUT="60",
    GIT_PYTHON_REFRESH="quiet",
)

from mlflow import MlflowClient  # noqa: E402
from mlflow.entities.webhook import WebhookEvent  # noqa: E402


def main():
    proxy, server, word = sys.argv[1:4]
    client = MlflowClient(proxy)
    experiment = client.create_experiment(word)
    run = client.create_run(experiment, start_time=7, run_name=word)
    model = client.create_registered_model(word)
    source = f"{run.info.artifact_uri}/model"
    first = client.create_model_version(model.name, source, run.info.run_id)
    second = client.create_model_version(model.name, source, run.info.run_id)  # the same again, on purpose
    logged = client.create_logged_model(experiment, name=word)
    client.create_webhook(name=word, url="https://example.org/", events=[WebhookEvent.from_str("registered_model.created")])

    direct = MlflowClient(server)
    counts = {
        "experiments": len(direct.search_experiments(filter_string=f"name = '{word}'")),
        "runs": len(direct.search_runs([experiment])),
        "models": len(direct.search_registered_models(f"name = '{word}'")),
        "versions": [int(v.version) for v in direct.search_model_versions(f"name = '{word}'")],
        "told": [int(first.version), int(second.version)],
        "logged": [m.model_id for m in direct.search_logged_models([experiment])] == [logged.model_id],
        "webhooks": len([w for w in direct.list_webhooks() if w.name == word]),
    }
    print(json.dumps(counts))


main()
