add_executable(solver_bench ${CMAKE_CURRENT_LIST_DIR}/solver_bench.cc)
target_link_libraries(solver_bench PRIVATE nacre_search benchmark::benchmark)
