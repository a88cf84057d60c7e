"""The processor and the memory of several machines, and what a container leaves of them."""

import json
import os
import subprocess
import sys

import pytest

from duopose.examining.machine import memory, processor
from duopose.examining.machine.cgroup import Limits, limits
from duopose.networks.runtime import WITHOUT_BF16
from tests.duopose.examining import machines
from tests.duopose.examining.looking import look, marks, text
from tests.places import ROOT
from tests.waiting import LONG

GROUPS = ("/sys/fs/cgroup/cpu", "/sys/fs/cgroup")  # of version 1, of version 2


@pytest.mark.parametrize(
    ("machine", "cores", "bytes_"),
    [(machines.laptop, None, None), (machines.container, 0.5, 512 << 20), (machines.older_container, 1.5, None)],
)
def test_limits_of_both_versions_of_control_groups_are_found(machine, cores, bytes_, tmp_path):
    assert limits(machine(tmp_path)) == Limits(cores, bytes_)


def test_the_strictest_of_the_groups_around_a_process_holds(tmp_path):
    root = machines.laptop(tmp_path)
    machines.write(
        root,
        {
            "sys/fs/cgroup/user.slice/cpu.max": "100000 100000",
            "sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/cpu.max": "300000 100000",
        },
    )
    assert limits(root).cores == 1


def test_a_machine_without_proc_has_no_limits(tmp_path):
    assert limits(tmp_path) == Limits(None, None)


def test_a_laptop_without_avx512_is_told_as_such(tmp_path):
    part = look(processor.examine, machines.laptop(tmp_path), {})
    assert (part.facts["cores"], part.facts["usable"], part.facts["can"]) == (8, 8, ["AVX2"])
    assert "Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz, 8 of 8 cores usable" in text(part)
    assert "no AVX512 and no bf16" in text(part)
    assert marks(part) == ["ok", "ok"]


def test_half_a_core_is_a_note_with_its_remedy(tmp_path):
    part = look(processor.examine, machines.container(tmp_path), {})
    assert part.facts["usable"] == 0.5
    assert part.facts["used"] == ["AVX2", "AVX512", "VNNI", "bf16", "AMX"]
    assert marks(part) == ["note", "ok"]
    assert "docker run --cpus=2" in part.findings[0].remedy


def test_cores_that_are_kept_from_the_process_are_counted_out(tmp_path):
    part = look(processor.examine, machines.older_container(tmp_path), {})
    assert (part.facts["cores"], part.facts["allowed"], part.facts["usable"]) == (16, 3, 1.5)


def test_another_kind_of_processor_is_not_measured_by_avx(tmp_path):
    part = look(processor.examine, machines.board(tmp_path), {})
    assert part.facts["name"] == "Raspberry Pi 5 Model B Rev 1.0"
    assert "AVX2" not in text(part)


def test_what_onednn_is_held_to_is_a_note(tmp_path):
    part = look(processor.examine, machines.container(tmp_path), {"ONEDNN_MAX_CPU_ISA": "avx2"})
    assert part.facts["used"] == ["AVX2"]
    assert "ONEDNN_MAX_CPU_ISA=AVX2 holds the networks to AVX2" in text(part)
    assert marks(part)[-1] == "note"


def test_bf16_is_left_where_the_networks_would_use_it():
    assert {held for held, left in processor.LEFT.items() if "bf16" not in left} == WITHOUT_BF16


def test_a_busy_machine_is_told_as_such(tmp_path):
    root = machines.write(machines.laptop(tmp_path), {"proc/loadavg": "22.5 9 9 1/400 1\n"})
    assert "load 22.5 on 8 cores" in text(look(processor.examine, root, {}))


def test_memory_that_is_not_enough_for_a_run_is_told_with_its_remedy(tmp_path):
    part = look(memory.examine, machines.container(tmp_path))
    assert part.facts["limit"] == 512 << 20
    assert marks(part) == ["note"]
    assert "docker run --memory=4g" in part.findings[0].remedy


def test_memory_of_a_laptop_is_enough(tmp_path):
    part = look(memory.examine, machines.laptop(tmp_path))
    assert marks(part) == ["ok"]
    assert "11.3 GB of 16.6 GB" in text(part)


@pytest.fixture
def half_a_core():
    """Folder of a new control group of this machine that may use half a core."""
    for parent in GROUPS:
        folder = f"{parent}/duopose-test-{os.getpid()}"
        try:
            os.mkdir(folder)
        except OSError:
            continue
        try:
            version1 = os.path.exists(f"{folder}/cpu.cfs_quota_us")
            with open(f"{folder}/{'cpu.cfs_quota_us' if version1 else 'cpu.max'}", "w") as limit:
                limit.write("50000" if version1 else "50000 100000")
            yield folder
            return
        except OSError:  # version 2 without the controller
            continue
        finally:
            os.rmdir(folder)
    pytest.skip("this system lets nobody make a control group")


def test_half_a_core_of_this_machine_is_seen(half_a_core):
    code = (
        "import json, duopose.examining.machine.processor as p; from duopose.examining.findings import Part; "
        "part = Part(''); p.examine(part); print(json.dumps(part.as_json()))"
    )
    enter = f'echo $$ > {half_a_core}/cgroup.procs && exec "$0" -c "$1"'
    run = subprocess.run(
        ["sh", "-c", enter, sys.executable, code], cwd=ROOT, capture_output=True, text=True, timeout=LONG, check=True
    )
    facts = json.loads(run.stdout)
    assert (facts["quota"], facts["usable"]) == (0.5, 0.5)
    assert facts["findings"][0]["mark"] == "note"
