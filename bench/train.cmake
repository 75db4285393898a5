add_executable(train_throughput ${CMAKE_CURRENT_LIST_DIR}/train_throughput.cc)
target_link_libraries(train_throughput PRIVATE nacre_train)
add_executable(recipe_bench ${CMAKE_CURRENT_LIST_DIR}/recipe_bench.cc)
target_link_libraries(recipe_bench PRIVATE nacre_train nacre_dataset nacre_evaluate nacre_onnx fmt::fmt)
