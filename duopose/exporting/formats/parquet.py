"""Parquet for data frames: the same columns as CSV (columns.py), with types. Metres; null in a gap. Needs pyarrow."""

from duopose.exporting.formats.columns import BOX, NAMES, columns


def write(path, people):
    """Everyone into one file, a row group a person."""
    import pyarrow  # an extra
    from pyarrow import parquet

    kinds = {"id": pyarrow.int32(), "frame": pyarrow.int64(), "file": pyarrow.string(), "source": pyarrow.string()}
    kinds |= {"stamp": pyarrow.float64()} | dict.fromkeys(BOX, pyarrow.float32())
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.float32())) for name in NAMES])
    with parquet.ParquetWriter(path, schema) as file:
        for person in people:
            table = columns(person)
            arrays = [pyarrow.array(table[field.name], from_pandas=True).cast(field.type) for field in schema]
            file.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
