"""Predicted classes against scipy and statsmodels: audit_mixture.py PROGRAM [CASES].

mixture     shares and rates of largest likelihood (2 to 4 classes, prior on and off, declared rows among the predicted):
            scipy.optimize.minimize of the likelihood written down here, 1e-6; the ends of the profile interval: the
            constrained maximum there by minimize is 3.8415 / 2 under the free one, 1e-5; p of the likelihood ratio, 1e-6
bounds      scipy.optimize.linprog over all ways to deal the selections out (Charnes-Cooper), 1e-8
assumption  statsmodels GLM (binomial), both likelihood ratios, 1e-7
"""
import math
import subprocess
import sys

try:
    import numpy
    import statsmodels.api
    from scipy import optimize, stats
except ImportError as missing:
    sys.exit(f"check-mixture: {missing}; make check-oracles installs it, or: apt-get install python3-scipy python3-statsmodels")

PROGRAM = sys.argv[1]
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 200
RNG = numpy.random.default_rng(5)
worst, failures = {}, 0


def ours(mode, lines):
    out = subprocess.run([PROGRAM, mode], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    return [line.split(",") for line in out.stdout.splitlines()]


def check(what, case, got, want, tolerance):
    global failures
    off = 0.0 if got == want else abs(got - want) / max(1.0, abs(want))
    worst[what] = max(worst.get(what, (0.0, tolerance)), (off, tolerance))
    if not off <= tolerance:
        failures += 1
        if failures <= 20:
            print(f"{what}, case {case}: ours {got!r}, the other {want!r}")


# ---- mixture ----

def draw_mixture():
    k, n = int(RNG.integers(2, 5)), int(RNG.integers(40, 160))
    share = RNG.dirichlet(numpy.full(k, 6.0))
    truth, rate = RNG.choice(k, n, p=share), RNG.uniform(0.15, 0.85, k)
    logit = RNG.normal(0, 1, (n, k)) + RNG.uniform(1.5, 3.0) * numpy.eye(k)[truth]
    p = numpy.exp(logit) * share
    p /= p.sum(1, keepdims=True)
    like = p / share
    known = RNG.uniform(size=n) < RNG.choice([0.0, 0.2, 0.5])
    like[known] = numpy.eye(k)[truth[known]]
    decisions = RNG.integers(1, 4, n)
    selected = RNG.binomial(decisions, rate[truth]).astype(float)
    weight = RNG.choice([1.0, 0.75])                   # of candidates with several decisions
    scale = numpy.where(decisions > 1, weight, 1.0)
    return int(RNG.integers(0, 2)), share, like, selected * scale, (decisions - selected) * scale


def objective(theta, case, tie=None):
    """-log posterior of (log-ratios of shares, logits of rates), as facts have it."""
    prior, start, like, y, n = case
    k = like.shape[1]
    a = numpy.concatenate([[0.0], theta[:k - 1]])
    ln_share = a - numpy.logaddexp.reduce(a)
    if tie is None:
        ln_r, ln_s = -numpy.logaddexp(0, -theta[k - 1:]), -numpy.logaddexp(0, theta[k - 1:])
    else:                                               # class 0 = tie x class 1, both below 1
        top = min(1.0, 1.0 / tie)
        r1 = top / (1.0 + math.exp(-theta[k - 1]))
        rest = theta[k:]
        r = numpy.concatenate([[tie * r1, r1], 1.0 / (1.0 + numpy.exp(-rest))])
        r = numpy.clip(r, 1e-15, 1 - 1e-15)
        ln_r, ln_s = numpy.log(r), numpy.log1p(-r)
    with numpy.errstate(divide="ignore"):
        rows = numpy.log(like) + ln_share + y[:, None] * ln_r + n[:, None] * ln_s
    total = numpy.logaddexp.reduce(rows, axis=1).sum()
    if prior:
        total += 0.5 * ln_share.sum() + 0.25 * (ln_r.sum() + ln_s.sum())
    return -total


def minimise(case, start, tie=None):
    best = optimize.minimize(objective, start, (case, tie), method="BFGS", options={"gtol": 1e-9, "maxiter": 2000})
    # the differences behind BFGS's gradient end it early: polish without them
    for _ in range(3):
        again = optimize.minimize(objective, best.x, (case, tie), method="Nelder-Mead",
                                  options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 20000, "maxfev": 20000})
        best = again if again.fun <= best.fun else best
    return best


def starts(case, tie=None):
    prior, share, like, y, n = case
    k = like.shape[1]
    rate = y.sum() / (y.sum() + n.sum())
    logit = math.log(rate / (1 - rate))
    return numpy.concatenate([numpy.log(share[1:] / share[0]), numpy.full(k - (tie is not None), logit)])


def mixtures():
    cases = [draw_mixture() for _ in range(CASES)]
    lines = [";".join([str(c[0]), ",".join(map(repr, map(float, c[1])))] +
                      [",".join(repr(float(v)) for v in [*like, y, n]) for like, y, n in zip(*c[2:])]) for c in cases]
    for i, (case, got) in enumerate(zip(cases, ours("mixture", lines))):
        k = case[2].shape[1]
        best = minimise(case, starts(case))
        a = numpy.concatenate([[0.0], best.x[:k - 1]])
        share = numpy.exp(a - numpy.logaddexp.reduce(a))
        rate = 1.0 / (1.0 + numpy.exp(-best.x[k - 1:]))
        for j in range(k):
            check("mixture share", i, float(got[j]), share[j], 1e-6)
            check("mixture rate", i, float(got[k + j]), rate[j], 1e-6)
        top = float(got[2 * k])
        check("mixture objective", i, top, -best.fun, 1e-9)
        if i % 4 != 0:
            continue                                    # a profile costs as much as ten fits
        for end in (2 * k + 1, 2 * k + 2):
            if got[end].startswith("undefined") or float(got[end]) == 0.0:
                continue
            tie = float(got[end])
            fell = 2 * (top + minimise(case, starts(case, tie), tie).fun)
            check("profile depth", i, fell, stats.chi2.ppf(0.95, 1), 1e-5)
        fell = 2 * (top + minimise(case, starts(case, 1.0), 1.0).fun)
        check("likelihood ratio p", i, float(got[2 * k + 3]), stats.chi2.sf(max(fell, 0.0), 1), 1e-6)


# ---- bounds ----

def extreme(cells, sign):
    """Largest (sign -1) or smallest ratio by Charnes-Cooper: x_F, x_R, x_O of every cell and t, sum x_R / R = 1."""
    m = len(cells)
    focal, reference = cells[:, 2].sum(), cells[:, 3].sum()
    c, eq, b_eq, ub, b_ub = numpy.zeros(3 * m + 1), [], [], [], []
    norm = numpy.zeros(3 * m + 1)
    for i, (n, y, f, r) in enumerate(cells):
        c[3 * i] = sign / focal
        norm[3 * i + 1] = 1.0 / reference
        line = numpy.zeros(3 * m + 1)
        line[3 * i:3 * i + 3] = 1.0
        line[-1] = -y
        eq.append(line)
        b_eq.append(0.0)
        for j, most in enumerate((f, r, n - f - r)):
            line = numpy.zeros(3 * m + 1)
            line[3 * i + j], line[-1] = 1.0, -most
            ub.append(line)
            b_ub.append(0.0)
    found = optimize.linprog(c, ub, b_ub, eq + [norm], b_eq + [1.0], bounds=(0, None), method="highs")
    return sign * found.fun if found.status == 0 else math.inf


def all_bounds():
    cases = []
    for _ in range(CASES):
        m = int(RNG.integers(1, 9))
        n = RNG.integers(5, 60, m).astype(float)
        split = RNG.dirichlet(RNG.choice([[1, 1, 1], [3, 1, 0.3]], axis=0), m)
        if RNG.uniform() < 0.5:                         # two classes
            split[:, 1] += split[:, 2]
            split[:, 2] = 0.0
        cases.append(numpy.stack([n, numpy.floor(n * RNG.uniform(0.1, 1.0, m)), n * split[:, 0], n * split[:, 1]], 1))
    lines = [";".join(",".join(repr(float(v)) for v in cell) for cell in case) for case in cases]
    for i, (case, got) in enumerate(zip(cases, ours("bounds", lines))):
        for at, sign in ((0, 1.0), (1, -1.0)):
            want = extreme(case, sign)
            check("bounds", i, math.inf if got[at].startswith("undefined") else float(got[at]), want, 1e-8)


# ---- assumption ----

def assumptions():
    cases = []
    for _ in range(CASES):
        n = int(RNG.integers(30, 300))
        k = (RNG.uniform(size=n) < 0.4).astype(float)
        k[:5], k[5:10] = 1.0, 0.0
        x = RNG.normal(0, 1, n) + RNG.uniform(0.5, 2.5) * k
        m = RNG.integers(1, 4, n)
        p = 1.0 / (1.0 + numpy.exp(-(RNG.normal(0, 0.5) + RNG.normal(0, 1) * k + RNG.normal(0, 0.7) * x)))
        cases.append((k, x, RNG.binomial(m, p).astype(float), m))
    lines = [";".join(f"{k!r},{x!r},{y!r},{m - y!r}" for k, x, y, m in zip(*(map(float, v) for v in c))) for c in cases]
    for i, ((k, x, y, m), got) in enumerate(zip(cases, ours("assumption", lines))):
        one = numpy.ones(len(k))

        def fit(*columns):
            model = statsmodels.api.GLM(numpy.stack([y, m - y], 1), numpy.stack([one, *columns], 1),
                                        family=statsmodels.api.families.Binomial())
            return model.fit(tol=1e-14, maxiter=200).llf

        full = fit(k, x)
        check("assumption p_score", i, float(got[0]), stats.chi2.sf(2 * (full - fit(k)), 1), 1e-7)
        check("assumption p_class", i, float(got[1]), stats.chi2.sf(2 * (full - fit(x)), 1), 1e-7)


mixtures()
all_bounds()
assumptions()
for name, (off, tolerance) in sorted(worst.items()):
    print(f"{name:22} largest difference {off:.1e}, allowed {tolerance:.0e}")
print(f"check-mixture: {CASES} cases of each kind, {failures} differences")
sys.exit(failures > 0)
