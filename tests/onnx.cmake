# The tests drive this tool from Python, where the ONNX checker, ONNX's own cases and PyTorch's
# exporter are.
add_executable(onnx_roundtrip_tool onnx_roundtrip_tool.cc)
target_link_libraries(onnx_roundtrip_tool PRIVATE nacre_onnx nlohmann_json::nlohmann_json)

# The table in docs/operators.md is what the code says: `operators_table docs/operators.md` writes
# it.
add_executable(operators_table operators_table.cc)
target_link_libraries(operators_table PRIVATE nacre_graph)
add_test(NAME operators_page
         COMMAND operators_table --check ${PROJECT_SOURCE_DIR}/docs/operators.md)
set_tests_properties(operators_page PROPERTIES LABELS unit)
add_dependencies(unit_tests operators_table)

function(nacre_onnx_test name script timeout)
  add_test(NAME ${name}
           COMMAND ${PROJECT_SOURCE_DIR}/.deps/venv/bin/python
                   ${CMAKE_CURRENT_SOURCE_DIR}/${script} $<TARGET_FILE:onnx_roundtrip_tool> ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS integration TIMEOUT ${timeout} SKIP_RETURN_CODE 77)
endfunction()

set(shared "$ENV{NACRE_SHARED}")
if(NOT shared)
  set(shared ${PROJECT_SOURCE_DIR}/../shared)
endif()
nacre_onnx_test(onnx_backend_nodes onnx_backend_test.py 1800 $<TARGET_FILE:train_forward_tool>
                $<TARGET_FILE:operators_table>)
nacre_onnx_test(onnx_given_models onnx_roundtrip_test.py 300 given ${shared}/models)
nacre_onnx_test(onnx_cores onnx_roundtrip_test.py 300 core ${shared})
nacre_onnx_test(onnx_torch_exports onnx_roundtrip_test.py 900 torch)
nacre_onnx_test(onnx_light_models onnx_roundtrip_test.py 300 light)
