# make demo   sets up what is missing (a .venv here) and runs the packaged clip: everyone's 3D pose in metres
# make test   the same for the tests
# make chaos  the long tests of tests/chaos: half an hour of faults; PYTEST="--chaos-seed N" repeats what was done
# make fleet  cameras on two machines of Ray's, one of which is killed; brings in Ray (222 MB), needs 1.2 GB of memory
# make check  what a change must pass: make lint (formatting, lint, types) and make test
# make check-wheel   builds the wheel and tries it in an environment of its own
# make docs   builds the site of docs/ into build/docs; a link that leads nowhere is an error
# make wheel  builds the wheel and the source archive into dist/
#
# PYTEST=...  more words for pytest: make test PYTEST=tests/viewer

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
PIP = .venv/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
# The tests of one file stay in one process, so that they share what is expensive to set up; long files come first.
# Many wait for processes that they started: so there are half as many workers again as cores, four at most.
WORKERS = $(shell n=$$(( $$(nproc) * 3 / 2 )); echo $$(( n > 4 ? 4 : n )))
TESTS = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv/bin/python -m pytest -n $(WORKERS) \
	--dist loadfile --no-loadscope-reorder $(PYTEST)

.PHONY: demo test chaos fleet lint check check-wheel docs wheel clean

demo: .venv/run.stamp
	.venv/bin/python run_live.py demo

test: .venv/test.stamp
	$(TESTS)

chaos: .venv/test.stamp
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv/bin/python -m pytest -m "slow or not slow" -s tests/chaos $(PYTEST)

# In a network of its own where that is allowed: Ray listens on all of those there are.
FLEET = .venv/bin/python -m pytest -m "slow or not slow" -s tests/duopose/fleet $(PYTEST)
fleet: .venv/fleet.stamp
	@if unshare --map-root-user --net ip link set lo up 2>/dev/null; then \
		unshare --map-root-user --net sh -c 'ip link set lo up && exec $(FLEET)'; else $(FLEET); fi

lint: .venv/test.stamp
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/python scripts/check_types.py

check: lint test

check-wheel: .venv/test.stamp
	.venv/bin/python scripts/check_wheel.py

docs: .venv/docs.stamp
	rm -rf build/docs
	.venv/bin/python -m sphinx -q -W --keep-going docs build/docs

wheel: .venv/test.stamp
	.venv/bin/python -m build --outdir dist .

clean:
	rm -rf .venv

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Duopose needs Python 3.11, 3.12 or 3.13: install one, or name it: make PYTHON=/path/to/python"; exit 2; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 2; }  # Debian without python3-venv leaves half of one, and says so

.venv/run.stamp: pyproject.toml constraints.txt | .venv/bin/python
	@echo "setting up .venv (about 1 GB, a minute or two)"
	$(PIP) --editable .
	@touch $@

# torch first and pinned: the training tests need it, and its CPU build is enough for them.
.venv/test.stamp: pyproject.toml constraints.txt | .venv/run.stamp
	@sh .ci/libraries
	$(PIP) torch
	$(PIP) --editable ".[train,test]"
	@touch $@

.venv/fleet.stamp: pyproject.toml | .venv/test.stamp
	$(PIP) --editable ".[fleet]"
	@touch $@

.venv/docs.stamp: pyproject.toml constraints.txt | .venv/run.stamp
	$(PIP) --editable ".[docs]"
	@touch $@
