# make          build/nacre
# make test     all tests that need no other machine
# make demo     the main job on data that nacre renders itself, at most 15 minutes on 2 cores
# make bench    the benchmarks behind docs/results.md that need no data set
# make check    all that CI runs, for contributors: lint, sanitize, tidy, test
# make lint     the arrows between rooms, format, columns, complexity: less than a minute
# make sanitize the unit tests, not optimised, under sanitizers; one definition of every type
# make tidy     clang-tidy
# make fuzz     mutated models, run files and images under sanitizers, FUZZ_SECONDS each (20)
JOBS ?= 2
BUILD ?= build
# Tests train beside each other: OpenMP's spinning would make them several times slower.
test sanitize: export OMP_WAIT_POLICY = passive

.PHONY: all setup setup-checks configure demo test bench check lint sanitize tidy fuzz clean
all: configure
	cmake --build $(BUILD) --target nacre -j $(JOBS)

setup:
	scripts/setup.sh

setup-checks:
	scripts/setup.sh --checks

configure: setup
	@test -e $(BUILD)/build.ninja || \
	  cmake -S . -B $(BUILD) -G Ninja > $(BUILD).log || (cat $(BUILD).log; false)

demo: all
	$(BUILD)/nacre demo demo
	rm -rf demo/run
	$(BUILD)/nacre optimize demo/run.toml

test: configure
	cmake --build $(BUILD) -j $(JOBS)
	scripts/check-arrows.py
	ctest --test-dir $(BUILD) --output-on-failure -LE slow

bench: configure
	cmake --build $(BUILD) -j $(JOBS)
	for each in $(BUILD)/bench/*_bench; do $$each; done

# The quick ones first; the tests last, since CTest's verdict is the last line that CI wants to see.
check:
	$(MAKE) lint
	$(MAKE) sanitize
	$(MAKE) tidy
	$(MAKE) test

FUZZ_SECONDS ?= 20
fuzz: setup
	cmake --preset sanitizers -D NACRE_FUZZ=ON > build-sanitizers.log || \
	  (cat build-sanitizers.log; false)
	cmake --build build-sanitizers --target fuzz_targets -j $(JOBS)
	.deps/venv/bin/python fuzz/run.py build-sanitizers --seconds $(FUZZ_SECONDS)

lint: setup-checks
	scripts/check-arrows.py --self-test
	scripts/check-columns.py --self-test
	scripts/check-complexity.py --self-test
	scripts/check-arrows.py
	scripts/check-format.sh
	scripts/check-columns.py
	scripts/check-complexity.py

sanitize: setup
	cmake --preset sanitizers > build-sanitizers.log || (cat build-sanitizers.log; false)
	cmake --build --preset sanitizers -j $(JOBS)
	ctest --preset sanitizers -j $(JOBS)

tidy: setup-checks
	cmake --preset sanitizers > build-sanitizers.log || (cat build-sanitizers.log; false)
	cmake --build build-sanitizers --target src/onnx/generated/nacre_onnx.pb.h
	scripts/check-tidy.py --self-test
	scripts/check-tidy.py build-sanitizers -j $(JOBS)

clean:
	rm -rf $(BUILD) $(BUILD).log build-debug build-sanitizers build-sanitizers.log
