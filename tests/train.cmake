nacre_test(train_lower_test LABEL integration SOURCES train_lower_test.cc
           LINK nacre_train nacre_onnx ${TORCH_LIBRARIES})
nacre_test(train_operators_test LABEL integration SOURCES train_operators_test.cc
           LINK nacre_train ${TORCH_LIBRARIES})
nacre_test(train_loop_test LABEL integration SOURCES train_loop_test.cc
           LINK nacre_train nacre_target)
nacre_test(train_hint_test LABEL integration SOURCES train_hint_test.cc LINK nacre_train)
nacre_test(train_optimizer_test LABEL integration SOURCES train_optimizer_test.cc
           LINK nacre_train ${TORCH_LIBRARIES})
nacre_test(train_norm_test LABEL integration SOURCES train_norm_test.cc
           LINK nacre_train ${TORCH_LIBRARIES})
nacre_test(train_distill_test LABEL integration SOURCES train_distill_test.cc
           LINK nacre_train nacre_target)
nacre_test(train_super_network_test LABEL integration SOURCES train_super_network_test.cc
           LINK nacre_train)
nacre_test(train_networks_test LABEL integration SOURCES train_networks_test.cc
           LINK nacre_train nacre_onnx ${TORCH_LIBRARIES})

# tests/onnx_backend_test.py drives this tool.
add_executable(train_forward_tool train_forward_tool.cc)
target_link_libraries(train_forward_tool PRIVATE nacre_train nacre_onnx
                                                 nlohmann_json::nlohmann_json ${TORCH_LIBRARIES})
