"""Scores a Parquet file the plain way: pyarrow reads batches, onnxruntime answers, pyarrow writes.

usage: batch_peer.py prepare ROWS COLUMNS OUT.parquet | score MODEL.onnx IN.parquet OUT.parquet
The last line of `score` is {ms, peakMiB, mean}: from the start of the process, and the mean of the last probability.
"""
import json
import resource
import sys
import time

START = time.perf_counter()
BATCH_ROWS = 65_536
THREADS = 2


def prepare(rows, columns, path):
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as parquet

    rng = np.random.default_rng(0)
    names = [f"x{i}" for i in range(columns)]
    schema = pa.schema([("id", pa.int64()), *((name, pa.float32()) for name in names)])
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, 1_000_000):
            count = min(1_000_000, rows - start)
            kind = rng.integers(0, 2, count)
            values = [
                (5 + kind * (i % 3) / 2 + (rng.random((3, count)).sum(axis=0) - 1.5) * 1.5).astype(np.float32)
                for i in range(columns)
            ]
            ids = np.arange(start, start + count)
            writer.write_table(pa.table([ids, *values], schema=schema))


def score(model, data, out):
    import numpy as np
    import onnxruntime as ort
    import pyarrow as pa
    import pyarrow.parquet as parquet

    options = ort.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = ort.InferenceSession(model, options)
    names = [one.name for one in session.get_inputs()]
    writer, total, rows = None, 0.0, 0
    for batch in parquet.ParquetFile(data).iter_batches(batch_size=BATCH_ROWS, columns=["id", *names]):
        feeds = {name: batch.column(name).to_numpy(zero_copy_only=False)[:, None] for name in names}
        label, probabilities = session.run(["label", "probabilities"], feeds)
        columns = {"id": batch.column("id"), "label": pa.array(label.ravel())}
        for k in range(probabilities.shape[1]):
            columns[f"p{k}"] = pa.array(probabilities[:, k])
        table = pa.table(columns)
        writer = writer or parquet.ParquetWriter(out, table.schema, compression="zstd")
        writer.write_table(table)
        total += float(probabilities[:, -1].sum(dtype=np.float64))
        rows += batch.num_rows
    writer.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ms = 1000 * (time.perf_counter() - START)
    print(json.dumps({"ms": ms, "peakMiB": peak, "mean": total / rows}))


if sys.argv[1] == "prepare":
    prepare(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
else:
    score(*sys.argv[2:])
