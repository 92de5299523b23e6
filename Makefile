# 网格 wangge: one short task file runs everything. `make demo` and `make test` need only Python >= 3.11, git and make.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
COUNTY ?= panshan
JOBS ?= 2

.PHONY: help venv demo serve test lint bench soak docs clean

help:
	@echo "make demo    示例县：数据 → 方案 → 人员 → 覆盖 → 补点 → 图册 → 地图 (a sample county, end to end)"
	@echo "make serve   打开示例县 (open it in a browser)"
	@echo "make test    全部测试 (the whole test suite)"
	@echo "make lint    ruff, mypy, import-linter · make docs: documentation guards · make bench: benchmarks"
	@echo "make soak    随机时刻 kill -9、多人同时读写，约 15 分钟 (kills at random moments, crowds; needs PostgreSQL)"

venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新：make PYTHON=python3.12 $(MAKECMDGOALS) · Python >= 3.11 is needed"; exit 2; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv 2>/dev/null || \
	  { rm -rf .venv && $(PYTHON) -m venv --without-pip .venv && $(PYTHON) -m pip --python .venv/bin/python install -q pip; } || \
	  { rm -rf .venv; echo "缺少 venv：请先运行 apt-get install python3-venv · venv is missing: run apt-get install python3-venv"; exit 2; }
	@echo "正在安装依赖（约 1-2 分钟）· installing what it needs (1-2 minutes)"
	@$(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt -e '.[postgis,dask,dev]'
	@echo "正在编译计算内核（首次约 1-3 分钟）· compiling kernels (1-3 minutes the first time)"
	@$(BIN)/python -m wangge.warm
	@touch $@

demo: venv
	@$(BIN)/wangge demo demo --county $(COUNTY)

serve: venv
	@test -f demo/county.gpkg || $(MAKE) --no-print-directory demo
	@$(BIN)/wangge serve demo/county.gpkg --open

test: venv
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadgroup

lint: venv
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: venv
	@$(BIN)/python -m benchmarks.install
	@$(BIN)/python -m benchmarks

soak: venv
	@$(BIN)/python -m tests.soak

docs: venv
	@$(BIN)/python -m pytest -q tests/guards

clean:
	@rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
