## Heapwise: what memory management costs, measured on this machine.
##
##   make bench              measure all lessons, draw the charts, write the report
##   make quick              the same, rougher: fewer blocks and variants, less than half the time
##   make lesson LESSON=05   the same for one lesson, by its number or its name
##   make check LESSON=05    run the tests of a lesson's exercise against your exercise.cc
##   make peers              the same work by our runtime, bdwgc alone and Go, side by side; 10 minutes
##   make report             draw charts and report again for the newest run, or for RUN=results/...
##   make doctor             what on this machine makes measurements worse, and what to do
##   make test               build everything and run all tests
##   make docs               put code and numbers of the reference run into the pages
##   make reference          measure a new reference run and put it into the pages
##   make clean              remove what was built; results and charts stay
##   make help               this list
##
## Everything that is missing is installed with apt where that is allowed; otherwise
## the command to run is printed. Programs are in build/bin, each with --help.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

LESSON ?=
RUN ?= results/latest
export LESSON RUN

heapwise := build/bin/heapwise
# Programs that every page may ask for, beside the lessons' own.
tools := heapwise binary_trees service load
lessons := $(notdir $(patsubst %/lesson.json,%,$(wildcard lessons/*/lesson.json)))
# The lesson that LESSON means: a number, a name or a part of one. Empty where there is none.
lesson := $(firstword $(filter $(LESSON) $(LESSON)-% 0$(LESSON)-%,$(lessons)) \
                      $(foreach name,$(lessons),$(if $(findstring $(LESSON),$(name)),$(name))))

.PHONY: bench quick lesson check peers report doctor test docs reference clean help setup programs

setup:
	@scripts/setup

# What measuring needs, which is less than everything: no tests.
programs: setup
	@scripts/build $(tools) $(lessons)

bench: programs
	@scripts/measure

quick: programs
	@scripts/measure --quick

lesson: setup
	@if [[ -z "$$LESSON" ]]; then echo 'make lesson: say which one, such as LESSON=05: $(lessons)' >&2; exit 2; fi
	@scripts/build $(tools) $(lesson)
	@scripts/measure --mode=lesson "$$LESSON"

check: setup
	@if [[ -z "$$LESSON" ]]; then echo 'make check: say which one, such as LESSON=05: $(lessons)' >&2; exit 2; fi
	@if [[ -z '$(lesson)' ]]; then echo "make check: there is no lesson '$$LESSON'; there are $(lessons)" >&2; exit 2; fi
	@scripts/build heapwise $(lesson)_exercise
	@echo 'Testing lessons/$(lesson)/exercise.cc'
	@build/bin/$(lesson)_exercise --gtest_filter='Exercise.*' --gtest_brief=1

peers: setup
	@scripts/build heapwise binary_trees binary_trees_bdwgc peers_allocation peers_allocation_bdwgc \
	  peers_pool peers_pool_lock peers_new_delete profiler_cost service service_cost
	@$(heapwise) peers

report: setup
	@scripts/show "$$RUN"

doctor: setup
	@scripts/build heapwise
	@$(heapwise) doctor

test: setup
	@scripts/build
	@ctest --test-dir build --output-on-failure -j2

docs: setup
	@"$$(scripts/setup --python)" scripts/docs.py

# Only a run in which every lesson was measured becomes the reference. Its name is taken out of it, and it
# must not hold a path of the machine.
reference: programs
	@$(heapwise) bench
	@if grep -lF "$$PWD" results/latest/*.json; then echo 'make reference: these hold a path of this machine' >&2; exit 1; fi
	@rm -rf results/reference plots/reference
	@mkdir -p results/reference
	@cp results/latest/*.json results/latest/*.pb.gz results/reference/
	@sed -i 's/^\( *"id": \)"[^"]*"/\1"reference"/' results/reference/run.json
	@"$$(scripts/setup --python)" scripts/heapwise_profile.py results/reference/*.pb.gz
	@"$$(scripts/setup --python)" scripts/plot.py results/reference --out plots/reference
	@$(MAKE) docs

clean:
	@rm -rf build

help:
	@sed -n 's/^## \?//p' Makefile
