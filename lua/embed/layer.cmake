# SPDX-License-Identifier: MIT
# Writes the Lua layer as C arrays.
#
#   cmake -D FOLDER=lua/timens "-D FILES=init compat …" -D OUTPUT=layer.h -P layer.cmake
separate_arguments(FILES)
foreach(file IN LISTS FILES)
  file(READ ${FOLDER}/${file}.lua text HEX)
  string(REGEX REPLACE "(..)" "0x\\1," text "${text}")
  string(APPEND arrays "static const unsigned char text_of_${file}[] = {${text}};\n")
  set(module timens.${file})
  if(file STREQUAL init)
    set(module timens)
  endif()
  string(APPEND rows
    "\t{\"${module}\", \"@[timens]/${file}.lua\", text_of_${file}, sizeof text_of_${file}},\n")
endforeach()
file(WRITE ${OUTPUT} "${arrays}\nstatic const struct chunk layer[] = {\n${rows}};\n")
