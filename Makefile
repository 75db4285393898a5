# make         build/nacre
# make test    all tests that need no other machine
# make demo    the main job on data that nacre renders itself, at most 15 minutes on 2 cores
# make bench   the benchmarks behind docs/results.md that need no data set
JOBS ?= 2
BUILD ?= build
# Tests train beside each other: OpenMP's spinning would make them several times slower.
test: export OMP_WAIT_POLICY = passive

.PHONY: all setup configure demo test bench clean
all: configure
	cmake --build $(BUILD) --target nacre -j $(JOBS)

setup:
	scripts/setup.sh

configure: setup
	@test -e $(BUILD)/build.ninja || cmake -S . -B $(BUILD) -G Ninja > $(BUILD).log || (cat $(BUILD).log; false)

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

clean:
	rm -rf $(BUILD) $(BUILD).log
