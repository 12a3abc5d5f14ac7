"""python seed_mlflow.py JSON: writes runs straight into MLflow's tables, as its own API would take hours.

JSON: {"store": SQLAlchemy address, "experiment": id, "runs": n, "points": points of each metric, "long": points of one more
run's metric `long`, "experiments": empty ones}. Prints {"longRun": id}. The content is that of `contentOfRun` in calls.mjs.
"""

import json
import sqlite3
import sys
import uuid

task = json.loads(sys.argv[1])
BASE = 1_700_000_000_000
COLUMNS = {
    "experiments": ("experiment_id", "name", "artifact_location", "lifecycle_stage", "creation_time", "last_update_time"),
    "runs": (
        "run_uuid", "name", "source_type", "user_id", "status", "start_time", "lifecycle_stage", "artifact_uri", "experiment_id",
    ),
    "metrics": ("key", "value", "timestamp", "run_uuid", "step", "is_nan"),
    "latest_metrics": ("key", "value", "timestamp", "run_uuid", "step", "is_nan"),
    "params": ("key", "value", "run_uuid"),
    "tags": ("key", "value", "run_uuid"),
}


class Sqlite:
    def __init__(self, address):
        self.connection = sqlite3.connect(address.removeprefix("sqlite:///"), timeout=60)
        self.connection.execute("PRAGMA synchronous=OFF")

    def write(self, table, rows):
        names = COLUMNS[table]
        marks = ",".join("?" * len(names))
        self.connection.executemany(f"INSERT INTO {table} ({','.join(names)}) VALUES ({marks})", rows)

    def number_on(self):
        """SQLite numbers on by itself."""

    def ids(self, table, column):
        return [row[0] for row in self.connection.execute(f"SELECT {column} FROM {table}")]


class Postgres:
    def __init__(self, address):
        import psycopg2

        self.connection = psycopg2.connect(address)

    def write(self, table, rows):
        import io

        text = io.StringIO()
        for row in rows:
            text.write("\t".join("f" if v is False else "t" if v is True else str(v) for v in row) + "\n")
        text.seek(0)
        with self.connection.cursor() as cursor:
            cursor.copy_from(text, table, columns=COLUMNS[table])

    def number_on(self):
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('experiments', 'experiment_id'), max(experiment_id)) FROM experiments"
            )

    def ids(self, table, column):
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {table}")
            return [row[0] for row in cursor.fetchall()]


def run_row(run, i):
    where = f"mlflow-artifacts:/{task['experiment']}/{run}/artifacts"
    return (run, f"run-{i}", "UNKNOWN", "", "RUNNING", BASE + i, "active", where, int(task["experiment"]))


def value_of(i, k):
    return ((i + 1) * (k + 7) * 7919) % 1000 / 1000


store = Postgres(task["store"]) if task["store"].startswith("postgres") else Sqlite(task["store"])
points = task.get("points", 1)
for begin in range(0, task.get("runs", 0), 500):
    rows = {table: [] for table in COLUMNS if table != "experiments"}
    for i in range(begin, min(begin + 500, task["runs"])):
        run = uuid.uuid4().hex
        rows["runs"].append(run_row(run, i))
        rows["tags"].append(("mlflow.runName", f"run-{i}", run))
        for k in range(10):
            last = (f"metric{k}", value_of(i, k), BASE + i + points - 1, run, points - 1, False)
            for s in range(points - 1):
                rows["metrics"].append((f"metric{k}", value_of(i + s + 1, k), BASE + i + s, run, s, False))
            rows["metrics"].append(last)
            rows["latest_metrics"].append(last)
            rows["params"].append((f"param{k}", f"kind{i % 2}" if k == 0 else str((i * (k + 3)) % 97), run))
    for table, content in rows.items():
        store.write(table, content)
    store.connection.commit()

long_run = None
if task.get("long"):
    long_run = uuid.uuid4().hex
    store.write("runs", [run_row(long_run, 0)])
    store.write("tags", [("mlflow.runName", "long", long_run)])
    for begin in range(0, task["long"], 50_000):
        end = min(begin + 50_000, task["long"])
        store.write("metrics", [("long", s % 1000 / 7, BASE + s, long_run, s, False) for s in range(begin, end)])
    store.write("latest_metrics", [("long", task["long"] % 1000 / 7, BASE + task["long"], long_run, task["long"] - 1, False)])
if task.get("experiments"):
    first = max(int(i) for i in store.ids("experiments", "experiment_id")) + 1
    store.write(
        "experiments",
        [(first + i, f"empty {i}", f"mlflow-artifacts:/{first + i}", "active", BASE, BASE) for i in range(task["experiments"])],
    )
    store.number_on()
store.connection.commit()
print(json.dumps({"longRun": long_run}))
