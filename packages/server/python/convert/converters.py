"""A model of each flavour as an ONNX graph, by the converters of its own world."""
import os
import sys

from refusal import needed, stop

# By itself every conversion makes up another name, so equal models would have other bytes.
GRAPH = "model"


def convert(flavour, model, columns, rows):
    accept_truth_values()
    try:
        converted = CONVERTERS[flavour](model, columns, rows)
    except Exception as error:  # whatever a converter throws says what it cannot do
        cause = error.__cause__ or error
        text = " ".join(str(cause).split())
        shown = text if len(text) <= 600 else f"{text[:300]} … {text[-300:]}"
        stop(f"the converter of {flavour} refuses it: {type(cause).__name__}: {shown}")
    # Their order comes from a set: sorted, equal models have equal bytes.
    opsets = sorted(converted.opset_import, key=lambda one: one.domain)
    del converted.opset_import[:]
    converted.opset_import.extend(opsets)
    return converted


def accept_truth_values():
    """skl2onnx 1.20 writes lists of truth values for HistGradientBoosting, which newer releases of protobuf refuse."""
    helper = needed("onnx").helper
    make_attribute = helper.make_attribute

    def make(key, value, *rest, **more):
        truths = isinstance(value, (list, tuple)) and any(type(one).__name__ in ("bool", "bool_") for one in value)
        return make_attribute(key, [int(one) for one in value] if truths else value, *rest, **more)

    helper.make_attribute = make


def convert_sklearn(model, columns, rows):
    skl2onnx = needed("skl2onnx")
    types = needed("skl2onnx.common.data_types")
    if takes_columns(model, columns):
        of = {"string": types.StringTensorType, "boolean": types.BooleanTensorType}
        initial = [(name, of.get(kind, types.FloatTensorType)([None, 1])) for name, kind in columns]
    else:
        initial = [("X", types.FloatTensorType([None, len(columns)]))]
    # The converters of gradient boosting know no newer operators.
    target = {"": 15, "ai.onnx.ml": 3} if register_others(skl2onnx) else {}
    return skl2onnx.convert_sklearn(model, name=GRAPH, initial_types=initial, target_opset=target or None)


def takes_columns(model, columns):
    """Whether columns are told apart by name or type; a plain table of numbers is one tensor otherwise."""
    if any(kind == "string" for _, kind in columns):
        return True
    parts = model.get_params(deep=True).values() if hasattr(model, "get_params") else ()
    return columns[0][0] is not None and any(type(part).__name__ == "ColumnTransformer" for part in (model, *parts))


def register_others(skl2onnx):
    """Gradient boosting of other packages inside a pipeline of scikit-learn; whether there is any."""
    try:
        from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
        from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
        from skl2onnx.common import shape_calculator as shapes
    except ImportError:
        return False
    zipmap = {"nocl": [True, False], "zipmap": [True, False, "columns"], "raw_scores": [True, False]}
    kinds = (
        ("Classifier", shapes.calculate_linear_classifier_output_shapes, {"options": zipmap}),
        ("Regressor", shapes.calculate_linear_regressor_output_shapes, {}),
    )
    others = [
        (sys.modules[package], prefix, converter)
        for package, prefix, converter in (("lightgbm", "LGBM", convert_lightgbm), ("xgboost", "XGB", convert_xgboost))
        if package in sys.modules
    ]
    for module, prefix, converter in others:
        for kind, shape, options in kinds:
            skl2onnx.update_registered_converter(getattr(module, prefix + kind), prefix + kind, shape, converter, **options)
    return len(others) > 0


def convert_xgboost(model, columns, rows):
    onnxmltools = needed("onnxmltools")
    types = needed("onnxmltools.convert.common.data_types")
    booster = model.get_booster() if hasattr(model, "get_booster") else model
    names, booster.feature_names = booster.feature_names, None
    try:
        return onnxmltools.convert_xgboost(model, name=GRAPH, initial_types=[("X", types.FloatTensorType([None, len(columns)]))])
    finally:
        booster.feature_names = names


def convert_lightgbm(model, columns, rows):
    onnxmltools = needed("onnxmltools")
    types = needed("onnxmltools.convert.common.data_types")
    return onnxmltools.convert_lightgbm(model, name=GRAPH, initial_types=[("X", types.FloatTensorType([None, len(columns)]))])


def convert_pytorch(model, columns, rows):
    torch, onnx = needed("torch"), needed("onnx")
    path = os.path.join(os.environ["FAIRLEAD_OUTPUT_DIR"], "torch.onnx")
    if hasattr(model, "validate_inputs"):
        model.validate_inputs = False
    model = eval_mode(torch, model)
    example = torch.from_numpy(rows.to_numpy("float32")[:2])
    axes = {"X": {0: "rows"}, "y": {0: "rows"}}
    torch.onnx.export(model, (example,), path, input_names=["X"], output_names=["y"], dynamic_axes=axes, dynamo=False)
    converted = onnx.load(path)
    os.remove(path)
    return converted


def eval_mode(torch, model):
    try:
        return model.eval()
    except NotImplementedError:
        # A graph that was traced when it was logged (pt2) has its mode in it, and no switch that the exporter could use.
        model.requires_grad_(False)
        traced = torch.nn.Module()
        object.__setattr__(traced, "forward", lambda x: model(x))
        return traced


CONVERTERS = {
    "sklearn": convert_sklearn,
    "xgboost": convert_xgboost,
    "lightgbm": convert_lightgbm,
    "pytorch": convert_pytorch,
}
