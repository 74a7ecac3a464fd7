# What hardens a build, in SWIG's code too; scripts/hardening.py looks for it in the files.
add_library(timens_hardening INTERFACE)
if(NOT TIMENS_SANITIZE)
  target_compile_options(timens_hardening INTERFACE -fstack-protector-strong
    -fstack-clash-protection)
  target_link_options(timens_hardening INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    target_compile_options(timens_hardening INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  endif()
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64")
  target_compile_options(timens_hardening INTERFACE -fcf-protection)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64")
  target_compile_options(timens_hardening INTERFACE -mbranch-protection=standard)
endif()

# Counters in a file that is mapped into every process, so that those of a child which never comes
# back (it executes a program, or is killed) count as well; and one file for each program and module,
# whoever runs it, wherever. That of clang can do so.
if(TIMENS_COVERAGE)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/profiles)
  file(CHMOD ${CMAKE_BINARY_DIR}/profiles PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_WRITE GROUP_EXECUTE WORLD_READ WORLD_WRITE WORLD_EXECUTE)
  set(profile -fprofile-instr-generate=${CMAKE_BINARY_DIR}/profiles/%m%c.profraw)
  target_compile_options(timens_hardening INTERFACE ${profile} -fcoverage-mapping
    "SHELL:-mllvm -runtime-counter-relocation")
  target_link_options(timens_hardening INTERFACE ${profile})
endif()

# The flags of every target of ours.
add_library(timens_flags INTERFACE)
target_link_libraries(timens_flags INTERFACE timens_hardening)
target_compile_options(timens_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow
  -Wstrict-prototypes -Wmissing-prototypes -Wvla)
if(TIMENS_SANITIZE)
  target_compile_options(timens_flags INTERFACE -fsanitize=${TIMENS_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(timens_flags INTERFACE -fsanitize=${TIMENS_SANITIZE})
endif()

# The same bytes, whatever the folder is called.
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(timens_hardening INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
endif()

# For code without a libc: gcc makes calls of memset and memcpy out of loops and has a switch
# against that; clang needs none once -fno-builtin is set.
set(TIMENS_FREESTANDING_FLAGS -fno-stack-protector -fno-builtin)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND TIMENS_FREESTANDING_FLAGS -fno-tree-loop-distribute-patterns)
endif()
