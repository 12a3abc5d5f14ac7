"""Answers a file with a packaged model the way a notebook does: pandas, onnxruntime, pandas.

usage: predict_peer.py prepare ROWS SOURCE.parquet OUT.csv OUT.parquet | predict MODEL.onnx DATA OUT.csv
The last line of `predict` is {ms, peakMiB, mean}: from the start of the process, and the mean probability of the second class.
"""
import json
import resource
import sys
import time

START = time.perf_counter()
THREADS = 2
BATCH_ROWS = 65_536


def prepare(rows, source, csv_path, parquet_path):
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as parquet

    table = parquet.read_table(source)
    picked = np.sort(np.random.default_rng(0).permutation(table.num_rows)[:rows])
    table = table.take(picked)
    when = table["date"].to_numpy()
    days = when.astype("datetime64[D]")
    flights = pa.table(
        {
            "hour": (when - days).astype("timedelta64[h]").astype("int64"),
            "weekday": (days.astype("int64") + 4) % 7,
            "month": when.astype("datetime64[M]").astype("int64") % 12 + 1,
            "distance": table["distance"],
            "origin": table["origin"].cast(pa.string()),
            "destination": table["destination"].cast(pa.string()),
            "late": pa.array(table["delay"].to_numpy() > 15),
        }
    )
    csv.write_csv(flights, csv_path)
    parquet.write_table(flights, parquet_path)


def predict(model, data, out):
    import numpy as np
    import onnxruntime as ort
    import pandas as pd

    table = pd.read_csv(data) if data.endswith(".csv") else pd.read_parquet(data)
    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = ort.InferenceSession(model, options)
    inputs = {
        one.name: table[one.name].to_numpy(dtype=object if one.type == "tensor(string)" else np.float32)[:, None]
        for one in session.get_inputs()
    }
    labels, probabilities = [], []
    for at in range(0, len(table), BATCH_ROWS):
        part = {name: values[at : at + BATCH_ROWS] for name, values in inputs.items()}
        label, probability = session.run(["label", "probabilities"], part)
        labels.append(label.ravel())
        probabilities.append(probability)
    scores = np.concatenate(probabilities)
    answers = pd.DataFrame({"label": np.concatenate(labels), "p_0": scores[:, 0], "p_1": scores[:, 1]})
    answers.to_csv(out, index=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ms = 1000 * (time.perf_counter() - START)
    print(json.dumps({"ms": ms, "peakMiB": peak, "mean": float(scores[:, 1].mean(dtype=np.float64))}))


if sys.argv[1] == "prepare":
    prepare(int(sys.argv[2]), *sys.argv[3:])
else:
    predict(*sys.argv[2:])
