"""Networks written down: what each was asked and what it said, so that everything between them can run without them.

Another CPU adds up a network's sums in another order; its answers differ in the last digits, and a threshold further on
can make a joint of that. What was written down is the same on every CPU.
"""

import numpy as np

FAINT = 0.01  # of a heatmap: below it nothing looks, so such cells are kept as 0, with all that other maps say of them
BLOCK = 8  # pixels: of a picture that goes into a network, the mean colour of each such square is kept
GREY = 0.3  # of 255: the same picture from another CPU differs by less in a square, one that is a pixel off by more
DIGITS = 1e-4  # a float that goes into a network: units of the window, about metres


def bloom(seen):
    """Cells bool [..., H, W] and their neighbours: a depth is read as the median around a joint."""
    padded = np.pad(seen, [(0, 0)] * (seen.ndim - 2) + [(1, 1), (1, 1)])
    height, width = seen.shape[-2:]
    return np.any([padded[..., y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=0)


def kept(name, outputs):
    """What is written down of a network's answer: float16, and of heatmaps and their kin only where something is."""
    if name in ("detector", "top_down", "bottom_up"):
        seen = outputs[0] > FAINT
        clear = [outputs[0] * seen, outputs[1] * seen]
        if name == "bottom_up":
            clear += [outputs[2] * bloom(seen), outputs[3]]
        outputs = clear
    return [np.asarray(output, np.float16) for output in outputs]


def asked(array):
    """What is written down of an input: of a picture, uint8 [N, H, W, 3] or [N, C, H, W], squares; of floats all."""
    if array.dtype != np.uint8:
        return np.asarray(array, np.float32)
    planes = array if array.shape[-1] != 3 else np.moveaxis(array, -1, 1)
    number, count, height, width = planes.shape
    squares = planes.reshape(number, count, height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return squares.mean((3, 5)).astype(np.float16)


class Recorder:
    """A network that writes down what it is asked and what it says, and says what it has written down."""

    def __init__(self, name, network):
        self.name, self.network, self.arguments = name, network, network.arguments
        self.calls = []  # (inputs, what is written down of its answer)

    def __call__(self, *arrays):
        self.calls.append((arrays, kept(self.name, self.network(*arrays))))
        return tuple(output.astype(np.float32) for output in self.calls[-1][1])

    def pages(self):
        """{key: array} of all calls, and of the last one its inputs whole."""
        pages = {}
        for number, (inputs, outputs) in enumerate(self.calls):
            pages |= {f"{self.name}/{number}/asked/{k}": asked(array) for k, array in enumerate(inputs)}
            pages |= {f"{self.name}/{number}/said/{k}": array for k, array in enumerate(outputs)}
        return pages | {f"{self.name}/whole/{k}": array for k, array in enumerate(self.calls[-1][0])}


class Recorded:
    """Answers as the network did, call by call. Raises AssertionError where it is asked something else."""

    def __init__(self, name, pages, arguments):
        self.name, self.pages, self.arguments = name, pages, arguments
        self.next = 0

    def __call__(self, *arrays):
        said = parts(self.pages, f"{self.name}/{self.next}/said")
        assert said, f"{self.name} was asked {self.next} times when it was recorded, and now once more"
        wanted = parts(self.pages, f"{self.name}/{self.next}/asked")
        for number, (array, page) in enumerate(zip(map(asked, arrays), wanted, strict=True)):
            what = f"{self.name}, call {self.next}, input {number}"
            assert array.shape == page.shape, f"{what}: shape {array.shape}, recorded {page.shape}"
            limit = GREY if page.dtype == np.float16 else DIGITS
            np.testing.assert_allclose(array, page, rtol=0, atol=limit, err_msg=what)
        self.next += 1
        return tuple(output.astype(np.float32) for output in said)

    @property
    def finished(self):
        """Whether it was asked as often as when it was recorded."""
        return not parts(self.pages, f"{self.name}/{self.next}/said")


def parts(pages, key):
    """The arrays key/0, key/1, ..."""
    found = []
    while (name := f"{key}/{len(found)}") in pages:
        found.append(pages[name])
    return found
