# bench/latency_table_bench [fp32|int8] [architectures]: predicted against measured latency of
# random networks.
add_executable(latency_table_bench latency_table_bench.cc)
target_link_libraries(latency_table_bench PRIVATE nacre_cost nacre_quantize nacre_target nacre_onnx
                      nacre_graph fmt::fmt)
