# The command line as a user meets it: the built binary, its exit codes, a whole tiny run.
foreach(name cli_bad_input cli_bootstrap cli_convert cli_detection cli_full_disk cli_golden
             cli_optimize cli_remote cli_sshd cli_target)
  nacre_test(${name}_test LABEL integration TIMEOUT 600 SOURCES ${name}_test.cc
             LINK nacre_demo nacre_pipeline nlohmann_json::nlohmann_json)
  target_compile_definitions(${name}_test PRIVATE NACRE_BINARY="$<TARGET_FILE:nacre>")
  add_dependencies(${name}_test nacre)
endforeach()
target_compile_definitions(cli_detection_test PRIVATE
  NACRE_SUPPRESSED_FORM="${CMAKE_CURRENT_SOURCE_DIR}/suppressed_form.py")

# One hostile model of each kind; by hand, without --kinds, all of them. A busy machine has more
# time than the 10 seconds that the script gives.
add_test(NAME cli_malformed_models
         COMMAND ${PROJECT_SOURCE_DIR}/.deps/venv/bin/python
                 ${CMAKE_CURRENT_SOURCE_DIR}/malformed_models.py $<TARGET_FILE:nacre> --kinds
                 --limit 40)
set_tests_properties(cli_malformed_models PROPERTIES LABELS integration TIMEOUT 600)
