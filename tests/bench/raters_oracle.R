# Our severity model against glmer(nAGQ = 0) on the same cells: Rscript raters_oracle.R DIR [bench]
suppressMessages(library(lme4))
dir <- commandArgs(TRUE)[1]
cells <- read.csv(file.path(dir, "cells.csv"))
ours <- read.csv(file.path(dir, "fit.csv"))
cells$evaluator <- factor(cells$evaluator)
terms <- c(if (length(unique(cells$stratum)) > 1) "stratum", if (length(unique(cells$group)) > 1) "group")
fixed <- if (length(terms) > 0) paste(terms, collapse = " + ") else "1"
form <- as.formula(paste("cbind(y, n - y) ~", fixed, "+ (1 | evaluator)"))
time <- system.time(m <- suppressMessages(suppressWarnings(glmer(form, cells, binomial, nAGQ = 0))))
cat(sprintf("glmer(nAGQ = 0): %.2f s user, %.2f s wall\n", time[["user.self"]], time[["elapsed"]]))
if (length(commandArgs(TRUE)) > 1) quit(status = 0)

at <- function(what) ours$value[ours$what == what]
sd_r <- sqrt(unlist(VarCorr(m)))
deviance_r <- -2 * (as.numeric(logLik(m)) - sum(lchoose(cells$n, cells$y)))
mine <- ours[!(ours$what %in% c("sd", "deviance")), ]
severity_r <- -ranef(m)$evaluator[mine$what, 1]
# joint prediction errors: the inverse of the information of fixed effects and evaluators together
W <- with(cells, n * fitted(m) * (1 - fitted(m)))
X <- getME(m, "X"); Z <- t(as.matrix(getME(m, "Zt")))
if (sd_r > 0 && nrow(Z) < 20000) {
	D <- colSums(Z * W * Z) + 1 / sd_r^2
	C <- t(X) %*% (Z * W)
	S <- t(X) %*% (X * W) - C %*% (t(C) / D)
	se_r <- sqrt(1 / D + colSums(C * solve(S, C)) / D^2)
	se_r <- se_r[match(mine$what, colnames(Z))]
} else {
	se_r <- mine$se
}
# optimisers stop where the deviance is flat: the one that ends lower is the better one
line <- function(what, got, limit) {
	cat(sprintf("%-52s %.2e (at most %.0e) %s\n", what, got, limit, if (is.finite(got) && got <= limit) "ok" else "MISSED"))
	is.finite(got) && got <= limit
}
good <- line("deviance above glmer's", at("deviance") - deviance_r, 1e-5) &
	line("sd, difference", abs(at("sd") - sd_r), 5e-4) &
	line("severities, largest difference", max(abs(mine$value - severity_r)), 1e-3) &
	line("standard errors, largest difference", max(abs(mine$se - se_r)), 1e-3)
quit(status = if (good) 0 else 1)
