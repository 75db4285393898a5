add_executable(rank_quality ${CMAKE_CURRENT_LIST_DIR}/rank_quality.cc)
target_link_libraries(rank_quality PRIVATE nacre_pipeline fmt::fmt)
add_executable(random_architecture ${CMAKE_CURRENT_LIST_DIR}/random_architecture.cc)
target_link_libraries(random_architecture PRIVATE nacre_pipeline fmt::fmt
                      nlohmann_json::nlohmann_json)
add_executable(simulated_acceptances ${CMAKE_CURRENT_LIST_DIR}/simulated_acceptances.cc)
target_link_libraries(simulated_acceptances PRIVATE nacre_pipeline fmt::fmt)
