"""Pictures of the board through a lens that is known: every pixel's ray meets the board somewhere."""

import av
import cv2
import numpy as np

from duopose.calibrate.board import BOARD, COLUMNS, ROWS, SQUARE
from duopose.stream.camera_file import Intrinsics
from tests.pictures import turn

LENS = Intrinsics(420.0, 417.0, 244.0, 176.0, 480, 360, k1=-0.18, k2=0.05, p1=0.001, p2=-0.0008)
EDGE = 10  # mm of white paper around the board


def matrix(lens):
    return np.array([[lens.fx, 0, lens.cx], [0, lens.fy, lens.cy], [0, 0, 1]])


def distortion(lens):
    return np.array([lens.k1, lens.k2, lens.p1, lens.p2, lens.k3])


def rays(lens):
    """The ray of each pixel -> float64 [H, W, 2], x / z and y / z."""
    v, u = np.mgrid[: lens.height, : lens.width].astype(float)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 1e-7)
    pixels = np.stack([u, v], -1).reshape(-1, 1, 2)
    return cv2.undistortPoints(pixels, matrix(lens), distortion(lens), criteria=criteria).reshape(*u.shape, 2)


def sheet():
    """The board's image with white paper around it, a dot a mm: about as fine as it is seen, so nothing aliases."""
    fine = BOARD.generateImage((COLUMNS * SQUARE * 4, ROWS * SQUARE * 4), None, 0, 1)
    board = cv2.resize(fine, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return cv2.copyMakeBorder(board, *[EDGE] * 4, cv2.BORDER_CONSTANT, value=255)


def photograph(of_rays, turned, centre, rng=None):
    """The board seen along these rays -> uint8 [H, W, 3].

    turned  [3]  radians, rotation vector of the board
    centre  [3]  metres, where its middle is, in the camera's frame
    rng     for noise of 2 levels
    """
    rotation = cv2.Rodrigues(np.array(turned, float))[0]
    origin = np.array(centre) - rotation @ (np.array([COLUMNS, ROWS, 0]) * SQUARE / 2000)
    homography = np.linalg.inv(np.stack([rotation[:, 0], rotation[:, 1], origin], 1))  # ray -> place on the board
    place = np.concatenate([of_rays, np.ones((*of_rays.shape[:2], 1))], -1) @ homography.T
    dots = (place[..., :2] / place[..., 2:] * 1000 + EDGE - 0.5).astype(np.float32)
    image = cv2.remap(sheet(), dots[..., 0], dots[..., 1], cv2.INTER_LINEAR, borderValue=90).astype(float)
    if rng is not None:
        image += rng.normal(0, 2, image.shape)
    return cv2.cvtColor(image.clip(0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)


def poses(count, rng, tilt=0.6, depth=(0.32, 0.55)):
    """(turn, centre) of a board that is held all over the picture; `tilt`: radians, at most."""
    for number in range(count):
        z = rng.uniform(*depth)
        place = np.array([number % 3 - 1, number // 3 % 3 - 1]) * (0.33, 0.24) * z + rng.normal(0, 0.02, 2)
        yield [*rng.uniform(-tilt, tilt, 2), rng.uniform(-0.3, 0.3)], [*place, z]


def photographs(count, tilt=0.6, seed=0):
    """Pictures of the board, held all over the picture."""
    rng, along = np.random.default_rng(seed), rays(LENS)
    return [photograph(along, turned, centre, rng) for turned, centre in poses(count, rng, tilt)]


def folder_of(images, folder):
    for number, image in enumerate(images):
        cv2.imwrite(str(folder / f"{number}.png"), image[..., ::-1])
    return str(folder)


def clip_of(images, path, turned=False):
    """A clip that shows each picture for 0.4 s."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.pix_fmt, stream.options = "yuv420p", {"crf": "8", "preset": "ultrafast"}
        stream.height, stream.width = (images[0].swapaxes(0, 1) if turned else images[0]).shape[:2]
        for image in (image for image in images for _ in range(2)):
            image = np.ascontiguousarray(np.rot90(image)) if turned else image
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    if turned:
        turn(path)
    return str(path)
