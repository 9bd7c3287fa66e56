#!/usr/bin/env python3
"""No line of a source file is wider than 120 columns; a tab goes to the next multiple of 8.

In shell tests a line that holds one quoted text and nothing else cannot be broken: it may be as long as it is.
check-width.py [FILE...]; without files all of the project's.
"""
import glob
import re
import sys

WIDTH = 120
WHERE = ["core/*/*.[ch]", "lua/*.[ch]", "tui/*.[ch]", "tui/*/*.[ch]", "tests/*/*.[ch]", "tests/*/*.lua", "tests/*/*.t",
         "tests/*/*.sh", "scripts/*.lua", "scripts/*/*.lua", "examples/**/*.[ch]",
         "examples/**/*.lua", "examples/**/*.sh"]
ONE_TEXT = re.compile(r"""\t*(?:'[^']*'|"(?:[^"\\]|\\.)*")(?: \\)?$""")


def width(line):
    columns = 0
    for c in line:
        columns += 8 - columns % 8 if c == "\t" else 1
    return columns


def main(files):
    wide = 0
    for name in files or sorted({f for pattern in WHERE for f in glob.glob(pattern, recursive=True)}):
        shell = name.endswith((".t", ".sh"))
        with open(name, encoding="utf-8") as file:
            for number, line in enumerate(file.read().split("\n"), 1):
                if width(line) > WIDTH and not (shell and ONE_TEXT.match(line)):
                    print(f"{name}:{number}: {width(line)} columns; {WIDTH} are the limit")
                    wide += 1
    if wide == 0:
        print("width: no line is wider than 120 columns")
    return wide > 0


sys.exit(main(sys.argv[1:]))
