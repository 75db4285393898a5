# Builds every program that CTest knows under the label `unit`, and nothing else.
add_custom_target(unit_tests)

# nacre_folder(NAME [LINK folder...] [PRIVATE library...] [PRECOMPILE header...])
#
# One static library `nacre_NAME` of every *.cc beside the caller, less *_test.cc; and, when there
# are any, one CTest program `NAME_test` of the *_test.cc, labelled `unit`.
# LINK names folders above this one; PRIVATE names third parties, which stay in this room.
# PRECOMPILE names headers that most files of the room include and that take seconds to read.
function(nacre_folder name)
  cmake_parse_arguments(arg "" "" "LINK;PRIVATE;PRECOMPILE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  file(GLOB tests CONFIGURE_DEPENDS *_test.cc)
  list(REMOVE_ITEM sources ${tests} "")
  list(TRANSFORM arg_LINK PREPEND nacre_)
  add_library(nacre_${name} STATIC ${sources})
  set_property(GLOBAL APPEND PROPERTY NACRE_LIBRARIES nacre_${name})
  target_include_directories(nacre_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(nacre_${name} PUBLIC ${arg_LINK} PRIVATE ${arg_PRIVATE})
  if(arg_PRECOMPILE)
    target_precompile_headers(nacre_${name} PRIVATE ${arg_PRECOMPILE})
  endif()
  if(tests)
    nacre_test(${name}_test LABEL unit SOURCES ${tests} LINK nacre_${name} ${arg_PRIVATE})
  endif()
endfunction()

# nacre_test(NAME LABEL label SOURCES file... LINK library... [TIMEOUT seconds])
function(nacre_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(NACRE_SANITIZE)
    math(EXPR arg_TIMEOUT "5 * ${arg_TIMEOUT}")  # not optimised, and every access is checked
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(${name} PRIVATE
    NACRE_PYTHON="${PROJECT_SOURCE_DIR}/.deps/venv/bin/python"
    NACRE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gtest GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
  if(arg_LABEL STREQUAL unit)
    add_dependencies(unit_tests ${name})
  endif()
endfunction()
