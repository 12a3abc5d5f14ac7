"""Makes an ONNX model of a registered one, in the Python environment of whoever made it.

Here, and never in the server, a pickle is opened. The result is written to FAIRLEAD_OUTPUT_DIR: `model/`, a model of the
flavour `onnx` in MLflow's layout, and `report.json`. Both models answer the same rows, and the conversion fails when they differ.
"""
import argparse
import importlib.metadata
import json
import os

from compare_answers import compare
from converters import CONVERTERS, convert
from refusal import needed, stop
from sample_rows import columns_of, rows_for


def main():
    asked = read_arguments()
    mlflow = needed("mlflow")
    folder = mlflow.artifacts.download_artifacts(f"models:/{asked.model}/{asked.version}")
    recorded = mlflow.models.Model.load(folder)
    flavour = next((name for name in CONVERTERS if name in recorded.flavors), None)
    if flavour is None:
        stop(f"it has the flavours {', '.join(sorted(recorded.flavors))}; what can be converted is {', '.join(CONVERTERS)}")
    needed(flavour_package(flavour))
    original = getattr(mlflow, flavour).load_model(folder)
    columns = columns_of(recorded, original)
    rows, rows_from = rows_for(asked, recorded, folder, columns)
    converted = convert(flavour, original, columns, rows)
    report = compare(flavour, original, converted, columns, rows)
    report.update(flavour=flavour, rows=len(rows), rowsFrom=rows_from, tolerance=asked.tolerance, packages=packages(flavour))
    out = os.environ["FAIRLEAD_OUTPUT_DIR"]
    with open(os.path.join(out, "report.json"), "w") as file:
        json.dump(report, file, indent=1)
    print(json.dumps(report))
    # Negated, so that NaN is too large.
    if not report["maxDifference"] <= asked.tolerance or report["labelsDiffering"] > 0:
        stop(
            f"the converted model does not give the same answers: up to {report['maxDifference']:.3g} apart "
            f"(tolerance {asked.tolerance:g}), {report['labelsDiffering']} of {len(rows)} labels differ"
        )
    pins = [f"{name}=={importlib.metadata.version(name)}" for name in ("onnx", "onnxruntime")]
    mlflow.onnx.save_model(
        converted, os.path.join(out, "model"), signature=recorded.signature, pip_requirements=pins, metadata=recorded.metadata
    )


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--sample")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    return parser.parse_args()


def flavour_package(flavour):
    return {"pytorch": "torch"}.get(flavour, flavour)


def packages(flavour):
    names = (flavour_package(flavour), "mlflow", "onnx", "onnxruntime", "skl2onnx", "onnxmltools")
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version({"sklearn": "scikit-learn"}.get(name, name))
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


if __name__ == "__main__":
    main()
