"""The processor: how many cores may be used, and what they can do that makes networks fast."""

import os
import platform
from pathlib import Path

from duopose.examining.findings import read
from duopose.examining.machine.cgroup import limits

# What it can do: the flags of /proc/cpuinfo of which one says so.
ABILITIES = {
    "AVX2": {"avx2"},
    "AVX512": {"avx512f"},
    "VNNI": {"avx512_vnni", "avx_vnni"},
    "bf16": {"avx512_bf16", "amx_bf16"},
    "AMX": {"amx_tile"},
}
# What ONEDNN_MAX_CPU_ISA leaves of it; other values leave all.
LEFT = {
    "SSE41": (),
    "AVX": (),
    "AVX2": ("AVX2",),
    "AVX2_VNNI": ("AVX2", "VNNI"),
    "AVX512_CORE": ("AVX2", "AVX512"),
    "AVX512_CORE_VNNI": ("AVX2", "AVX512", "VNNI"),
    "AVX512_CORE_BF16": ("AVX2", "AVX512", "VNNI", "bf16"),
    "AVX512_CORE_FP16": ("AVX2", "AVX512", "VNNI", "bf16"),
}
ENOUGH = 2  # cores, what the speeds in docs/results.md were measured on


def examine(part, root="/", environment=os.environ):
    root = Path(root)
    info = read(root / "proc/cpuinfo").splitlines()
    values = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in reversed(info))}
    present = sum(line.startswith("processor") for line in info) or os.cpu_count()
    allowed = counted(status(root).get("Cpus_allowed_list", "")) or present
    quota = limits(root).cores
    flags = set(values.get("flags", values.get("Features", "")).split())
    can = [name for name, signs in ABILITIES.items() if flags & signs]
    held = environment.get("ONEDNN_MAX_CPU_ISA", "").upper()
    used = [name for name in can if name in LEFT.get(held, ABILITIES)]
    usable = min(allowed, quota or allowed)
    part.facts = {
        "name": values.get("model name") or values.get("Model") or platform.processor() or platform.machine(),
        "machine": platform.machine(),
        "cores": present,
        "allowed": allowed,
        "quota": quota,
        "usable": usable,
        "can": can,
        "onednn_max_cpu_isa": held or None,
        "used": used,
        "load": load(root),
    }
    tell_cores(part)
    tell_abilities(part, x86="flags" in values)


def tell_cores(part):
    facts = part.facts
    told = f"{facts['name']}, {facts['usable']:g} of {facts['cores']} cores usable"
    if facts["usable"] >= ENOUGH:
        part.good(told)
    elif facts["quota"] is not None and facts["quota"] < facts["allowed"]:
        part.note(
            f"{told}: the container or service may use no more; the pipeline is made for {ENOUGH} and more",
            "give it more: docker run --cpus=2, CPUQuota=200% in a systemd unit",
        )
    elif facts["allowed"] < facts["cores"]:
        part.note(f"{told}: the others are kept from this process", "give it more: taskset, docker run --cpuset-cpus")
    else:
        part.note(f"{told}: the pipeline is made for {ENOUGH} and more, so expect fewer frames a second")
    if facts["load"] is not None and facts["load"] > facts["cores"]:
        part.note(
            f"other programs are at work (load {facts['load']:g} on {facts['cores']} cores): a run will be "
            "slower than is told below",
            "end them, then ask again",
        )


def tell_abilities(part, x86):
    facts = part.facts
    can = ", ".join(facts["can"]) or f"none of {', '.join(ABILITIES)}"
    if facts["used"] != facts["can"]:
        left = ", ".join(facts["used"]) or "less than AVX2"
        part.note(
            f"instructions: {can}, but ONEDNN_MAX_CPU_ISA={facts['onednn_max_cpu_isa']} holds the networks to {left}",
            "unset ONEDNN_MAX_CPU_ISA, unless you compare results of different machines",
        )
    elif "AVX2" not in facts["can"] and x86:
        part.note(
            f"instructions: {can}: the networks will be slow",
            "use a processor with AVX2 (most since 2013); in a virtual machine hand the host's on, as qemu -cpu host",
        )
    elif x86:
        lacking = [name for name in ("AVX512", "bf16") if name not in facts["can"]]
        part.good(
            f"instructions: {can}" + (f"; no {' and no '.join(lacking)}, which would be faster" if lacking else "")
        )
    else:
        part.good(f"{facts['machine']}: OpenVINO finds out by itself what it can")


def status(root):
    """/proc/self/status as {key: value}."""
    lines = (line.partition(":") for line in read(root / "proc/self/status").splitlines())
    return {key: value.strip() for key, _, value in lines}


def counted(cores):
    """
    >>> counted("0-3,8"), counted("")
    (5, 0)
    """
    ends = [part.split("-") for part in cores.split(",") if part]
    return sum(int(part[-1]) - int(part[0]) + 1 for part in ends)


def load(root):
    """Processes that wanted a core in the last minute, on average; None where the system doesn't say."""
    first = read(root / "proc/loadavg").split()[:1]
    return float(first[0]) if first else None
