# Writes OUT, which says what was built: VERSION and the commit of SOURCE, with "+" behind it when
# files differ from that commit. A file that would say the same is left as it is.
cmake_policy(VERSION 3.25)
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty=+ --exclude=*
                  WORKING_DIRECTORY ${SOURCE}
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(text "${VERSION}")
if(commit)
  string(APPEND text " (${commit})")
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT [[
#include "cli/version.h"

std::string nacre::Version() { return "@text@"; }
]])
