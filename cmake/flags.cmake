# The flags of every target of ours.
add_library(timens_flags INTERFACE)
target_compile_options(timens_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow
  -Wstrict-prototypes -Wmissing-prototypes -Wvla)

if(TIMENS_SANITIZE)
  target_compile_options(timens_flags INTERFACE -fsanitize=${TIMENS_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(timens_flags INTERFACE -fsanitize=${TIMENS_SANITIZE})
else()
  target_compile_options(timens_flags INTERFACE -fstack-protector-strong)
  target_link_options(timens_flags INTERFACE -Wl,-z,relro,-z,now)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    target_compile_options(timens_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
endif()

# The same bytes, whatever the folder is called.
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(timens_flags INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
endif()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64")
  target_compile_options(timens_flags INTERFACE -fcf-protection)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64")
  target_compile_options(timens_flags INTERFACE -mbranch-protection=standard)
endif()

# For code without a libc: gcc makes calls of memset and memcpy out of loops and has a switch
# against that; clang needs none once -fno-builtin is set.
set(TIMENS_FREESTANDING_FLAGS -fno-stack-protector -fno-builtin)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND TIMENS_FREESTANDING_FLAGS -fno-tree-loop-distribute-patterns)
endif()
