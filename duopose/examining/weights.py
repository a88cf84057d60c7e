"""Weights: whether each network of the profile has its files."""

from duopose.nodes.profile import find
from duopose.stream.errors import UsageError


def examine(part, name, device):
    profile = find(name, device)
    beside = (".json", ".bin") if profile.suffix == ".xml" else (".json",)
    files = [
        profile.folder / (network + suffix) for network in profile.networks for suffix in (profile.suffix, *beside)
    ]
    missing = [str(file) for file in files if not file.exists()]
    empty = [f"{file} (empty)" for file in files if file.exists() and not file.stat().st_size]
    part.facts = {
        "profile": profile.name,
        "device": device,
        "folder": str(profile.folder),
        "bytes": sum(file.stat().st_size for file in files if file.exists()),
        "missing": missing,
        "empty": empty,
    }
    if missing or empty:
        part.problem(
            f"profile {profile.name}: weights are missing: {', '.join(missing + empty)}",
            remedy(profile.name, device, profile.folder),
            prevents=True,
        )
        return
    try:
        profile.check(lookahead=0)
    except UsageError as error:
        complaint, _, what = str(error).partition(": ")
        part.problem(complaint, what, prevents=True)
        return
    part.good(f"profile {profile.name}: {len(profile.networks)} networks in {profile.folder}")


def remedy(name, device, folder):
    """Where such weights come from."""
    if name == "lite" and device == "cpu":
        return "install duopose again: pip install --force-reinstall --no-deps duopose-VERSION-py3-none-any.whl"
    if name == "released":
        return f"make them from the authors' checkpoints: duopose released import CKPTS_DIR {folder}"
    if name == "full":
        return "no weights of full are shipped: take --profile lite, or train them (docs/training.md)"
    return "name a folder that holds all networks, or leave --profile out"
