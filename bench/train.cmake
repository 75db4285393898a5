add_executable(train_throughput ${CMAKE_CURRENT_LIST_DIR}/train_throughput.cc)
target_link_libraries(train_throughput PRIVATE nacre_train)
add_executable(train_recipe ${CMAKE_CURRENT_LIST_DIR}/train_recipe.cc)
target_link_libraries(train_recipe PRIVATE nacre_train nacre_data nacre_target nacre_onnx fmt::fmt)
add_executable(train_networks ${CMAKE_CURRENT_LIST_DIR}/train_networks.cc)
target_link_libraries(train_networks PRIVATE nacre_train nacre_data nacre_target nacre_onnx
                      fmt::fmt)
add_executable(train_from_files ${CMAKE_CURRENT_LIST_DIR}/train_from_files.cc)
target_link_libraries(train_from_files PRIVATE nacre_train nacre_data nacre_target nacre_onnx
                      fmt::fmt)
add_executable(list_images ${CMAKE_CURRENT_LIST_DIR}/list_images.cc)
target_link_libraries(list_images PRIVATE nacre_data fmt::fmt)
