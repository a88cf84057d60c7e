"""Keys are made once, are private, and say who is let in."""

import os

import pytest

from duopose.command import main
from duopose.stream.errors import UsageError
from duopose.stream.network import keys


@pytest.fixture
def folder(tmp_path):
    keys.make(tmp_path / "keys")
    return tmp_path / "keys"


def test_a_client_is_let_in_by_the_key_that_it_is_handed(folder):
    handed = keys.client_keys(keys.add(folder, "laptop"))
    assert handed.name == "laptop"
    assert handed.server == keys.server_keys(folder).public
    assert keys.allowed(folder) == {"laptop": handed.public}
    keys.remove(folder, "laptop")
    assert keys.allowed(folder) == {}
    assert not (folder / "laptop.key").exists()


def test_only_the_user_can_read_them(folder):
    keys.add(folder, "laptop")
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_what_is_there_stays(folder):
    before = (folder / "server.json").read_bytes()
    keys.make(folder)
    keys.add(folder, "laptop")
    with pytest.raises(UsageError, match="there is a client laptop already"):
        keys.add(folder, "laptop")
    assert (folder / "server.json").read_bytes() == before


def test_a_folder_that_others_may_enter_is_refused(folder):
    folder.chmod(0o750)
    with pytest.raises(UsageError, match="can be entered by others: chmod 700"):
        keys.server_keys(folder)


@pytest.mark.parametrize("name", ["", "../up", "a b", "server.json", "-x"])
def test_a_name_that_would_be_another_file_is_refused(folder, name):
    with pytest.raises(UsageError, match="is no name"):
        keys.add(folder, name)


@pytest.mark.parametrize("content", ["", "{}", '{"public": "short", "secret": "short"}', "[1]"])
def test_a_file_that_holds_no_keys_is_said_without_its_content(folder, content):
    (folder / "server.json").write_text(content)
    with pytest.raises(UsageError, match=r"server\.json is no file of keys as duopose keys writes it$"):
        keys.server_keys(folder)


def test_the_command_makes_lists_and_removes(tmp_path, capsys):
    folder = str(tmp_path / "keys")
    assert main(["keys", folder, "--add", "laptop"]) == 0
    assert main(["keys", folder, "--add", "tablet"]) == 0
    assert f"{folder}/tablet.key" in capsys.readouterr().out
    assert main(["keys", folder, "--remove", "laptop"]) == 0
    assert capsys.readouterr().out == f"{folder} lets in: tablet\n"
    assert main(["keys", folder, "--remove", "laptop"]) == 2
    assert capsys.readouterr().err == "duopose keys: there is no client laptop: tablet\n"
