nacre_test(benchmark_scenario_test LABEL integration SOURCES benchmark_scenario_test.cc
           LINK nacre_benchmark nacre_graph)
