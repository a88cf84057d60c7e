"""What other programs import: small, and nothing is loaded before it is used."""

import subprocess
import sys

import pytest

import duopose
from duopose.command import main
from tests.places import ROOT


def test_importing_the_package_imports_nothing_of_it():
    code = "import sys, duopose; print([m for m in sys.modules if m.startswith(('duopose.', 'numpy', 'zmq'))])"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "[]\n"


def test_a_name_is_what_it_stands_for():
    from duopose.stream.subscribe import subscribe

    assert duopose.subscribe is subscribe
    assert set(duopose.LAZY) | {"__version__"} == set(duopose.__all__) <= set(dir(duopose))


def test_another_name_is_no_part_of_it():
    with pytest.raises(AttributeError, match="no attribute 'pipeline'"):
        duopose.pipeline  # noqa: B018


@pytest.mark.parametrize(("words", "code"), [(["train", "cards", "."], 130), (["demo", "--headless"], 0)])
def test_ctrl_c_is_quiet(words, code, monkeypatch, capfd):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("duopose.stream.arguments.Parser.parse_args", interrupted)
    assert main(words) == code
    assert capfd.readouterr() == ("", "")
