# How every target is compiled: ccache, warnings, sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# Debug adds what g++ can check at no other place: the bounds and preconditions of the standard library.
set(CMAKE_CXX_FLAGS_DEBUG "-g1 -D_GLIBCXX_ASSERTIONS")

find_program(CCACHE ccache)
if(CCACHE)
  # With precompiled headers ccache must be allowed to take them for unchanged when their contents are, and wants
  # g++ -fpch-preprocess. Paths below the base directory are relative, so that clones share results.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
  add_compile_options(-fpch-preprocess)
endif()

# -Wrestrict: false positives of g++ 12 on string concatenation (GCC bug 105651).
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -Wno-restrict)
# The compiler that CI uses is the one whose warnings are known, so they are errors there, for everyone. Another
# compiler has other warnings: they must not keep a newcomer from building.
set(known_compiler OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12\\.")
  set(known_compiler ON)
endif()
option(NACRE_WERROR "Warnings are errors; ON by default with g++ 12 alone" ${known_compiler})
set(CMAKE_COMPILE_WARNING_AS_ERROR ${NACRE_WERROR})

option(NACRE_SANITIZE "Build with the address and undefined-behaviour sanitizers" OFF)
if(NACRE_SANITIZE)
  # Without -fno-sanitize-recover a program that is caught in undefined behaviour would say so and pass.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# Objects that carry g++'s own description of every type beside the code, for the target `odr` (cmake/odr.cmake).
# Programs are linked from the code, as without it.
option(NACRE_ODR "Build what the target odr compares: definitions of one name in several sources" OFF)
if(NACRE_ODR)
  add_compile_options(-flto -ffat-lto-objects)
  add_link_options(-fno-lto)
endif()
