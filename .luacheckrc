-- luacheck settings: policies see Lua 5.4 minus what the sandbox leaves out, plus `evenhand`.

stds.evenhand = {
	read_globals = {
		evenhand = {
			fields = {
				"api", "pairs_sorted", "next_sorted", "sort", "ratio_text", "limit_text", "percent", "p_text",
				"interval_text", "count", "list", "reference_text", "subject_text",
			},
		},
	},
}

std = "lua54+evenhand"
max_line_length = 120
codes = true

-- What lua/sandbox.c leaves out of a policy's environment.
not_globals = {
	"load", "loadfile", "dofile", "collectgarbage", "print", "warn", "xpcall", "coroutine", "io", "os", "debug", "package",
	"require",
}

files["scripts/meta/*.lua"] = { ignore = { "1", "2", "6" } }
files["**/*_spec.lua"] = {
	std = "lua54+busted",
	globals = { "_G.evenhand", "dofile", "loadfile" },
}
