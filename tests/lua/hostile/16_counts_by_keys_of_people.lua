-- WANT: unknown field candidate; counts are never of one named person
return evenhand.counts {class = "sex", where = {candidate = "C1"}} and "ok"
