# The scripts drive this tool, and hold its figures against pycocotools.
add_executable(detection_metric_tool detection_metric_tool.cc)
target_include_directories(detection_metric_tool PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(detection_metric_tool PRIVATE nacre_task nacre_data fmt::fmt
                                                    nlohmann_json::nlohmann_json)
add_test(NAME detection_beside_pycocotools
         COMMAND ${PROJECT_SOURCE_DIR}/.deps/venv/bin/python
                 ${CMAKE_CURRENT_SOURCE_DIR}/detection_beside_pycocotools.py
                 $<TARGET_FILE:detection_metric_tool>)
set_tests_properties(detection_beside_pycocotools PROPERTIES LABELS integration TIMEOUT 300
                                                             SKIP_RETURN_CODE 77)

add_executable(detection_set_tool detection_set_tool.cc)
target_include_directories(detection_set_tool PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(detection_set_tool PRIVATE nacre_data nlohmann_json::nlohmann_json)
set(shared "$ENV{NACRE_SHARED}")
if(NOT shared)
  set(shared ${PROJECT_SOURCE_DIR}/../shared)
endif()
add_test(NAME detection_given_sets
         COMMAND ${PROJECT_SOURCE_DIR}/.deps/venv/bin/python
                 ${CMAKE_CURRENT_SOURCE_DIR}/detection_given_sets.py
                 $<TARGET_FILE:detection_set_tool> ${shared}/data)
set_tests_properties(detection_given_sets PROPERTIES LABELS integration TIMEOUT 120
                                                     SKIP_RETURN_CODE 77)

add_executable(detection_suppress_tool detection_suppress_tool.cc)
target_include_directories(detection_suppress_tool PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(detection_suppress_tool PRIVATE nacre_task nlohmann_json::nlohmann_json)
add_test(NAME detection_suppress
         COMMAND ${PROJECT_SOURCE_DIR}/.deps/venv/bin/python
                 ${CMAKE_CURRENT_SOURCE_DIR}/detection_suppress_test.py
                 $<TARGET_FILE:detection_suppress_tool>)
set_tests_properties(detection_suppress PROPERTIES LABELS integration TIMEOUT 120)
