# Where each version of Lua has its headers and gets its modules; those of the first, which is the
# one that everything else uses, are in lua/.
list(GET TIMENS_LUA_VERSIONS 0 TIMENS_LUA_FIRST)
foreach(version IN LISTS TIMENS_LUA_VERSIONS)
  find_path(TIMENS_LUA_${version}_INCLUDE_DIR lua.h PATH_SUFFIXES lua${version} REQUIRED)
  set(TIMENS_LUA_${version}_OUTPUT ${CMAKE_BINARY_DIR}/lua${version})
endforeach()
set(TIMENS_LUA_${TIMENS_LUA_FIRST}_OUTPUT ${CMAKE_BINARY_DIR}/lua)
