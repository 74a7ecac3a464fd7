# What `cmake --install` puts where. The wheel (SKBUILD) has its own idea of that.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/timens)

install(FILES core/include/timens.h TYPE INCLUDE)
# A file for each, since packages are split that way: what is not there is not offered.
foreach(pair timens:shared timens_static:static timens_lua_static:lua)
  string(REPLACE : ";" pair ${pair})
  list(GET pair 0 target)
  list(GET pair 1 component)
  if(TARGET ${target})
    install(TARGETS ${target} EXPORT ${component} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    install(EXPORT ${component} NAMESPACE timens:: DESTINATION ${package_dir}
      FILE timens-${component}.cmake)
  endif()
endforeach()

configure_package_config_file(cmake/timens-config.cmake.in timens-config.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(timens-config-version.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/timens-config.cmake ${PROJECT_BINARY_DIR}/timens-config-version.cmake
  DESTINATION ${package_dir})

# Found from where the file is, so that `cmake --install --prefix` need not change it.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR
  BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE includedir)
configure_file(cmake/timens.pc.in timens.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/timens.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TIMENS_LUA)
  file(GLOB layer CONFIGURE_DEPENDS lua/timens/*.lua)
  foreach(version IN LISTS TIMENS_LUA_VERSIONS)
    set(target timens_lua${version})
    if(version STREQUAL TIMENS_LUA_FIRST)
      set(target timens_lua)
    endif()
    install(TARGETS ${target} DESTINATION ${CMAKE_INSTALL_LIBDIR}/lua/${version}/timens)
    install(FILES ${layer} DESTINATION ${CMAKE_INSTALL_DATADIR}/lua/${version}/timens)
  endforeach()
  install(DIRECTORY library DESTINATION ${CMAKE_INSTALL_DATADIR}/timens)
  install(FILES lua/embed/timens_lua.h TYPE INCLUDE)
endif()

if(TIMENS_PYTHON)
  set(TIMENS_PYTHON_DIR
    ${CMAKE_INSTALL_LIBDIR}/python${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}/site-packages
    CACHE STRING "where the Python packages go")
  install(TARGETS timens_python DESTINATION ${TIMENS_PYTHON_DIR}/timens)
  install(DIRECTORY python/timens python/pytest_timens DESTINATION ${TIMENS_PYTHON_DIR}
    PATTERN __pycache__ EXCLUDE)
  set(dist_info timens-${PROJECT_VERSION}.dist-info)
  execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND ${Python_EXECUTABLE}
    ${PROJECT_SOURCE_DIR}/cmake/dist_info.py ${PROJECT_SOURCE_DIR} ${PROJECT_VERSION}
    ${PROJECT_BINARY_DIR}/${dist_info})
  install(DIRECTORY ${PROJECT_BINARY_DIR}/${dist_info} DESTINATION ${TIMENS_PYTHON_DIR})
endif()

if(PROJECT_IS_TOP_LEVEL)
  add_custom_target(uninstall COMMAND ${CMAKE_COMMAND}
    -D MANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt -P ${PROJECT_SOURCE_DIR}/cmake/uninstall.cmake)
endif()
