# SPDX-License-Identifier: MIT
#
# Two promises that only the finished objects can keep:
#  - what runs between clone and exec needs no symbol from elsewhere (a libc function, a
#    sanitizer's hook, a stack check, a memcpy that the compiler put in);
#  - the library exports what timens.map names, and nothing else.
cmake_policy(SET CMP0057 NEW)

function(run_tool output)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${status}\n${err}")
  endif()
  set(${output} "${out}" PARENT_SCOPE)
endfunction()

function(check_freestanding)
  set(objects ${OBJECTS})
  list(FILTER objects INCLUDE REGEX "/(child|holder|nsfile|probe|vmclone)\\.c\\.o$")
  list(LENGTH objects count)
  if(NOT count EQUAL 5)
    message(FATAL_ERROR "expected the objects of child.c holder.c nsfile.c probe.c vmclone.c: ${objects}")
  endif()
  run_tool(ignored ${LINKER} -r -o ${SCRATCH} ${objects})
  run_tool(defined ${NM} --defined-only ${SCRATCH})
  if(NOT defined MATCHES "timens_child_run")
    message(FATAL_ERROR "timens_child_run is not in the linked objects:\n${defined}")
  endif()
  run_tool(undefined ${NM} -u ${SCRATCH})
  if(undefined MATCHES "[^ \n]")
    message(FATAL_ERROR "needed between clone and exec, from elsewhere:\n${undefined}")
  endif()
endfunction()

function(check_exports)
  file(READ ${MAP} map)
  string(REGEX MATCHALL "timens_[a-z_0-9]+" promised "${map}")
  run_tool(symbols ${NM} -D --defined-only ${LIBRARY})
  string(REGEX MATCHALL " [A-Z] [^\n]+" lines "${symbols}")
  set(exported)
  foreach(line IN LISTS lines)
    # The version node itself is an absolute symbol.
    if(line MATCHES "^ [^A] ([^@]+)@@TIMENS_")
      list(APPEND exported ${CMAKE_MATCH_1})
    elseif(NOT line MATCHES "^ A ")
      message(FATAL_ERROR "exported without a version:${line}")
    endif()
  endforeach()
  list(SORT promised)
  list(SORT exported)
  if(NOT promised OR NOT "${promised}" STREQUAL "${exported}")
    message(FATAL_ERROR "timens.map promises: ${promised}\nthe library exports: ${exported}")
  endif()
endfunction()

check_freestanding()
check_exports()
