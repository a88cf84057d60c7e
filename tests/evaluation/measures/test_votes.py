import pytest

from duopose.evaluation.measures.votes import votes


def labelled(*frames, video=None, fps=10):
    """{frame number: {person: place}} -> a set."""
    frames = [
        {"frame": number, "persons": [{"id": who, "joints_cam": [[place, 0, 3]]} for who, place in people.items()]}
        for number, people in frames
    ]
    return {"fps": fps, "frames": frames} | ({"video": video} if video else {})


def test_frames_of_one_second_are_one_moment_and_pictures_are_one_each():
    second = [(n, {0: n}) for n in range(10)]
    assert votes({"a": labelled(*second, video="a.mp4")})["a"] == pytest.approx(1 / 2)
    assert votes({"a": labelled(*second)})["a"] == pytest.approx(10 / 11)


def test_more_frames_of_one_person_never_count_as_two_people():
    long = labelled(*[(n, {0: n}) for n in range(1000)], video="a.mp4")
    pair = labelled((0, {0: 1.0, 1: 2.0}), (1, {0: 1.5, 1: 2.5}))
    weight = votes({"long": long, "pair": pair})
    assert weight["long"] < 1 < weight["pair"]


def test_who_is_in_two_sets_counts_half_in_each():
    clip = [(n, {0: n, 1: n + 50}) for n in range(10)]
    added = [(n, people | {2: n + 70}) for n, people in clip]
    weight = votes({"two": labelled(*clip, video="a.mp4"), "three": labelled(*added, video="b.mp4")})
    assert weight == {"two": pytest.approx(2 * 0.25), "three": pytest.approx(2 * 0.25 + 0.5)}
    assert votes({"two": labelled(*clip, video="a.mp4")})["two"] == pytest.approx(1)
