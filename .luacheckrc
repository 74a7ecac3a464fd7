-- SPDX-License-Identifier: MIT
-- The package is for all versions of Lua, and so are the specs.
std = "min"
max_line_length = 120

files["lua/timens/compat.lua"] = { std = "max" }
files["library"] = { unused_args = false, ignore = { "241" } }
files["tests/lua"] = { std = "min+busted" }
files["tests/lua/helper.lua"] = { std = "max" }
-- It puts its own in the place of what ends a program and what makes coroutines.
files["tests/lua/coverage.lua"] = { std = "lua54", ignore = { "122" } }
files["tests/lua/lua_close_spec.lua"] = { std = "lua54+busted" }
files["examples"] = { std = "lua54" }
