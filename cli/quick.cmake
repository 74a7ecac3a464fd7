# SPDX-License-Identifier: MIT
# bin/timens is the quick half of the command, of the sources in `quick`, and libexec/timens/timens the
# whole; without musl, bin/timens is the whole.
option(TIMENS_QUICK "put a statically linked half of the command in front, if musl is there" ON)
include(${PROJECT_SOURCE_DIR}/cmake/musl.cmake)

set(TIMENS_CLI_PLACE ${CMAKE_INSTALL_BINDIR})
if(NOT TIMENS_QUICK OR NOT TIMENS_MUSL OR TIMENS_SANITIZE OR TIMENS_COVERAGE)
  return()
endif()

# In the build tree as it is installed.
set(TIMENS_CLI_PLACE ${CMAKE_INSTALL_LIBEXECDIR}/timens)
set(rest ${CMAKE_INSTALL_FULL_LIBEXECDIR}/timens)
file(RELATIVE_PATH from_here ${CMAKE_INSTALL_FULL_BINDIR} ${rest})
set_target_properties(timens_cli PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${from_here})

# Compiled once more, and not for the linters, which have seen these files.
get_target_property(core timens_objects SOURCES)
list(TRANSFORM core PREPEND ${PROJECT_SOURCE_DIR}/core/)
add_library(timens_quick OBJECT ${quick} ${core})
set_target_properties(timens_quick PROPERTIES EXPORT_COMPILE_COMMANDS OFF)
target_include_directories(timens_quick PUBLIC ${PROJECT_SOURCE_DIR}/core/include)
target_compile_definitions(timens_quick PUBLIC _GNU_SOURCE)
target_link_libraries(timens_quick PUBLIC timens_flags timens_musl)

add_executable(timens_front front.c)
set_target_properties(timens_front PROPERTIES OUTPUT_NAME timens)
target_compile_definitions(timens_front PRIVATE
  TIMENS_REST="${rest}/timens" TIMENS_REST_FROM_HERE="${from_here}/timens")
target_link_libraries(timens_front PRIVATE timens_quick)
install(TARGETS timens_front)
