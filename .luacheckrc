-- luacheck settings: policies see what lua/sandbox.c gives them and nothing else;
-- made by `evenhand manual` from the program's tables; `make stubs` writes it anew.

stds.evenhand = {
	read_globals = {
		_G = { other_fields = true },
		_VERSION = {},
		assert = {},
		error = {},
		evenhand = {
			fields = {
				"api", "project", "pairs_sorted", "next_sorted", "sort", "ratio_text", "limit_text",
				"percent", "p_text", "interval_text", "count", "list", "provenance_text",
				"reference_text", "subject_text", "below", "benchmark", "counts", "effects", "family",
				"impact_ratio", "interval", "library", "paired", "posterior", "power", "rate",
				"rate_interval", "rates", "strata", "test", "unseen",
			},
		},
		getmetatable = {},
		ipairs = {},
		math = {
			fields = {
				"abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge",
				"log", "max", "maxinteger", "min", "mininteger", "modf", "pi", "rad", "sin", "sqrt",
				"tan", "tointeger", "type", "ult",
			},
		},
		next = {},
		pairs = {},
		pcall = {},
		rawequal = {},
		rawget = {},
		rawlen = {},
		rawset = {},
		select = {},
		setmetatable = {},
		string = {
			fields = {
				"byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack",
				"packsize", "rep", "reverse", "sub", "unpack", "upper",
			},
		},
		table = {
			fields = {
				"concat", "insert", "move", "pack", "remove", "sort", "unpack",
			},
		},
		tonumber = {},
		tostring = {},
		type = {},
		utf8 = {
			fields = {
				"char", "charpattern", "codepoint", "codes", "len", "offset",
			},
		},
	},
}

stds.evenhand_spec = {
	read_globals = {
				"policy", "describe", "it", "pending", "before_each", "after_each", "setup",
				"teardown", "facts", "run", "spec",
	},
}

std = "evenhand"
max_line_length = 120
codes = true
-- wrong on purpose
exclude_files = { "tests/lua/hostile" }

files["scripts/meta/*.lua"] = { ignore = { "1", "2", "6" } }
-- specs of the program itself run under busted too
files["**/*_spec.lua"] = {
	std = "lua54+busted+evenhand+evenhand_spec",
	globals = { "_G.evenhand", "dofile", "loadfile" },
}
