# SPDX-License-Identifier: MIT
# musl, where it is installed next to the system's C library: TIMENS_MUSL, and the flags to compile
# and link with it. They are those of the musl-gcc wrapper, which clang does not understand.
set(triplet ${CMAKE_SYSTEM_PROCESSOR}-linux-musl)
find_path(TIMENS_MUSL_INCLUDE_DIR features.h NO_DEFAULT_PATH
  PATHS /usr/include/${triplet} /usr/${triplet}/include)
find_file(TIMENS_MUSL_START rcrt1.o NO_DEFAULT_PATH
  PATHS /usr/lib/${triplet} /usr/${triplet}/lib64 /usr/${triplet}/lib)
find_file(TIMENS_MUSL_LIBC libc.a NO_DEFAULT_PATH
  PATHS /usr/lib/${triplet} /usr/${triplet}/lib64 /usr/${triplet}/lib)
if(TIMENS_MUSL_INCLUDE_DIR AND TIMENS_MUSL_START AND TIMENS_MUSL_LIBC)
  set(TIMENS_MUSL TRUE)
endif()

# The compiler's own headers, and the kernel's, which musl-dev does not have.
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=include
  OUTPUT_VARIABLE compiler_headers OUTPUT_STRIP_TRAILING_WHITESPACE)
add_library(timens_musl INTERFACE)
target_compile_options(timens_musl INTERFACE -nostdinc
  "SHELL:-isystem ${TIMENS_MUSL_INCLUDE_DIR}" "SHELL:-isystem ${compiler_headers}"
  "SHELL:-idirafter /usr/include" "SHELL:-idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}"
  -ffunction-sections -fdata-sections)
target_link_options(timens_musl INTERFACE -nostdlib -static-pie -Wl,--gc-sections)
target_link_libraries(timens_musl INTERFACE ${TIMENS_MUSL_START} ${TIMENS_MUSL_LIBC} gcc)
