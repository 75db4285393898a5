# The example that trains a detector is Python alone; it needs Pillow and pycocotools, which
# scripts/setup.sh --checks installs, and is skipped without them.
add_test(NAME ssd_example
         COMMAND ${PROJECT_SOURCE_DIR}/.deps/venv/bin/python
                 ${CMAKE_CURRENT_SOURCE_DIR}/ssd_example_test.py)
set_tests_properties(ssd_example PROPERTIES LABELS integration TIMEOUT 300 SKIP_RETURN_CODE 77)
