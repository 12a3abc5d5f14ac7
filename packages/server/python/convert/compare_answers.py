"""How far the answers of two models are apart."""
import json

from refusal import needed, stop


def compare(flavour, original, converted, columns, rows):
    numpy, runtime = needed("numpy"), needed("onnxruntime")
    session = runtime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])
    given = session.run(None, feeds_of(session.get_inputs(), columns, rows))
    labels, numbers = answers_of(flavour, original, rows)
    if len(given) == 1:
        got_labels, got = None, given[0]
    else:
        got_labels, got = given[0], given[1]
        if isinstance(got, list):
            got = [[row[label] for label in row] for row in got]
    got = numpy.asarray(got, dtype="float64").reshape(len(rows), -1)
    expected = numpy.asarray(numbers, dtype="float64").reshape(len(rows), -1)
    if got.shape != expected.shape:
        stop(f"it gives {expected.shape[1]} numbers per row and the converted model {got.shape[1]}")
    apart = numpy.abs(got - expected) / numpy.maximum(1, numpy.abs(expected))
    differing = 0
    if labels is not None and got_labels is not None:
        pairs = zip(numpy.ravel(labels).tolist(), numpy.ravel(got_labels).tolist())
        differing = sum(label_text(one) != label_text(other) for one, other in pairs)
    return {"maxDifference": float(apart.max()), "labelsDiffering": int(differing)}


def label_text(label):
    """A graph knows whole numbers and text: True is 1 there."""
    return str(int(label) if isinstance(label, bool) else label)


def feeds_of(inputs, columns, rows):
    numpy = needed("numpy")
    if len(inputs) == 1 and len(columns) != 1 or inputs[0].name == "X":
        return {inputs[0].name: rows.to_numpy("float32")}
    of = {"tensor(string)": object, "tensor(bool)": bool}
    return {
        given.name: numpy.asarray(rows[given.name].to_numpy(), dtype=of.get(given.type, "float32")).reshape(-1, 1)
        for given in inputs
    }


def answers_of(flavour, model, rows):
    """Labels (None for a regression) and the numbers that the model gives for every row."""
    numpy = needed("numpy")
    if flavour == "pytorch":
        torch = needed("torch")
        with torch.no_grad():
            return None, model(torch.from_numpy(rows.to_numpy("float32"))).numpy()
    nameless = rows.columns[0] is None or not isinstance(rows.columns[0], str)
    table = rows.to_numpy() if nameless else rows
    if type(model).__name__ == "Booster":
        if flavour == "xgboost":
            table = needed("xgboost").DMatrix(rows.to_numpy("float32"), feature_names=model.feature_names)
        numbers = numpy.asarray(model.predict(table))
        objective = booster_objective(flavour, model)
        if objective.startswith("binary"):
            numbers = numpy.column_stack([1 - numbers, numbers])
        return None, numbers
    if hasattr(model, "predict_proba"):
        return model.predict(table), model.predict_proba(table)
    return None, model.predict(table)


def booster_objective(flavour, model):
    if flavour == "lightgbm":
        return str(model.params.get("objective", "")) or model.dump_model().get("objective", "")
    return json.loads(model.save_config())["learner"]["objective"]["name"]
