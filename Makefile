## Heapwise: what memory management costs, measured on this machine.
##
##   make bench              measure all lessons, draw the charts, write the report
##   make quick              the same, rougher and quicker: fewer blocks and variants
##   make lesson LESSON=05   the same for one lesson, by its number or its name
##   make check LESSON=05    run the tests of a lesson's exercise against your exercise.cc
##   make peers              the same work by our runtime, bdwgc alone and Go, side by side; 10 minutes
##   make report             draw charts and report again for the newest run, or for RUN=results/...
##   make doctor             what on this machine makes measurements worse, and what to do
##   make test               build everything and run all tests
##   make lint               layout of the C++ (clang-format), and clang-tidy on what has changed
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

# `make -j2 quick test` must not measure while tests run. Ninja and ctest are parallel by themselves.
.NOTPARALLEL:
.PHONY: bench quick lesson check peers report doctor test lint docs reference clean help setup programs

setup:
	@scripts/setup

# What measuring needs, which is less than everything: no tests.
programs: setup
	@scripts/build $(tools) $(lessons)

bench: programs
	@scripts/measure

quick: programs
	@scripts/measure --quick

# Which lesson is meant is settled first: a slip must not cost a build.
lesson:
	@name=$$(scripts/lesson "$$LESSON"); scripts/setup; scripts/build $(tools) "$$name"; scripts/measure --mode=lesson "$$name"

check:
	@name=$$(scripts/lesson "$$LESSON"); scripts/setup; scripts/build heapwise "$${name}_exercise"; \
	echo "Testing lessons/$$name/exercise.cc"; "build/bin/$${name}_exercise" --gtest_filter='Exercise.*' --gtest_brief=1

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

lint:
	@scripts/lint

docs: setup
	@scripts/python scripts/docs.py

reference: programs
	@scripts/reference
	@$(MAKE) docs

clean:
	@rm -rf build

help:
	@sed -n 's/^## \?//p' Makefile
