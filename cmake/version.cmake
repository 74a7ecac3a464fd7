# The version, from the one place where it stands.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../core/include/timens.h TIMENS_VERSION
  REGEX "define TIMENS_VERSION_(MAJOR|MINOR|PATCH) ")
list(TRANSFORM TIMENS_VERSION REPLACE "^.* " "")
list(JOIN TIMENS_VERSION . TIMENS_VERSION)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_LIST_DIR}/../core/include/timens.h)
