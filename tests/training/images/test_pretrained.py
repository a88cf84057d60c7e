"""Reading TF.js graph models: tensors in the order of the manifest, kernels turned from its axes to torch's."""

import json

import numpy as np
import pytest

from duopose.networks.backbones.mobilenet import Convolution, Head
from duopose.training.images.pretrained import Loader, movenet, read_tensors


def write(path, tensors):
    """The JSON and .bin of a graph model that holds these arrays: integers as int32, the others as float16."""
    entries, data = [], b""
    for name, array in tensors.items():
        if array.dtype.kind == "i":
            entries.append({"name": name, "shape": list(array.shape), "dtype": "int32"})
            data += array.astype(np.int32).tobytes()
        else:
            entries.append(
                {"name": name, "shape": list(array.shape), "dtype": "float32", "quantization": {"dtype": "float16"}}
            )
            data += array.astype(np.float16).tobytes()
    path.with_suffix(".json").write_text(json.dumps({"weightsManifest": [{"weights": entries}]}))
    path.with_suffix(".bin").write_bytes(data)


def test_tensors_come_back_in_name_shape_and_value(tmp_path):
    wanted = {"StatefulPartitionedCall/a": np.arange(6.0).reshape(2, 3), "axis": np.array(3), "b": np.array([0.5])}
    write(tmp_path / "net", wanted)
    found = read_tensors(tmp_path / "net.json")
    assert list(found) == ["a", "axis", "b"]
    for array, expected in zip(found.values(), wanted.values(), strict=True):
        np.testing.assert_array_equal(array, expected)


def test_a_cut_off_file_is_an_error(tmp_path):
    write(tmp_path / "net", {"a": np.zeros(4)})
    (tmp_path / "net.bin").write_bytes(b"\0" * 9)
    with pytest.raises(ValueError, match=r"net\.json"):
        read_tensors(tmp_path / "net.json")


def test_kernels_are_turned_to_torchs_axes():
    rng = np.random.default_rng(0)
    kernel, filters = rng.normal(size=(3, 3, 2, 5)), rng.normal(size=(3, 3, 4, 1))
    tensors = {
        "x/stem/Conv2D_weights": kernel,
        "x/stem/Conv2D_bn_offset": np.arange(5.0),
        "x/depth/depthwise_weights": filters,
    }
    full, each = Convolution(2, 5, 3), Convolution(4, 4, 3, groups=4)
    Loader(tensors).plain(full, "stem")
    Loader(tensors).convolution(each, "/depth/", ["depthwise_weights"])
    np.testing.assert_allclose(full.weight[4, 1].detach(), kernel[:, :, 1, 4], atol=1e-6)
    np.testing.assert_allclose(full.bias.detach(), np.arange(5.0))
    np.testing.assert_allclose(each.weight[3, 0].detach(), filters[:, :, 3, 0], atol=1e-6)


def test_a_head_is_found_by_its_name():
    rng = np.random.default_rng(0)
    part = "kpt_heatmap_0/separable_conv2d_4/"
    tensors = {
        part + "separable_conv2d/ReadVariableOp": rng.normal(size=(3, 3, 24, 1)),
        part + "separable_conv2d/ReadVariableOp_1": rng.normal(size=(1, 1, 24, 96)),
        part + "BiasAdd/ReadVariableOp": rng.normal(size=96),
        "kpt_heatmap_0/conv2d_7/Conv2D/ReadVariableOp": rng.normal(size=(1, 1, 96, 17)),
        "kpt_heatmap_0/conv2d_7/BiasAdd/ReadVariableOp": rng.normal(size=17),
    }
    head = Head(24, 17)
    Loader(tensors).head(head, "kpt_heatmap")
    np.testing.assert_allclose(
        head[1].bias.detach(), tensors["kpt_heatmap_0/conv2d_7/BiasAdd/ReadVariableOp"], atol=1e-6
    )
    np.testing.assert_allclose(head[0].pointwise.bias.detach(), tensors[part + "BiasAdd/ReadVariableOp"], atol=1e-6)


def test_a_tensor_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="0 tensors fit /stem/"):
        Loader({}).plain(Convolution(1, 1), "stem")


def test_an_unknown_variant_is_refused(tmp_path):
    with pytest.raises(ValueError, match="lightning, multipose, thunder"):
        movenet(tmp_path, "heavy")
