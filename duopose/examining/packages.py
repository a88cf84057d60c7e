"""Packages: what Duopose needs and what its extras bring, as its own metadata say, against what is installed."""

import platform
from importlib.metadata import PackageNotFoundError, requires, version
from itertools import chain

import duopose

# What the extras are for; `pip install 'duopose[NAME]'` brings one.
EXTRAS = {
    "cuda": "--device cuda, and the profiles full and released",
    "tensorrt": "faster networks on NVIDIA cards",
    "train": "duopose train, and some of duopose evaluate",
    "bodies": "duopose train body_pack",
    "fleet": "duopose fleet",
    "export": "duopose export --to parquet",
    "lsl": "--send lsl:",
    "docs": "make docs",
    "test": "the tests",
}


def examine(part):
    part.facts = {"duopose": duopose.__version__, "python": platform.python_version(), "system": platform.platform()}
    part.good(f"duopose {duopose.__version__}, Python {platform.python_version()}, {platform.platform()}")
    try:
        lines = requires("duopose") or []
    except PackageNotFoundError:
        part.note("duopose is not installed, it runs from a folder: so nobody knows what it needs", "pip install -e .")
        return
    from packaging.requirements import Requirement  # only here: the parts above are told also without it

    required, extras = sorted_out(map(Requirement, lines))
    part.facts["packages"] = {name: there(name) for name in sorted({*required, *chain(*extras.values())})}
    tell_required(part, required)
    tell_extras(part, extras)


def sorted_out(requirements):
    """-> {package: what versions fit} without extras, {extra: its packages}."""
    required, extras = {}, {}
    for requirement in requirements:
        extra = str(requirement.marker).partition('extra == "')[2].rstrip('"') if requirement.marker else None
        if extra:
            extras.setdefault(extra, []).append(requirement.name)
        else:
            required[requirement.name] = requirement.specifier
    return required, extras


def there(name):
    """The installed version, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def tell_required(part, required):
    found = {name: part.facts["packages"][name] for name in required}
    part.good(", ".join(f"{name} {its}" for name, its in found.items() if its))
    if missing := [name for name, its in found.items() if its is None]:
        part.problem(f"not installed: {', '.join(missing)}", f"pip install {' '.join(missing)}", prevents=True)
    for name, its in found.items():
        if its and not required[name].contains(its, prereleases=True):
            wanted = f"{name}{required[name]}"
            part.note(f"{name} {its} is not what duopose was tried with: {wanted}", f"pip install '{wanted}'")


def tell_extras(part, extras):
    versions = part.facts["packages"]
    part.facts["extras"] = whole = {extra: all(map(versions.get, names)) for extra, names in extras.items()}
    if here := [called(extra) for extra in extras if whole[extra]]:
        part.good(f"extras: {', '.join(here)}")
    if missing := [called(extra) for extra in extras if not whole[extra]]:
        part.note(f"extras that are not there: {', '.join(missing)}", "pip install 'duopose[NAME]' for one you need")


def called(extra):
    return f"{extra} ({EXTRAS.get(extra, 'see pyproject.toml')})"
