import cv2
import numpy as np
import pytest

from duopose.calibrate.board import COLUMNS, DOTS, PAPERS, ROWS, SQUARE, find, page, write_png
from duopose.command import main
from tests.duopose.calibrate.boards import LENS, distortion, matrix, photograph, rays


@pytest.mark.parametrize("paper", PAPERS)
def test_every_corner_of_the_page_is_where_it_should_be_in_millimetres(paper):
    sheet = page(paper)
    assert sheet.shape == tuple(round(side * DOTS) for side in reversed(PAPERS[paper]))
    seen = find(cv2.cvtColor(sheet, cv2.COLOR_GRAY2RGB), paper)
    assert len(seen.corners) == (COLUMNS - 1) * (ROWS - 1)
    between = seen.pixels - seen.pixels[0]
    np.testing.assert_allclose(between / DOTS, 1000 * (seen.corners - seen.corners[0])[:, :2], atol=0.05)


def test_the_rulers_are_as_long_as_they_say():
    sheet = page("a4") < 128
    longest = [runs(lines).max() / DOTS for lines in (sheet[-150:], sheet.T[:150])]
    assert longest == pytest.approx([200, 150], abs=0.4)  # the ticks are 0.3 mm wide


def runs(lines):
    """Length of the longest black run of each line."""
    edges = np.diff(np.pad(lines.astype(int), ((0, 0), (1, 1))), axis=1)
    return np.array([max((np.flatnonzero(e < 0) - np.flatnonzero(e > 0)), default=0) for e in edges])


def test_the_png_says_how_large_it_is(tmp_path):
    image_of = pytest.importorskip("PIL.Image")
    path = tmp_path / "board.png"
    write_png(path, page("letter"), 1000 * DOTS)
    with image_of.open(path) as image:
        dots = image.info["dpi"][0]
        np.testing.assert_allclose(np.array(image.size) / dots * 25.4, PAPERS["letter"], atol=0.1)
        np.testing.assert_array_equal(np.array(image), page("letter"))


def test_the_command_prints_the_board(tmp_path, capsys):
    assert main(["calibrate", "--print", str(tmp_path / "board.png"), "--paper", "letter"]) == 0
    assert "28 mm on letter" in capsys.readouterr().out
    assert cv2.imread(str(tmp_path / "board.png")).shape[0] == page("letter").shape[0]


@pytest.mark.parametrize(("path", "said"), [("board.pdf", "FILE.png"), ("nowhere/board.png", "No such file")])
def test_a_page_that_can_not_be_written_is_one_line(path, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["calibrate", "--print", path]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1


def test_corners_are_found_where_the_lens_puts_them():
    turn, centre = np.array([0.3, -0.4, 0.1]), np.array([-0.05, 0.03, 0.45])
    seen = find(photograph(rays(LENS), turn, centre), "one")
    shift = centre - cv2.Rodrigues(turn)[0] @ [COLUMNS * SQUARE / 2000, ROWS * SQUARE / 2000, 0]
    there, _ = cv2.projectPoints(seen.corners, turn, shift, matrix(LENS), distortion(LENS))
    assert len(seen.corners) >= 30
    assert np.abs(there[:, 0] - seen.pixels).mean() < 0.15
    assert np.abs((there[:, 0] - seen.pixels).mean(0)).max() < 0.05  # pixel (0, 0) is the centre of the first pixel


def test_a_picture_without_a_board_shows_none():
    assert find(np.zeros((100, 100, 3), np.uint8), "dark") is None
    assert find(np.random.default_rng(0).integers(0, 255, (100, 100, 3), np.uint8), "noise") is None
