# What all peers share: one session on one thread, rows with named columns in, label and probabilities out.
import os

import numpy as np
import onnxruntime as ort

os.environ.setdefault("OMP_NUM_THREADS", "1")


class Model:
    def __init__(self, path):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.columns = [spec.name for spec in self.session.get_inputs()]
        self.labels = os.environ["LABELS"].split(",")

    def answer(self, rows):
        """`rows`: a list of dicts of numbers. One tensor [n, 1] per column, as the packaged model takes them."""
        cells = np.array([[row[name] for name in self.columns] for row in rows], dtype=np.float32)
        feeds = {name: cells[:, i : i + 1] for i, name in enumerate(self.columns)}
        return self.present(*self.session.run(["label", "probabilities"], feeds))

    def present(self, labels, probabilities):
        return [
            {"label": str(label), "probabilities": dict(zip(self.labels, row))}
            for label, row in zip(labels.tolist(), probabilities.tolist())
        ]
