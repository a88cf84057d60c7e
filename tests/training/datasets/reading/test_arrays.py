import pickle

import numpy as np
import pytest

from duopose.stream.errors import UsageError
from duopose.training.datasets.reading.arrays import unpickle


class Harm:
    def __reduce__(self):
        return (eval, ("1 + 1",))


@pytest.mark.parametrize("content", [Harm(), np.array([Harm()]), {"jointPositions": [Harm()]}])
def test_a_pickle_that_would_run_something_is_not_read(tmp_path, content):
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(UsageError, match=r"a\.pkl is not read: it wants to call builtins\.eval") as error:
        unpickle(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_arrays_are_unpickled(tmp_path, protocol):
    path = tmp_path / "a.pkl"
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": [np.float64(2), np.ones(2, bool)], "c": ["text", b"bytes", None]}
    path.write_bytes(pickle.dumps(arrays, protocol))
    back = unpickle(path)
    np.testing.assert_array_equal(back["a"], arrays["a"])
    assert back["b"][0] == 2
    assert back["b"][1].tolist() == [True, True]
    assert back["c"] == arrays["c"]


def test_a_file_that_is_no_pickle_is_one_line(tmp_path):
    for content in (b"", b"hello", pickle.dumps(np.ones(9))[:-9]):
        (tmp_path / "a.pkl").write_bytes(content)
        with pytest.raises(UsageError, match="is not read"):
            unpickle(tmp_path / "a.pkl")
