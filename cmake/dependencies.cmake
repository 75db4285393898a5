# Everything third-party, found once. scripts/setup.sh installs it.
set(NACRE_SITE_PACKAGES "${PROJECT_SOURCE_DIR}/.deps/venv/lib/python3.11/site-packages"
    CACHE PATH "Where the wheels lie (torch, openvino, onnx, highsbox)")
if(NOT EXISTS ${NACRE_SITE_PACKAGES}/torch)
  message(FATAL_ERROR "No wheels in ${NACRE_SITE_PACKAGES}: run scripts/setup.sh first")
endif()
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)  # before Torch, which ships protobuf headers of its own
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(PkgConfig REQUIRED)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
find_package(tomlplusplus REQUIRED)
find_package(PNG REQUIRED)
find_package(pugixml REQUIRED)
find_package(OpenVINO REQUIRED COMPONENTS Runtime
             PATHS ${NACRE_SITE_PACKAGES}/openvino/cmake NO_DEFAULT_PATH)
# The wheel's own highs-config.cmake names lib64/, which the wheel does not have, and asks for a
# BLAS that the library does not link: hence the target by hand.
set(highs_root ${NACRE_SITE_PACKAGES}/highsbox/highs_dist)
add_library(highs::highs SHARED IMPORTED)
set_target_properties(highs::highs PROPERTIES
  IMPORTED_LOCATION ${highs_root}/lib/libhighs.so
  INTERFACE_INCLUDE_DIRECTORIES "${highs_root}/include;${highs_root}/include/highs")
# MLPerf's LoadGen, built from its source distribution as it is.
set(loadgen_sources early_stopping.cc generated/version_generated.cc issue_query_controller.cc
    loadgen.cc logging.cc results.cc test_settings_internal.cc utils.cc version.cc)
set(loadgen_root ${PROJECT_SOURCE_DIR}/.deps/mlcommons_loadgen-6.0.17)
list(TRANSFORM loadgen_sources PREPEND ${loadgen_root}/)
add_library(loadgen STATIC ${loadgen_sources})
target_include_directories(loadgen SYSTEM PUBLIC ${loadgen_root})
target_compile_definitions(loadgen PRIVATE MAJOR_VERSION=6 MINOR_VERSION=0)
target_compile_options(loadgen PRIVATE -w)
target_link_libraries(loadgen PUBLIC Threads::Threads)
find_package(Torch REQUIRED PATHS ${NACRE_SITE_PACKAGES}/torch/share/cmake/Torch NO_DEFAULT_PATH)
