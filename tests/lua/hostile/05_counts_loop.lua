-- WANT: refused: instruction budget|the worker|not enough memory; each call of counts pays for its rows
while true do
	pcall(evenhand.counts, {by = {"evaluator", "position", "stage", "question"}, class = "sex"})
end
