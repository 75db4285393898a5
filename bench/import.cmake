add_executable(import_bench import_bench.cc)
target_include_directories(import_bench PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(import_bench PRIVATE nacre_onnx benchmark::benchmark_main)
