"""The ChArUco board: as a page to print, and its corners in a picture.

A chess board with a marker in each white square. A corner is known by the markers around it, so a part of the board
is enough.
"""

import struct
import zlib
from typing import NamedTuple

import cv2
import numpy as np

COLUMNS, ROWS = 9, 6  # squares
SQUARE, MARKER = 28, 21  # mm, of a side
PAPERS = {"a4": (297, 210), "letter": (279.4, 215.9)}  # mm, landscape; the same board fits on both
DOTS = 10  # a mm (254 dpi): every square, marker and bit of a marker is a whole number of dots
RULERS = 200, 150  # mm, along the page and down it
MARGIN = 9  # mm from the edge of the page to the rulers: printers leave 5 mm blank
LEAST_CORNERS = 12  # of a view: fewer say little of the pose that comes with it

BOARD = cv2.aruco.CharucoBoard(
    (COLUMNS, ROWS), SQUARE / 1000, MARKER / 1000, cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
)


class View(NamedTuple):
    """K corners of the board in one picture."""

    name: str  # of the picture, or its time
    width: int  # pixels, of the picture
    height: int
    corners: np.ndarray  # float32 [K, 3]  metres, on the board
    pixels: np.ndarray  # float32 [K, 2]


def find(image, name, detector=None):
    """The board in a picture uint8 [H, W, 3] -> View, or None where too little of it is seen."""
    detector = detector or cv2.aruco.CharucoDetector(BOARD)
    corners, ids, _, _ = detector.detectBoard(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    if ids is None or len(ids) < LEAST_CORNERS:
        return None
    there, seen = BOARD.matchImagePoints(corners, ids)
    there, seen = there.reshape(-1, 3), seen.reshape(-1, 2)
    if np.linalg.matrix_rank(there[:, :2] - there[:, :2].mean(0), tol=SQUARE / 1000) < 2:  # all on one line
        return None
    return View(name, image.shape[1], image.shape[0], there, seen)


def page(paper):
    """A page with the board and two rulers -> uint8 [H, W]. `paper` is one of PAPERS.

    >>> page("a4").shape
    (2100, 2970)
    """
    width, height = (round(side * DOTS) for side in PAPERS[paper])
    sheet = np.full((height, width), 255, np.uint8)
    across, down = COLUMNS * SQUARE * DOTS, ROWS * SQUARE * DOTS
    left, top = (width - across) // 2, (height - down) // 2
    sheet[top : top + down, left : left + across] = BOARD.generateImage((across, down), None, 0, 1)
    edge = MARGIN * DOTS
    draw_ruler(sheet, left, height - edge, RULERS[0])
    draw_ruler(sheet.T, top, edge, RULERS[1])
    text = f"Print at 100 %, glue it onto something flat. The long line is {RULERS[0]} mm, the other {RULERS[1]} mm."
    cv2.putText(sheet, text, (left, edge + 30), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 0, 3, cv2.LINE_AA)
    return sheet


def draw_ruler(sheet, x, y, length):
    """A line of so many mm to the right of a dot, with a tick every 10 mm."""
    sheet[y - 1 : y + 2, x : x + length * DOTS + 1] = 0
    for tick in range(x, x + length * DOTS + 1, 10 * DOTS):
        sheet[y - 25 : y, tick - 1 : tick + 2] = 0


def write_png(path, image, dots):
    """Write an image uint8 [H, W] with its resolution, in dots a metre. OSError where it can't be written."""
    content = cv2.imencode(".png", image)[1].tobytes()
    start = 8 + 25  # signature and header
    body = b"pHYs" + struct.pack(">IIB", dots, dots, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    with open(path, "wb") as file:
        file.write(content[:start] + chunk + content[start:])
