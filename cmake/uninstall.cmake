# Takes away what the last `cmake --install` of this build has put there, under DESTDIR if that is
# set, and the folders of ours that are empty then.
#
#   cmake -D MANIFEST=install_manifest.txt -P uninstall.cmake
if(NOT EXISTS ${MANIFEST})
  message(FATAL_ERROR "uninstall: ${MANIFEST} is not there: this build was not installed")
endif()
file(STRINGS ${MANIFEST} files)
foreach(file IN LISTS files)
  set(file $ENV{DESTDIR}${file})
  message(STATUS "Removing: ${file}")
  file(REMOVE ${file})
  cmake_path(GET file PARENT_PATH folder)
  while(folder MATCHES "/[^/]*timens[^/]*(/.*)?$")
    file(GLOB left LIST_DIRECTORIES true ${folder}/* ${folder}/.*)
    list(FILTER left EXCLUDE REGEX "/\\.\\.?$")
    if(left)
      break()
    endif()
    file(REMOVE_RECURSE ${folder})
    cmake_path(GET folder PARENT_PATH folder)
  endwhile()
endforeach()
file(REMOVE ${MANIFEST})
