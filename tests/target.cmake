add_executable(target_measure_child target_measure_child.cc)
target_include_directories(target_measure_child PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(target_measure_child PRIVATE nacre_target)

nacre_test(target_openvino_test LABEL integration SOURCES target_openvino_test.cc
           LINK nacre_target nacre_graph)
nacre_test(target_child_test LABEL integration SOURCES target_child_test.cc
           LINK nacre_target nacre_graph)
target_compile_definitions(target_child_test
                           PRIVATE MEASURE_CHILD="$<TARGET_FILE:target_measure_child>")
add_dependencies(target_child_test target_measure_child)
nacre_test(target_compare_test LABEL integration SOURCES target_compare_test.cc
           LINK nacre_target nacre_onnx)
