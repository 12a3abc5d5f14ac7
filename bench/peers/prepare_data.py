"""Writes a task as one binary file that both sides read, so that neither pays for parsing and both see equal rows.

usage: prepare_data.py flights|flights-scaled ROWS SOURCE.parquet OUT | weather SOURCE.csv OUT
Layout: int32 [train rows, test rows, features], then float32 train features (column by column), uint8 train labels,
float32 test features, uint8 test labels.
"""
import csv
import sys

import numpy as np


def write(path, train, test):
    with open(path, "wb") as out:
        np.array([len(train[1]), len(test[1]), train[0].shape[1]], dtype="<i4").tofile(out)
        for x, y in (train, test):
            np.asfortranarray(x.astype("<f4")).ravel(order="F").tofile(out)
            y.astype("u1").tofile(out)


def flights(rows, source, out, scaled=False):
    import pyarrow.parquet as parquet

    table = parquet.read_table(source)
    # A fixed random sample, the last fifth as many again for the test: the file is ordered by time.
    picked = np.random.default_rng(0).permutation(table.num_rows)
    count = min(rows, int(table.num_rows / 1.2))
    table = table.take(picked[: count + count // 5])
    when = table["date"].to_numpy()
    days = when.astype("datetime64[D]")
    hour = (when - days).astype("timedelta64[h]").astype(int)
    weekday = (days.astype(int) + 4) % 7
    month = when.astype("datetime64[M]").astype(int) % 12
    origin = table["origin"].combine_chunks().dictionary_encode().indices.to_numpy()
    destination = table["destination"].combine_chunks().dictionary_encode().indices.to_numpy()
    x = np.column_stack([hour, weekday, month, table["distance"].to_numpy(), origin, destination])
    y = (table["delay"].to_numpy() > 15).astype("u1")
    if scaled:
        x = (x - x[:count].mean(axis=0)) / x[:count].std(axis=0)
    write(out, (x[:count], y[:count]), (x[count:], y[count:]))


def weather(source, out):
    """The seven columns the book trains on, standardised on the first 12,000 hours; the rest is the test."""
    columns = ["Temperature_C", "Humidity", "Wind_speed_kmph", "Wind_bearing_degrees", "Visibility_km",
               "Pressure_millibars", "Current_weather_condition"]
    with open(source, newline="") as file:
        rows = list(csv.DictReader(file))
    x = np.array([[float(row[name]) for name in columns] for row in rows])
    y = np.array([int(row["Future_weather_condition"]) for row in rows], dtype="u1")
    n = 12_000
    x = (x - x[:n].mean(axis=0)) / x[:n].std(axis=0)
    write(out, (x[:n], y[:n]), (x[n:], y[n:]))


if __name__ == "__main__":
    if sys.argv[1].startswith("flights"):
        flights(int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[1] == "flights-scaled")
    else:
        weather(sys.argv[2], sys.argv[3])
