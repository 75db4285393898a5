add_executable(rank_quality ${CMAKE_CURRENT_LIST_DIR}/rank_quality.cc)
target_link_libraries(rank_quality PRIVATE nacre_pipeline fmt::fmt)
