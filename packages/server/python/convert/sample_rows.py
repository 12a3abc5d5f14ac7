"""The columns that a model takes, and rows that the model and what is made of it must answer alike."""
from refusal import needed, stop

RANDOM_ROWS = 256
MAX_ROWS = 10_000


def columns_of(recorded, original):
    """Names and types of the columns in order; names are None where the model takes one nameless table."""
    inputs = None if recorded.signature is None else recorded.signature.inputs
    if inputs is not None and not inputs.is_tensor_spec():
        return [(spec.name, spec.type.name) for spec in inputs.inputs]
    width = getattr(original, "n_features_in_", None)
    if width is None and hasattr(original, "num_features"):
        width = original.num_features() if callable(original.num_features) else original.num_features
    if width is None and hasattr(original, "num_feature"):
        width = original.num_feature()
    if width is None and inputs is not None:
        width = inputs.inputs[0].shape[-1]
    if width is None or width < 1:
        stop("nothing says how many columns it takes; log it with a signature")
    names = getattr(original, "feature_names_in_", None)
    return [(None if names is None else str(names[at]), "double") for at in range(width)]


def rows_for(asked, recorded, folder, columns):
    """Rows that both models answer: of a file, those that were logged with the model, or random numbers."""
    if asked.sample is not None:
        return typed(read_table(asked.sample), columns, asked.sample), "sample"
    example = recorded.load_input_example(folder) if recorded.saved_input_example_info else None
    if example is not None:
        return typed(example, columns, "its input example"), "input example"
    if any(kind == "string" for _, kind in columns):
        stop("it takes text and was logged without an input example: name a file with rows as `sample`")
    numpy, pandas = needed("numpy"), needed("pandas")
    random = numpy.random.default_rng(asked.seed)
    scales = 10.0 ** random.uniform(-2, 3, (RANDOM_ROWS, 1))
    values = random.standard_normal((RANDOM_ROWS, len(columns))) * scales
    return typed(pandas.DataFrame(values, columns=[name for name, _ in columns]), columns, "random rows"), "random"


def read_table(path):
    pandas = needed("pandas")
    try:
        return pandas.read_parquet(path) if path.endswith(".parquet") else pandas.read_csv(path)
    except (OSError, ValueError) as error:
        stop(f"the sample {path} cannot be read: {error}")


def typed(table, columns, what):
    """The rows with numbers that fit float32, so that no difference comes from rounding what goes in."""
    numpy, pandas = needed("numpy"), needed("pandas")
    if not isinstance(table, pandas.DataFrame):
        table = pandas.DataFrame(numpy.asarray(table))
    table = table.head(MAX_ROWS)
    if len(table) == 0:
        stop(f"{what} has no rows")
    if columns[0][0] is not None and not all(name in table.columns for name, _ in columns):
        if table.shape[1] != len(columns) or isinstance(table.columns[0], str):
            lacking = [name for name, _ in columns if name not in table.columns]
            stop(f"{what} lacks the columns {', '.join(map(str, lacking))}")
        table = table.set_axis([name for name, _ in columns], axis=1)
    if len(table) < 3:
        # A number of rows that was frozen into a graph shows with another number.
        table = pandas.concat([table] * 3, ignore_index=True)
    wanted = [name for name, _ in columns]
    rows = table.iloc[:, : len(columns)].copy() if wanted[0] is None else table[wanted].copy()
    for at, (_, kind) in enumerate(columns):
        values = rows.iloc[:, at]
        if kind in ("double", "float"):
            rows.isetitem(at, values.astype("float32").astype("float64" if kind == "double" else "float32"))
        elif kind in ("integer", "long"):
            rows.isetitem(at, values.round().astype("int64" if kind == "long" else "int32"))
        elif kind == "boolean":
            rows.isetitem(at, values.astype(bool))
        elif kind == "string":
            rows.isetitem(at, values.astype(str).astype(object))
        else:
            stop(f"its column {wanted[at]} is of the type {kind}; numbers, booleans and text can be converted")
    return rows
