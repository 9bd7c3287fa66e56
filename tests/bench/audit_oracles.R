# R's numbers for the differential test (audit_oracles.py): Rscript audit_oracles.R FOLDER
# Reads the cases from FOLDER, writes FOLDER/r_*.csv with 17 digits; NA where R gives nothing.
options(digits = 17, warn = -1)
folder <- commandArgs(trailingOnly = TRUE)[1]
path <- function(name) file.path(folder, name)
put <- function(d, name) write.csv(format(d, digits = 17, trim = TRUE), path(name), row.names = FALSE, quote = FALSE)
value <- function(expr) tryCatch(as.numeric(expr), error = function(e) NA_real_)
first <- function(x) if (length(x) > 0) x[[1]] else NA_real_

# ---- one table: distribution functions for all of them ----
t <- read.csv(path("tables.csv"))
k <- t$a + t$b
n <- t$n1 + t$n2
seen <- dhyper(t$a, t$n1, t$n2, k)
less <- phyper(t$a, t$n1, t$n2, k)
greater <- phyper(t$a - 1, t$n1, t$n2, k, lower.tail = FALSE)
two <- mapply(function(a, n1, n2, k) {
	d <- dhyper(max(0, k - n2):min(n1, k), n1, n2, k)
	o <- dhyper(a, n1, n2, k)
	c(sum(d[d <= o * (1 + 1e-7)]), sum(d[d <= o * (1 + 1e-7) & d >= o * (1 - 1e-7)]))
}, t$a, t$n1, t$n2, k)
d <- abs(t$a - t$n1 * (k / n))
inverse <- (n / t$n1) * (n / t$n2) * (n / (k * (n - k)))
chi <- d^2 * inverse
yates <- (d - pmin(0.5, d))^2 * inverse
put(data.frame(
	z = sign(t$a * as.numeric(t$n2) - t$b * as.numeric(t$n1)) * sqrt(chi), p_z = pchisq(chi, 1, lower.tail = FALSE),
	yates = yates, p_yates = pchisq(yates, 1, lower.tail = FALSE),
	fisher = pmin(1, two[1, ]), less = less, greater = greater,
	mid_less = less - seen / 2, mid_greater = greater - seen / 2, mid_a = two[1, ] - two[2, ] / 2,
	exact_lo = qbeta(0.025, t$a, t$n1 - t$a + 1), exact_hi = qbeta(0.025, t$a + 1, t$n1 - t$a, lower.tail = FALSE),
	jeffreys_lo = qbeta(0.025, t$a + 0.5, t$n1 - t$a + 0.5),
	jeffreys_hi = qbeta(0.025, t$a + 0.5, t$n1 - t$a + 0.5, lower.tail = FALSE)), "r_tables.csv")

# ---- one table: the tests as packaged, for some ----
some <- read.csv(path("some.csv"))
packaged <- function(a, n1, b, n2) {
	m <- matrix(c(a, b, n1 - a, n2 - b), 2)
	f <- tryCatch(fisher.test(m, conf.int = FALSE), error = function(e) NULL)
	c(fisher = first(f$p.value), odds_r = first(f$estimate),
	  less = value(fisher.test(m, alternative = "less", conf.int = FALSE)$p.value),
	  greater = value(fisher.test(m, alternative = "greater", conf.int = FALSE)$p.value),
	  yates = value(chisq.test(m, correct = TRUE)$statistic),
	  p_z = value(prop.test(c(a, b), c(n1, n2), correct = FALSE)$p.value),
	  wilson_lo = value(prop.test(a, n1, correct = FALSE)$conf.int[1]),
	  wilson_hi = value(prop.test(a, n1, correct = FALSE)$conf.int[2]),
	  exact_lo = value(binom.test(a, n1)$conf.int[1]), exact_hi = value(binom.test(a, n1)$conf.int[2]))
}
put(as.data.frame(t(mapply(packaged, some$a, some$n1, some$b, some$n2))), "r_some.csv")

# ---- several tables; mantelhaen.test stops where a stratum has fewer than two persons, so those stay out ----
lines <- readLines(path("strata.csv"))
together <- function(line) {
	v <- lapply(strsplit(line, ";")[[1]], function(s) as.numeric(strsplit(s, ",")[[1]]))
	v <- Filter(function(x) x[2] > 0 && x[4] > 0, v)
	if (length(v) == 0)
		return(rep(NA_real_, 7))
	# a stratum that says nothing stands beside a lone one: R wants two
	if (length(v) == 1)
		v <- c(v, list(c(0, 1, 0, 1)))
	m <- array(unlist(lapply(v, function(x) c(x[1], x[3], x[2] - x[1], x[4] - x[3]))), c(2, 2, length(v)))
	plain <- tryCatch(mantelhaen.test(m, correct = FALSE), error = function(e) NULL)
	yates <- tryCatch(mantelhaen.test(m, correct = TRUE), error = function(e) NULL)
	exact <- tryCatch(mantelhaen.test(m, exact = TRUE), error = function(e) NULL)
	c(first(plain$statistic), first(plain$p.value), first(yates$statistic), first(plain$estimate),
	  first(exact$p.value), first(exact$estimate),
	  if (is.null(plain)) NA else as.numeric(plain$conf.int[1]))
}
# Liang and Self's sum of squares, given all margins and the sum of a: moments from the whole noncentral hypergeometric
# distribution, the odds ratio by bisection.  Strata of more than 16000 are left out: the program goes by fitted cells.
moments <- function(x, odds) {
	at <- max(0, x[1] + x[3] - x[4]):min(x[2], x[1] + x[3])
	w <- dhyper(at, x[2], x[4], x[1] + x[3], log = TRUE) + at * log(odds)
	w <- exp(w - max(w))
	w <- w / sum(w)
	e <- sum(w * at)
	c(e = e, v = sum(w * (at - e)^2), third = sum(w * (at - e)^3), fourth = sum(w * (at - e)^4))
}
liang_self <- function(line) {
	none <- c(liang_self = NA, liang_self_mean = NA, liang_self_variance = NA, p_liang_self = NA)
	s <- lapply(strsplit(line, ";")[[1]], function(s) as.numeric(strsplit(s, ",")[[1]]))
	s <- Filter(function(x) x[2] > 0 && x[4] > 0 && x[1] + x[3] > 0 && x[1] + x[3] < x[2] + x[4], s)
	a <- sapply(s, function(x) x[1])
	low <- sapply(s, function(x) max(0, x[1] + x[3] - x[4]))
	high <- sapply(s, function(x) min(x[2], x[1] + x[3]))
	if (length(s) < 2 || sum(a) == sum(low) || sum(a) == sum(high) || any(sapply(s, function(x) x[2] + x[4]) > 16000))
		return(none)
	theta <- uniroot(function(t) sum(sapply(s, function(x) moments(x, exp(t))["e"])) - sum(a), c(-30, 30), tol = 1e-15,
			 maxiter = 10000)$root
	m <- sapply(s, moments, exp(theta))
	v <- m["v", ]
	left <- sum(m["fourth", ] - v^2) - sum(m["third", ])^2 / sum(v)
	if (left <= 1e-9 * sum(m["fourth", ] - v^2))
		return(none)
	# of the sum of squares of normal residuals, 2 trace of (P V)^2, P the projection that the fitted odds ratio leaves
	p <- diag(length(v)) - outer(v, rep(1, length(v))) / sum(v)
	c <- p %*% diag(v) %*% t(p)
	share <- diag(p)
	var <- 2 * sum(c * c) + sum(share^2 * (m["fourth", ] - 3 * v^2)) - sum(share * m["third", ])^2 / sum(v)
	mean <- sum(v) - left / (2 * sum(v))
	q <- sum((a - m["e", ])^2)
	if (var <= 0)
		return(none)
	c(liang_self = q, liang_self_mean = mean, liang_self_variance = var,
	  p_liang_self = pgamma(q, shape = mean^2 / var, scale = var / mean, lower.tail = FALSE))
}
r <- as.data.frame(t(sapply(lines, together, USE.NAMES = FALSE)))
names(r) <- c("cmh", "p_cmh", "yates", "odds", "p_exact", "odds_exact", "odds_lo")
r <- cbind(r, t(sapply(lines, liang_self, USE.NAMES = FALSE)))
put(r, "r_strata.csv")

# ---- paired ----
p <- read.csv(path("paired.csv"))
pairs <- function(f, s) {
	m <- matrix(c(1, s, f, 1), 2)
	plain <- mcnemar.test(m, correct = FALSE)
	yates <- mcnemar.test(m, correct = TRUE)
	low <- min(f, s)
	c(chi = value(plain$statistic), p = value(plain$p.value), chi_yates = value(yates$statistic),
	  p_yates = value(yates$p.value), exact = if (f + s > 0) binom.test(f, f + s)$p.value else 1,
	  less = pbinom(f, f + s, 0.5), mid = 2 * pbinom(low, f + s, 0.5) - dbinom(low, f + s, 0.5))
}
put(as.data.frame(t(mapply(pairs, p$first, p$second))), "r_paired.csv")

# ---- families ----
con <- file(path("r_families.csv"), "w")
for (line in readLines(path("families.csv"))) {
	v <- as.numeric(strsplit(line, ",")[[1]])
	for (method in c("bonferroni", "holm", "hochberg", "BH", "BY"))
		writeLines(paste(format(p.adjust(v, method), digits = 17, trim = TRUE), collapse = ","), con)
}
close(con)

# ---- scores ----
one <- function(line) {
	v <- lapply(strsplit(line, ";")[[1]], function(s) as.numeric(strsplit(s, ",")[[1]]))
	x <- v[[1]]
	y <- v[[2]]
	welch <- tryCatch(t.test(x, y), error = function(e) NULL)
	pooled <- tryCatch(t.test(x, y, var.equal = TRUE), error = function(e) NULL)
	tied <- anyDuplicated(c(x, y)) > 0
	c(median = median(c(x, y)), welch_t = first(welch$statistic), welch_df = first(welch$parameter),
	  p_welch = first(welch$p.value), pooled_t = first(pooled$statistic), p_pooled = first(pooled$p.value),
	  u = value(wilcox.test(x, y, exact = FALSE)$statistic),
	  p_rank_exact = if (tied) NA else value(wilcox.test(x, y, exact = TRUE)$p.value),
	  p_rank_normal = value(wilcox.test(x, y, exact = FALSE, correct = TRUE)$p.value),
	  p_rank_plain = value(wilcox.test(x, y, exact = FALSE, correct = FALSE)$p.value),
	  ks = value(ks.test(x, y, exact = FALSE)$statistic))
}
put(as.data.frame(t(sapply(readLines(path("scores.csv")), one, USE.NAMES = FALSE))), "r_scores.csv")
writeLines(paste("R", getRversion()), path("r_version"))
