-- SPDX-License-Identifier: MIT
-- The package is for all versions of Lua, and so are the specs.
std = "min"
max_line_length = 120

files["lua/timens/compat.lua"] = { std = "max" }
files["library"] = { unused_args = false, ignore = { "241" } }
files["tests/lua"] = { std = "min+busted" }
files["tests/lua/helper.lua"] = { std = "max" }
files["tests/lua/lua_close_spec.lua"] = { std = "lua54+busted" }
files["examples"] = { std = "lua54" }
