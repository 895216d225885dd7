# make demo   shows the collection at work on a Kubernetes that it brings itself
# make test   runs every check and test
# make test-kagent  kagent's advisor against the real agent runtime (700 MB); AIOPS_TEST_KAGENT=1 adds it to make test
# make check  those that need no cluster
# make docs   builds the documentation as a site that opens without a network
# make bench  prints figures; make cluster starts the throw-away cluster; make clean removes it and .venv
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test test-kagent check docs bench cluster clean lock

# Where it is set, every start of Ansible would compile all that it loads anew.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
RUN := $(VENV)/bin/python tests/run.py
PLAYBOOK := $(VENV)/bin/ansible-playbook

help:
	@sed -n 's/^# //p' $(firstword $(MAKEFILE_LIST))

# uv installs the lock many times faster than pip; pip brings uv itself.
$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …"; exit 1; }
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.lock | cut -d' ' -f1)"
	$(VENV)/bin/uv pip sync --quiet --python $(VENV)/bin/python requirements.lock
	@touch $@

demo: $(STAMP)
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" playbooks/files/demo/run

test: $(STAMP)
	@$(RUN) check ground story1 advisors sizing rollout reports operations $(if $(AIOPS_TEST_KAGENT),kagent) versions cleanup

test-kagent: $(STAMP)
	@$(RUN) kagent

check: $(STAMP)
	@$(RUN) check

docs: $(STAMP)
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" docs/site/build

bench: $(STAMP)
	@$(VENV)/bin/python tests/bench/run.py

cluster: $(STAMP)
	@$(PLAYBOOK) playbooks/local_cluster.yml

clean:
	@if test -x $(PLAYBOOK); then for name in aiops demo; do $(PLAYBOOK) playbooks/local_cluster.yml -e local_cluster_state=absent -e local_cluster_name=$$name; done; fi
	rm -rf $(VENV) $(VENV)-* .cache

# After a change of requirements-dev.txt.
lock: $(STAMP)
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-header requirements-dev.txt -o requirements.lock
