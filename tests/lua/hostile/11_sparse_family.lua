-- WANT: the list has a key that is no place; a list whose length would be 2^53
return evenhand.family({[1 << 53] = 0.5}, "bh") and "ok"
