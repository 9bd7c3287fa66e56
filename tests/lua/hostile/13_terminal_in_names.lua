-- WANT: unknown field; control characters of a field's name never reach the terminal
return evenhand.power {["\27]0;pwned\7\27[2J"] = 1} and "ok"
