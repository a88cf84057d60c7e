import json

from duopose.benchmarks import kernels


def test_every_task_is_timed_for_ours_and_for_another(capsys, monkeypatch):
    monkeypatch.setattr(kernels.importlib.util, "find_spec", lambda name: None)  # torch takes seconds to import
    kernels.main(["--rounds", "1", "--seconds", "0"])
    lines = capsys.readouterr().out.splitlines()
    results = json.loads(lines[-1])
    assert len(results) == len(lines) - 1
    assert all("ours" in times and len(times) > 1 for times in results.values())


def test_grouping_in_numpy_and_ours_find_as_many_people():
    task = kernels.grouping_task(5)
    ours, theirs = (contender() for contender in task.contenders.values())
    assert len(ours) == len({person for person, _, _ in theirs})
    assert (ours[..., 2] > 0).sum() == len(theirs)
