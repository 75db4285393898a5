# The target `odr`: all rooms' objects in one link that makes no program. g++ compares the types of one name in all of
# them and fails where two differ, which breaks C++'s one-definition rule ([basic.def.odr]). Needs NACRE_ODR.
if(NACRE_ODR)
  set(objects "")
  foreach(room IN LISTS NACRE_ROOMS ITEMS demo)
    list(APPEND objects $<TARGET_OBJECTS:nacre_${room}>)
  endforeach()
  # -flinker-output=rel: types are merged, and no code is made of them, which would take minutes.
  add_custom_target(odr
    COMMAND ${CMAKE_CXX_COMPILER} -r -nostdlib -flto=1 -flinker-output=rel -Wodr -Werror=odr
            -o ${PROJECT_BINARY_DIR}/odr.o ${objects}
    COMMAND ${CMAKE_COMMAND} -E echo "odr: every type has one definition in all rooms"
    DEPENDS ${objects} COMMAND_EXPAND_LISTS VERBATIM)
endif()
