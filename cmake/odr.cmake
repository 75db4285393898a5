# The target `odr`: the objects of all rooms in one link that makes no program. g++ compares the
# types of one name in all of them, and fails where two differ: they would break the one-definition
# rule ([basic.def.odr]). It needs NACRE_ODR.
if(NACRE_ODR)
  get_property(libraries GLOBAL PROPERTY NACRE_LIBRARIES)
  set(objects "")
  foreach(library IN LISTS libraries ITEMS nacre_demo)
    # Precompiled headers count as objects, and hold no code.
    list(APPEND objects "$<FILTER:$<TARGET_OBJECTS:${library}>,EXCLUDE,\\.gch$>")
  endforeach()
  # -flinker-output=rel: types are merged, and no code is made of them, which would take minutes.
  add_custom_target(odr
    COMMAND ${CMAKE_CXX_COMPILER} -r -nostdlib -flto=1 -flinker-output=rel -Wodr -Werror=odr
            -o ${PROJECT_BINARY_DIR}/odr.o ${objects}
    COMMAND ${CMAKE_COMMAND} -E echo "odr: every type has one definition in all rooms"
    DEPENDS ${objects} COMMAND_EXPAND_LISTS VERBATIM)
endif()
