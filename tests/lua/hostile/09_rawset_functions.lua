-- WANT: read-only table; neither behind the back
rawset(evenhand, "below", function() return false end)
return "ok"
