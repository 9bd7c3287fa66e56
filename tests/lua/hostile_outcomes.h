/*
 * hostile_outcomes.h - what each shared sample has to end with when it is loaded as it stands
 * (facts/reliability.md 4.3): "words|other words" of the refusal.
 */
#ifndef EH_TESTS_HOSTILE_OUTCOMES_H
#define EH_TESTS_HOSTILE_OUTCOMES_H

static const struct { const char *file, *words; } outcomes[] = {
	{ "01_infinite_loop.lua", "01_infinite_loop.lua:2: refused: instruction budget" },
	{ "02_pcall_swallow.lua", "02_pcall_swallow.lua:2: refused: instruction budget" },
	{ "03_coroutine_escape.lua", "attempt to index a nil value" },
	{ "05_string_rep_bomb.lua", "resulting string too large|not enough memory" },
	{ "06_table_bomb.lua", "not enough memory" },
	{ "07_concat_doubling.lua", "not enough memory" },
	{ "08_pattern_backtrack.lua", "the worker was stopped|the worker ran out" },
	{ "10_table_concat_bomb.lua", "not enough memory" },
	{ "11_table_move_spin.lua", "the worker was stopped|the worker ran out" },
	{ "13_unpack_range.lua", "too many results to unpack" },
	{ "14_sort_invalid_order.lua", "invalid order function for sorting" },
	{ "15_bytecode_load.lua", "attempt to call a nil value" },
	{ "17_string_metatable.lua", "attempt to index a string value|read-only|locked" },
	{ "19_global_leak.lua", "global 'LEAK' is assigned" },
	{ "20_gc_finalizer_loop.lua", "__gc is not allowed in a policy" },
	{ "23_c_stack_overflow.lua", "stack overflow" },
	{ "24_deep_recursion.lua", "stack overflow|not enough memory" },
	{ "26_parser_nesting.lua", "C stack overflow" },
	{ "27_huge_source.lua", "larger than 256 KiB" },
	{ "28_read_file.lua", "must return its table, not a nil" },
	{ "30_nan_threshold.lua", "unknown field" },
	{ "32_address_leak.lua", "a policy sees no addresses" },
	{ "34_terminal_escape.lua", "unknown field" },
	{ "35_format_width.lua", "invalid conversion" },
	{ "37_str_to_number.lua", "must return its table, not a number" },
	{ "38_primitive_abuse.lua", "must return its table, not a nil" },
	{ "39_hide_protected.lua", "unknown field" },
	{ "40_next_invalid.lua", "invalid key to 'next'" },
};

#endif
