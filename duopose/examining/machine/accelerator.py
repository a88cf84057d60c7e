"""The graphics card: what the driver says, what torch sees, and what is there to use it.

`python -m duopose.examining.machine.accelerator` prints what torch sees: importing it takes seconds, and CUDA may hang.
"""

import importlib.util
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from duopose.examining.child import ask, tell
from duopose.examining.findings import read

PATIENCE = 20.0  # s, for torch; it is only asked where there is a driver, or with --device cuda
DRIVER = 5.0  # s, for nvidia-smi
QUERY = ("--query-gpu=name,driver_version,memory.total", "--format=csv,noheader")


def examine(part, device, root="/"):
    driver = next(iter(read(Path(root, "proc/driver/nvidia/version")).splitlines()), None)
    cards, trouble = ask_driver() if driver or shutil.which("nvidia-smi") else ([], None)
    part.facts = {
        "driver": driver,
        "cards": cards,
        "torch": installed("torch"),
        "torch_tensorrt": installed("torch-tensorrt"),
        "seen": None,
    }
    for card in cards:
        part.good(card)
    if trouble:
        part.note(f"the NVIDIA driver does not answer: {trouble}", "restart the machine, or install the driver again")
    if not (driver or cards or device == "cuda"):
        part.good("no NVIDIA driver: the networks run on the processor, which is what profile lite is made for")
        return
    if part.facts["torch"] is None:
        told = "torch, which runs networks on CUDA, is not installed"
        if device == "cuda":
            part.problem(told, "pip install 'duopose[cuda]'", prevents=True)
        else:
            part.note(f"{told}; without --device cuda nothing needs it", "pip install 'duopose[cuda]'")
        return
    seen, trouble = ask("machine.accelerator", seconds=PATIENCE)
    part.facts["seen"] = seen[0] if seen else None
    tell_torch(part, device, trouble)


def tell_torch(part, device, trouble):
    facts, seen = part.facts, part.facts["seen"]
    if seen and seen["devices"]:
        part.good(f"torch {facts['torch']} (CUDA {seen['cuda']}) sees {', '.join(seen['devices'])}")
        if seen["trouble"]:
            part.note(seen["trouble"], "docs/benchmarks.md, On a CUDA card, says what each back-end wants")
        else:
            part.good(f"networks run {seen['backend']} there")
        return
    why = trouble or ("it was built without CUDA" if not seen["cuda"] else "it finds no device")
    remedy = "install a torch that fits the driver: https://pytorch.org/get-started/locally"
    if device == "cuda":
        part.problem(f"torch {facts['torch']} sees no CUDA device: {why}", remedy, prevents=True)
    else:
        part.note(f"torch {facts['torch']} sees no CUDA device: {why}; without --device cuda nothing needs it", remedy)


def ask_driver():
    """-> lines like "NVIDIA H200, 570.12, 143771 MiB", one a card, and why there are none."""
    if not shutil.which("nvidia-smi"):
        return [], None
    try:
        run = subprocess.run(["nvidia-smi", *QUERY], capture_output=True, text=True, timeout=DRIVER)
    except subprocess.TimeoutExpired:
        return [], f"nvidia-smi did not end in {DRIVER:.0f} s"
    lines = [line.strip() for line in run.stdout.splitlines() if line.strip()]
    return (lines, None) if run.returncode == 0 else ([], (lines or run.stderr.split("\n"))[0])


def installed(package):
    """Its version, None where it isn't there. Imports nothing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "?" if importlib.util.find_spec(package.replace("-", "_")) else None


def main():
    import torch

    from duopose.networks.backends.choosing import choose

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    devices = [torch.cuda.get_device_name(place) for place in range(count)]
    try:
        backend, trouble = choose() if devices else (None, None)
    except ValueError as error:
        backend, trouble = None, str(error)
    tell({"cuda": torch.version.cuda, "devices": devices, "backend": backend, "trouble": trouble})


if __name__ == "__main__":
    main()
