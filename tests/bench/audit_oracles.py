"""Differential test of the audit's statistics against R, scipy and statsmodels.

audit_oracles.py PROGRAM [--record FILE]: PROGRAM is build/tests/bench/audit_oracle.

Every table with groups of 0 to 6 persons and 100,000 random ones, single and in strata, scores, pairs and families go
through our program once, through one R process and through this one.  For each statistic the number of comparisons,
the worst deviation and the tolerance are printed; a deviation beyond it fails the run.  What a library is known to get
wrong (intervals at rates of 0 and 1, strata of one person, coarse roots) is left to another reference or compared at
that library's own precision.  --record writes a few hundred of the references' numbers for the test-suite.
"""
import math
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import scipy
from scipy import special, stats
from scipy.stats.contingency import odds_ratio

warnings.simplefilter("ignore")
np.seterr(all="ignore")
import statsmodels  # noqa: E402
import statsmodels.api  # noqa: E402
from statsmodels.stats.contingency_tables import StratifiedTable  # noqa: E402
from statsmodels.stats.proportion import (confint_proportions_2indep, proportion_confint,  # noqa: E402
                                          proportion_effectsize)

RANDOM_TABLES = 100000
SOME = 2500                     # through the packaged tests, which take a millisecond each
SEARCHED = 120                  # Barnard and Boschloo: 0.1 s each
STRATIFIED = 2500
SCORES = 1500
PAIRED = 2000
FAMILIES = 1000
CLUSTERED = 300
LIMIT = 0.8
Z = 1.959963984540054
HERE = os.path.dirname(os.path.abspath(__file__))

worst = {}                      # (statistic, reference) -> [comparisons, worst, tolerance, where]
undefined = [0, 0]              # comparisons, differences


def compare(name, reference, ours, theirs, tolerance, where, floor=0.0):
    """Relative deviation, of values below `floor` in units of it; what the reference does not give is left out."""
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    use = np.isfinite(theirs) & np.isfinite(ours)
    scale = np.maximum(np.abs(theirs), floor)
    with np.errstate(all="ignore"):
        off = np.where(use, np.where(ours == theirs, 0.0, np.abs(ours - theirs) / np.where(scale > 0, scale, 1.0)), 0.0)
    at = int(np.argmax(off)) if len(off) else 0
    entry = worst.setdefault((name, reference), [0, -1.0, tolerance, ""])
    entry[0] += int(use.sum())
    if len(off) and use.any() and off[at] > entry[1]:
        entry[1] = float(off[at])
        entry[3] = "%s: %.17g, %s says %.17g" % (where(at), ours[at], reference, theirs[at])


# ---- cases ----

def make_tables(rng):
    t = [(a, n1, b, n2) for n1 in range(7) for n2 in range(7) for a in range(n1 + 1) for b in range(n2 + 1)]
    for i in range(RANDOM_TABLES):
        n1, n2 = (int(10 ** rng.uniform(0, 2.8)) for _ in range(2))
        p = rng.choice([rng.random(), rng.random() ** 3, 1 - rng.random() ** 3, 0.0, 1.0])
        q = rng.choice([p, min(1.0, p * rng.uniform(0.5, 1.5)), rng.random(), 0.0, 1.0])
        a = sum(rng.random() < p for _ in range(n1)) if n1 < 40 else min(n1, max(0, round(rng.gauss(
            n1 * p, math.sqrt(n1 * p * (1 - p))))))
        b = sum(rng.random() < q for _ in range(n2)) if n2 < 40 else min(n2, max(0, round(rng.gauss(
            n2 * q, math.sqrt(n2 * q * (1 - q))))))
        t.append((a, n1, b, n2))
    return t


def make_strata(rng):
    """Strata of all sizes, empty sides, single persons, nobody and everybody selected among them."""
    out = []
    for i in range(STRATIFIED):
        v = []
        plain = i % 2 == 0              # half of them without sides that say nothing
        for _ in range(rng.randint(1, 8)):
            n1, n2 = (rng.randint(2, 90) if plain else
                      rng.choice([0, 1, 1, 2, rng.randint(1, 10), rng.randint(5, 80)]) for _ in range(2))
            p = rng.random() if plain else rng.choice([0.0, 1.0, rng.random(), rng.random()])
            q = min(1.0, p * rng.choice([1.0, 1.3, 0.7]))
            v.append((sum(rng.random() < p for _ in range(n1)), n1, sum(rng.random() < q for _ in range(n2)), n2))
        out.append(v)
    return out


def make_scores(rng):
    out = []
    for i in range(SCORES):
        n, m = rng.randint(2, 60), rng.randint(2, 60)
        shift, digits = rng.choice([0.0, 0.5, 2.0]), rng.choice([0, 0, 1, 6])
        x, y = ([round(rng.gauss(s, 1.0), digits) + 0.0 for _ in range(k)] for s, k in ((0.0, n), (shift, m)))
        out.append((x, y))
    return out


# ---- files and programs ----

def ours(program, mode, lines):
    text = subprocess.run([program, mode], input="\n".join(lines) + "\n", text=True, capture_output=True, check=True)
    return text.stdout.splitlines()


def columns(rows):
    """Names to (numbers, reasons): NaN and the reason where undefined."""
    names = rows[0].split(",")
    cells = [r.split(",") for r in rows[1:]]
    out = {}
    for i, name in enumerate(names):
        col = [c[i] for c in cells]
        why = [c[10:] if c.startswith("undefined:") else "" for c in col]
        out[name] = (np.array([math.nan if w else float(c) for c, w in zip(col, why)]), why)
    return out


def read_r(path):
    with open(path) as f:
        rows = f.read().splitlines()
    names = rows[0].split(",")
    cells = [r.split(",") for r in rows[1:]]
    number = lambda c: math.nan if c in ("NA", "NaN") else float(c.replace("Inf", "inf"))  # noqa: E731
    return {n: np.array([number(c[i]) for c in cells]) for i, n in enumerate(names)}


# ---- references of one table ----

def state(a, n1, b, n2):
    if n1 == 0 or n2 == 0:
        return "empty_group"
    if a + b == 0:
        return "nobody_selected"
    return "everybody_selected" if a == n1 and b == n2 else ""


def reasons(a, n1, b, n2):
    """The reason of every statistic of a table ("" = defined), from the list of the typed undefined values."""
    s = state(a, n1, b, n2)
    empty = "empty_group" if s == "empty_group" else ""
    katz = s or ("focal_none_selected" if a == 0 else "reference_none_selected" if b == 0 else "")
    odds = s or ("unbounded" if (n1 - a) * b == 0 else "")
    score_hi = empty or ("unbounded" if b == 0 else "")
    fisher = empty
    own = "empty_group" if n1 == 0 else ""
    swap = "swap_impossible" if empty or a == n1 or b == 0 else ""
    out = {n: s for n in ("z", "p_z", "yates", "p_yates", "g", "p_g", "mid_less", "mid_greater", "mid_a", "mid_b",
                          "phi")}
    out.update({n: katz for n in ("z_ratio", "katz_lo", "katz_hi")})
    out.update({n: odds for n in ("odds", "odds_conditional")})
    out.update({n: empty for n in ("koopman_lo", "mn_lo", "h", "shortfall", "shortfall_pooled", "posterior")})
    out.update({n: fisher for n in ("fisher", "less", "greater")})
    out.update({n: score_hi for n in ("koopman_hi", "mn_hi")})
    out.update({n: s if s in ("empty_group", "everybody_selected") else "" for n in ("adjusted_lo", "adjusted_hi")})
    out.update({n: own for n in ("wilson_lo", "wilson_hi", "exact_lo", "exact_hi", "jeffreys_lo", "jeffreys_hi")})
    out["ratio"] = s if s in ("empty_group", "nobody_selected") else ("reference_none_selected" if b == 0 else "")
    out["below"] = "swap_impossible" if empty or b == 0 else ""
    out["flips"] = swap
    return out


def tied_rate(a, n1, b, n2, ratio):
    """The maximum of the likelihood under rate1 = ratio rate2, by bisection of its slope (not by the quadratic)."""
    lo, hi = np.zeros_like(a), np.minimum(1.0, 1.0 / ratio)
    for _ in range(56):
        p = 0.5 * (lo + hi)
        slope = (a + b) / p - (n1 - a) * ratio / (1 - ratio * p) - (n2 - b) / (1 - p)
        lo, hi = np.where(slope > 0, p, lo), np.where(slope > 0, hi, p)
    return 0.5 * (lo + hi)


def score_interval(a, n1, b, n2, inflate, upper):
    """End of the score interval by bisection on the logarithm."""
    lo, hi = np.full_like(a, -12.0), np.full_like(a, 12.0)
    target = -Z if upper else Z
    for _ in range(56):
        ratio = np.exp(0.5 * (lo + hi))
        p = tied_rate(a, n1, b, n2, ratio)
        q = np.minimum(1.0, ratio * p)
        v = (q * (1 - q) / n1 + ratio ** 2 * p * (1 - p) / n2) * inflate
        d = a / n1 - ratio * b / n2
        s = np.where(v > 0, d / np.sqrt(v), np.where(d == 0, 0.0, np.sign(d) * math.inf))
        up = s > target
        lo, hi = np.where(up, 0.5 * (lo + hi), lo), np.where(up, hi, 0.5 * (lo + hi))
    return np.exp(0.5 * (lo + hi))


def posterior(a, n1, b, n2):
    """P(x < L y): the narrower density times the other's incomplete beta, 160 nodes on the angle of y."""
    node, weight = np.polynomial.legendre.leggauss(160)
    root = math.sqrt(LIMIT)

    def window(k, n):
        mode, reach = np.arctan2(np.sqrt(k), np.sqrt(n - k)), 9.0 / np.sqrt(n)
        return np.maximum(0.0, mode - reach), np.minimum(np.pi / 2, mode + reach)

    ylo, yhi = window(b, n2)
    slo, shi = window(a, n1)
    back = lambda s: np.arcsin(np.minimum(1.0, np.sin(s) / root))  # noqa: E731
    xlo, xhi = back(slo), back(shi)
    out = np.zeros_like(a)
    for by_y in (True, False):
        use = (yhi - ylo <= xhi - xlo) == by_y
        for part in np.array_split(np.flatnonzero(use), max(1, int(use.sum()) // 4000)):
            lo, hi = (ylo[part], yhi[part]) if by_y else (xlo[part], xhi[part])
            A, N1, B, N2 = (v[part][:, None] for v in (a, n1, b, n2))
            t = 0.5 * (lo + hi)[:, None] + 0.5 * (hi - lo)[:, None] * node
            y, c = np.sin(t) ** 2, np.cos(t) ** 2
            x = LIMIT * y
            if by_y:
                ln = special.xlogy(B, y) + special.xlogy(N2 - B, c) - special.betaln(B + 0.5, N2 - B + 0.5)
                f = 2 * np.exp(ln) * special.betainc(A + 0.5, N1 - A + 0.5, x)
            else:
                ln = special.xlogy(A, x) + special.xlogy(N1 - A - 0.5, 1 - x) - special.betaln(A + 0.5, N1 - A + 0.5)
                f = 2 * root * np.sqrt(c) * np.exp(ln) * special.betainc(N2 - B + 0.5, B + 0.5, c)
            out[part] = np.clip((f * weight).sum(axis=1) * 0.5 * (hi - lo), 0.0, 1.0)
    return out


def numpy_tables(T):
    """References by array arithmetic and scipy's special functions."""
    a, n1, b, n2 = (T[:, i].astype(float) for i in range(4))
    n, k = n1 + n2, a + b
    p1, p2, p, q = a / n1, b / n2, k / n, n1 / n
    out = {"ratio": p1 / p2, "z": (p1 - p2) / np.sqrt(p * (1 - p) * (1 / n1 + 1 / n2))}
    out["p_z"] = 2 * stats.norm.sf(np.abs(out["z"]))
    terms = 0.0
    for o, e in ((a, n1 * p), (n1 - a, n1 * (1 - p)), (b, n2 * p), (n2 - b, n2 * (1 - p))):
        terms = terms + special.xlogy(o, o / e)
    out["g"] = np.where((k > 0) & (k < n), 2 * terms, math.nan)
    # a sum that is nothing but rounding has no p
    out["p_g"] = np.where(out["g"] > 1e-9, special.chdtrc(1, out["g"]), math.nan)
    out["z_ratio"] = np.where(k < n, np.log(p1 / p2) / np.sqrt((1 - p) / (p * n * q * (1 - q))), math.nan)
    half = Z * np.sqrt(1 / a - 1 / n1 + 1 / b - 1 / n2)
    out["katz_lo"], out["katz_hi"] = p1 / p2 * np.exp(-half), p1 / p2 * np.exp(half)
    mid = (a + .5) / (n1 + .5) / ((b + .5) / (n2 + .5))
    half = Z * np.sqrt(1 / (a + .5) - 1 / (n1 + .5) + 1 / (b + .5) - 1 / (n2 + .5))
    out["adjusted_lo"], out["adjusted_hi"] = mid * np.exp(-half), mid * np.exp(half)
    out["odds"] = a * (n2 - b) / ((n1 - a) * b)
    out["phi"] = (a * (n2 - b) - (n1 - a) * b) / np.sqrt(n1 * n2 * k * (n - k))
    out["h"] = proportion_effectsize(p1, p2)
    out["shortfall"], out["shortfall_pooled"] = p2 * n1 - a, p * n1 - a
    out["posterior"] = posterior(a, n1, b, n2)
    for name, inflate in (("koopman", np.ones_like(n)), ("mn", n / (n - 1))):
        lo, hi = (score_interval(a, n1, b, n2, inflate, u) for u in (False, True))
        out[name + "_lo"] = np.where(a == 0, 0.0, lo)
        out[name + "_hi"] = np.where(b == 0, math.nan, hi)
    for name, method in (("wilson", "wilson"), ("exact", "beta"), ("jeffreys", "jeffreys")):
        lo, hi = proportion_confint(a, n1, method=method)
        out[name + "_lo"] = np.where(a == 0, 0.0, lo)
        out[name + "_hi"] = np.where(a == n1, 1.0, hi)
    return out


def check_tables(program, T, r_all, recorded):
    rows = ours(program, "tables", ["%d,%d,%d,%d" % tuple(t) for t in T])
    mine = columns(rows)
    where = lambda i: "%d/%d v %d/%d" % tuple(T[i])  # noqa: E731
    for i, t in enumerate(T):
        for name, why in reasons(*map(int, t)).items():
            undefined[0] += 1
            if mine[name][1][i] != why:
                undefined[1] += 1
                print("FAIL %s: %s is %s, must be %s" % (where(i), name, mine[name][1][i] or "defined",
                                                         why or "defined"))
    alive = np.flatnonzero((T[:, 1] > 0) & (T[:, 3] > 0))
    ref = numpy_tables(T[alive])
    at = lambda i: where(alive[i])  # noqa: E731
    tolerance = {"posterior": 1e-9, "h": 1e-9}
    floors = {"g": 1e-3, "p_g": 1e-12, "p_z": 1e-200, "h": 1e-6, "phi": 1e-6, "z": 1e-6, "z_ratio": 1e-4,
              "shortfall": 1e-3, "shortfall_pooled": 1e-3, "posterior": 1.0}
    for name, v in ref.items():
        compare(name, "numpy, scipy.special", mine[name][0][alive], v, tolerance.get(name, 1e-9), at,
                floors.get(name, 0.0))
    exact = [(int(a) * int(n2) * 5 < 4 * int(b) * int(n1), (int(a) + 1) * int(n2) > (int(b) - 1) * int(n1))
             for a, n1, b, n2 in T]
    compare("below", "integers", mine["below"][0], [e[0] for e in exact], 0.0, where)
    compare("flips", "integers", mine["flips"][0], [e[1] for e in exact], 0.0, where)
    for name, v in r_all.items():
        v = np.array(v)
        if name.startswith(("exact", "jeffreys")):
            v = np.where((T[:, 0] == 0) & name.endswith("lo"), 0.0, v)
            v = np.where((T[:, 0] == T[:, 1]) & name.endswith("hi"), 1.0, v)
        compare(name, "R distributions", mine[name][0], v, 1e-9, where,
                {"yates": 1e-6, "z": 1e-6}.get(name, 1e-300))    # below it the numbers lose digits
    if recorded is not None:
        record_tables(recorded, T, alive, ref, r_all)
    return mine


def check_root(name, reference, ours, theirs, where):
    """R finds the odds ratio, or above 1 its inverse, to 2e-4 absolute."""
    down = lambda v: np.where(v > 1, 1 / v, v)  # noqa: E731
    use = np.where((theirs > 0) & (theirs < math.inf), theirs, math.nan)
    compare(name, reference + " (root)", down(ours), down(use), 2e-4, where, 1.0)


def check_some(T, index, mine, r_some):
    """The tests as the packages offer them."""
    where = lambda i: "%d/%d v %d/%d" % tuple(T[index[i]])  # noqa: E731
    for name, v in r_some.items():
        if name == "odds_r":
            check_root("odds_conditional", "R packaged tests", mine["odds_conditional"][0][index], v, where)
        else:
            compare(name, "R packaged tests", mine[name][0][index], v, 1e-9, where, 1e-6 if name == "yates" else 1e-300)
    got = {n: np.full(len(index), math.nan) for n in ("fisher", "odds_conditional", "g", "yates", "katz_lo", "katz_hi",
                                                      "mn_lo", "mn_hi", "koopman_lo", "adjusted_lo", "adjusted_hi")}
    for i, j in enumerate(index):
        a, n1, b, n2 = map(int, T[j])
        if state(a, n1, b, n2):
            continue
        m = [[a, n1 - a], [b, n2 - b]]
        got["fisher"][i] = stats.fisher_exact(m)[1]
        got["g"][i] = stats.chi2_contingency(m, correction=False, lambda_="log-likelihood")[0]
        got["yates"][i] = stats.chi2_contingency(m, correction=True)[0]
        if i % 5 == 0:
            o = odds_ratio(m).statistic
            got["odds_conditional"][i] = o if math.isfinite(o) else math.nan
        if 0 < a < n1 and 0 < b < n2:
            katz = stats.contingency.relative_risk(a, n1, b, n2).confidence_interval(0.95)
            got["katz_lo"][i], got["katz_hi"][i] = katz
            if i % 3 == 0:
                got["mn_lo"][i], got["mn_hi"][i] = confint_proportions_2indep(a, n1, b, n2, compare="ratio",
                                                                             method="score", correction=True)
                got["koopman_lo"][i] = confint_proportions_2indep(a, n1, b, n2, compare="ratio", method="score",
                                                                  correction=False)[0]
            got["adjusted_lo"][i], got["adjusted_hi"][i] = confint_proportions_2indep(a, n1, b, n2, compare="ratio",
                                                                                     method="log-adjusted")
    for name, v in got.items():
        reference = "statsmodels" if name.startswith(("mn", "koopman", "adjusted")) else "scipy packaged tests"
        compare(name, reference, mine[name][0][index], v, {"odds_conditional": 1e-8}.get(name, 1e-8 if reference ==
                "statsmodels" else 1e-9), where, {"g": 1e-3, "yates": 1e-6}.get(name, 0.0))


def rejected(t, rate, kind):
    """Independent evaluation of Barnard's and Boschloo's probability at one rate."""
    a, n1, b, n2 = t
    x, y = np.arange(n1 + 1)[:, None], np.arange(n2 + 1)[None, :]
    if kind == "barnard":
        p = (x + y) / (n1 + n2)
        z = np.abs(np.nan_to_num((x / n1 - y / n2) / np.sqrt(p * (1 - p) * (1 / n1 + 1 / n2))))
        use = z >= z[a, b] * (1 - 1e-10)
    else:
        law = (n1 + n2, x + y, n1)
        side = stats.hypergeom.cdf(x, *law) if kind == "less" else stats.hypergeom.sf(x - 1, *law)
        use = side <= side[a, b] * (1 + 1e-10)
    return float((use * stats.binom.pmf(x, n1, rate) * stats.binom.pmf(y, n2, rate)).sum())


def check_search(program, tables):
    """scipy's search may miss a narrow peak: ours may be higher, but must then be reached at the rate it names."""
    mine = columns(ours(program, "search", ["%d,%d,%d,%d" % t for t in tables]))
    where = lambda i: "%d/%d v %d/%d" % tables[i]  # noqa: E731
    ref = {n: np.full(len(tables), math.nan) for n in ("barnard", "less", "greater")}
    for i, (a, n1, b, n2) in enumerate(tables):
        m = [[a, b], [n1 - a, n2 - b]]          # groups in columns: scipy conditions on column sums
        got = {"barnard": stats.barnard_exact(m, n=64).pvalue,
               "less": stats.boschloo_exact(m, alternative="less", n=64).pvalue,
               "greater": stats.boschloo_exact(m, alternative="greater", n=64).pvalue}
        for name, v in got.items():
            own = mine[name][0][i]
            if own > v * (1 + 1e-7):
                at = {"barnard": "barnard_at", "less": "boschloo_at", "greater": "boschloo_at"}[name]
                rate = mine[at][0][i]
                smaller = min(mine["less"][0][i], mine["greater"][0][i])
                if name == "barnard" or own == smaller:
                    v = rejected((a, n1, b, n2), rate, name)
                else:
                    v = max(v, max(rejected((a, n1, b, n2), math.sin(s) ** 2, name) for s in
                                   np.linspace(0, math.pi / 2, 1500)))
            ref[name][i] = v
    for name, v in ref.items():
        compare(name, "scipy, or at our rate", mine[name][0], v, 1e-6, where)


# ---- several tables, pairs, families, scores ----

def check_strata(program, cases, r):
    mine = columns(ours(program, "strata", [";".join("%d,%d,%d,%d" % s for s in v) for v in cases]))
    where = lambda i: str(cases[i])  # noqa: E731
    names = ("ratio", "odds", "odds_lo", "odds_hi", "breslow_day", "p_breslow_day", "tarone", "p_tarone", "cmh")
    got = {n: np.full(len(cases), math.nan) for n in names}
    delta = np.zeros(len(cases))
    for i, v in enumerate(cases):
        both = [s for s in v if s[1] > 0 and s[3] > 0]
        delta[i] = abs(sum(a - n1 * (a + b) / (n1 + n2) for a, n1, b, n2 in both))
        use = [s for s in both if 0 < s[0] + s[2] < s[1] + s[3]]
        num, den = (sum(s[x] * s[y] / (s[1] + s[3]) for s in both) for x, y in ((0, 3), (2, 1)))
        got["ratio"][i] = num / den if den > 0 else math.nan
        if len(use) < 2:
            continue
        m = StratifiedTable([np.array([[a, n1 - a], [b, n2 - b]], float) for a, n1, b, n2 in use])
        if not (0 < m.oddsratio_pooled < math.inf):
            continue
        got["odds"][i] = m.oddsratio_pooled
        got["odds_lo"][i], got["odds_hi"][i] = m.oddsratio_pooled_confint()
        got["cmh"][i] = m.test_null_odds(correction=False).statistic
        plain, tarone = m.test_equal_odds(adjust=False), m.test_equal_odds(adjust=True)
        got["breslow_day"][i], got["p_breslow_day"][i] = plain.statistic, plain.pvalue
        got["tarone"][i], got["p_tarone"][i] = tarone.statistic, tarone.pvalue
    for name, v in got.items():
        compare("strata " + name, "statsmodels", mine[name][0], v, 1e-9, where,
                {"cmh": 1e-6, "breslow_day": 1e-6, "tarone": 1e-6,
                 "p_breslow_day": 1e-3, "p_tarone": 1e-3}.get(name, 0.0))      # their p is 1 - cdf
    for name, v in r.items():
        if name == "yates":
            v = np.where(delta >= 0.5, v, math.nan)     # R takes nothing off below one half, the formula all of it
        if name == "odds_exact":
            check_root("strata odds_exact", "R mantelhaen.test", mine[name][0], v, where)
            continue
        if "liang_self" in name:
            compare("strata " + name, "R, written out", mine[name][0], v, 1e-6, where)      # the odds ratio is a root
            continue
        if name == "odds":
            v = np.where((v > 0) & (v < math.inf), v, math.nan)
        compare("strata " + name, "R mantelhaen.test", mine[name][0], v, 1e-9, where,
                {"cmh": 1e-6, "yates": 1e-4}.get(name, 0.0))


def make_clusters(rng):
    """Candidates with one to six decisions that depend on the candidate; both sides have selected and rejected."""
    cases = []
    while len(cases) < CLUSTERED:
        case = []
        for side in (0, 1):
            for _ in range(rng.randint(3, 60)):
                worth, n = rng.random(), rng.randint(1, 6)
                case.append((side, n, sum(rng.random() < worth for _ in range(n))))
        if all(0 < sum(c[2] for c in case if c[0] == s) < sum(c[1] for c in case if c[0] == s) for s in (0, 1)):
            cases.append(case)
    return cases


def check_clusters(program, cases):
    """The clustered variance of ln ratio: the sandwich of a log-linear model, whose coefficient is ln ratio."""
    mine = columns(ours(program, "clusters", [";".join("%d,%d,%d" % c for c in v) for v in cases]))
    ratio, variance = np.full(len(cases), math.nan), np.full(len(cases), math.nan)
    for i, v in enumerate(cases):
        y = np.concatenate([np.repeat([1.0, 0.0], [s, n - s]) for _, n, s in v])
        side = np.repeat([float(c[0]) for c in v], [c[1] for c in v])
        who = np.repeat(np.arange(len(v)), [c[1] for c in v])
        fit = statsmodels.api.GLM(y, statsmodels.api.add_constant(side), family=statsmodels.api.families.Poisson()).fit(
            tol=1e-14, cov_type="cluster", cov_kwds={"groups": who, "use_correction": False})
        ratio[i], variance[i] = math.exp(fit.params[1]), fit.cov_params()[1, 1]
    where = lambda i: "clusters %d" % i  # noqa: E731
    compare("clusters ratio", "statsmodels Poisson", mine["ratio"][0], ratio, 1e-9, where)
    compare("clusters variance", "statsmodels Poisson", np.array(mine["focal"][0]) + np.array(mine["reference"][0]),
            variance, 1e-8, where)


def check_rest(program, pairs, families, scores, r_folder):
    mine = columns(ours(program, "paired", ["%d,%d" % p for p in pairs]))
    for name, v in read_r(os.path.join(r_folder, "r_paired.csv")).items():
        if name.endswith("yates"):      # R's correction is |d| - 1 also where d = 0
            v = np.where([f == s for f, s in pairs], math.nan, v)
        compare("paired " + name, "R", mine[name][0], v, 1e-9, lambda i: str(pairs[i]), 1e-300)
    rows = ours(program, "families", [",".join(map(repr, f)) for f in families])
    with open(os.path.join(r_folder, "r_families.csv")) as f:
        theirs = f.read().splitlines()
    methods = ("bonferroni", "holm", "hochberg", "bh", "by")
    for i, (x, y) in enumerate(zip(rows, theirs)):
        compare("family " + methods[i % 5], "R p.adjust", [float(c) for c in x.split(",")],
                [float(c) for c in y.split(",")], 1e-12, lambda j: "family %d, test %d" % (i // 5, j))
    mine = columns(ours(program, "scores", [";".join(",".join(map(repr, g)) for g in s) for s in scores]))
    where = lambda i: "scores %d" % i  # noqa: E731
    for name, v in read_r(os.path.join(r_folder, "r_scores.csv")).items():
        compare("score " + name, "R", mine[name][0], v, 1e-9, where, 1e-6 if name.endswith("_t") else 1e-9)
    got = {n: np.full(len(scores), math.nan) for n in ("scoring_rate", "cohen_d", "hedges_g", "ks", "p_rank_normal")}
    for i, (x, y) in enumerate(scores):
        x, y = np.array(x), np.array(y)
        df = len(x) + len(y) - 2
        pooled = math.sqrt(((len(x) - 1) * x.var(ddof=1) + (len(y) - 1) * y.var(ddof=1)) / df)
        got["scoring_rate"][i] = (x > np.median(np.concatenate([x, y]))).mean()
        got["cohen_d"][i] = (x.mean() - y.mean()) / pooled if pooled > 0 else math.nan
        got["hedges_g"][i] = got["cohen_d"][i] * (1 - 3 / (4 * df - 1))
        got["ks"][i] = stats.ks_2samp(x, y, mode="asymp").statistic
        got["p_rank_normal"][i] = stats.mannwhitneyu(x, y, method="asymptotic").pvalue
    for name, v in got.items():
        compare("score " + name, "numpy, scipy", mine[name][0], v, 1e-9, where, 1e-6)


# ---- recorded numbers for the test-suite ----

RECORDED = ("z", "p_z", "yates", "p_yates", "fisher", "less", "greater", "mid_a", "katz_lo", "katz_hi", "koopman_lo",
            "koopman_hi", "mn_lo", "mn_hi", "adjusted_lo", "adjusted_hi", "odds", "h", "phi", "wilson_lo", "wilson_hi",
            "exact_lo", "exact_hi", "jeffreys_lo", "jeffreys_hi", "posterior", "g", "z_ratio")


def record_tables(path, T, alive, ref, r_all):
    """Every tenth small table and some large ones; R's number where there is one, else numpy's and scipy's."""
    place = {int(j): i for i, j in enumerate(alive)}
    rows = [j for j in alive if (j < 784 and j % 6 == 0) or (j >= 784 and j % 700 == 0)]
    with open(path, "w") as f:
        f.write("# Numbers of R %s (phyper, dhyper, qbeta, pchisq), scipy %s, statsmodels %s and numpy %s, made by\n"
                "# tests/bench/audit_oracles --record; an empty cell: the reference gives none.\n"
                % (r_version[2:], scipy.__version__, statsmodels.__version__, np.__version__))
        f.write("a,n1,b,n2," + ",".join(RECORDED) + "\n")
        for j in rows:
            undefined_here = reasons(*map(int, T[j]))
            cells = []
            for name in RECORDED:
                of_r = name in r_all and not name.startswith(("exact", "jeffreys"))
                v = r_all[name][j] if of_r else ref[name][place[j]]
                cells.append("" if undefined_here[name] or not math.isfinite(v) else "%.14g" % v)
            f.write("%d,%d,%d,%d," % tuple(T[j]) + ",".join(cells) + "\n")
    print("recorded %d tables in %s" % (len(rows), path))


def main():
    global r_version
    program = sys.argv[1]
    recorded = sys.argv[3] if len(sys.argv) == 4 and sys.argv[2] == "--record" else None
    begin = time.time()
    rng = random.Random(20240501)
    T = np.array(make_tables(rng))
    index = np.array(sorted(set(range(0, 784, 3)) | set(rng.sample(range(784, len(T)), SOME))))
    strata, scores = make_strata(rng), make_scores(rng)
    pairs = [(0, 0), (1, 0), (0, 1), (3, 3)]
    pairs += [tuple(int(10 ** rng.uniform(0, 3)) - 1 for _ in "ab") for _ in range(PAIRED)]
    families = [[rng.random() ** rng.choice([1, 4]) for _ in range(rng.randint(1, 60))] for _ in range(FAMILIES)]
    families.append([0.05, 0.05, 0.05, 1.0, 0.0])
    searched = [tuple(map(int, t)) for t in T[:784] if not state(*map(int, t))][::14]
    while len(searched) < SEARCHED:
        n1, n2 = rng.randint(2, 25), rng.randint(2, 25)
        t = (rng.randint(0, n1), n1, rng.randint(0, n2), n2)
        if not state(*t):
            searched.append(t)
    with tempfile.TemporaryDirectory() as folder:
        def put(name, lines, head=None):
            with open(os.path.join(folder, name), "w") as f:
                f.write("\n".join(([head] if head else []) + lines) + "\n")

        put("tables.csv", ["%d,%d,%d,%d" % tuple(t) for t in T], "a,n1,b,n2")
        put("some.csv", ["%d,%d,%d,%d" % tuple(t) for t in T[index]], "a,n1,b,n2")
        put("strata.csv", [";".join("%d,%d,%d,%d" % s for s in v) for v in strata])
        put("paired.csv", ["%d,%d" % p for p in pairs], "first,second")
        put("families.csv", [",".join(map(repr, f)) for f in families])
        put("scores.csv", [";".join(",".join(map(repr, g)) for g in s) for s in scores])
        r = subprocess.Popen(["Rscript", "--vanilla", os.path.join(HERE, "audit_oracles.R"), folder])
        check_search(program, searched)
        if r.wait() != 0:
            sys.exit("audit_oracles: R failed")
        with open(os.path.join(folder, "r_version")) as f:
            r_version = f.read().strip()
        mine = check_tables(program, T, read_r(os.path.join(folder, "r_tables.csv")), recorded)
        check_some(T, index, mine, read_r(os.path.join(folder, "r_some.csv")))
        check_strata(program, strata, read_r(os.path.join(folder, "r_strata.csv")))
        check_rest(program, pairs, families, scores, folder)
        check_clusters(program, make_clusters(rng))
    bad = 0
    print("%-24s %-22s %9s %10s %9s" % ("statistic", "reference", "compared", "worst", "allowed"))
    for (name, reference), (n, off, allowed, where) in sorted(worst.items()):
        wrong = n == 0 or off > allowed
        bad += wrong
        print("%-24s %-22s %9d %10.1e %9.0e%s" % (name, reference, n, off, allowed, "  FAIL " + where if wrong else ""))
    print("undefined or defined, with its reason: %d compared, %d wrong" % tuple(undefined))
    print("%d numbers compared with %s, scipy %s, statsmodels %s, numpy %s over %d tables, %d of strata, %d of scores: "
          "%d statistics out of tolerance, %.0f s" % (sum(w[0] for w in worst.values()), r_version, scipy.__version__,
          statsmodels.__version__, np.__version__, len(T), len(strata), len(scores), bad, time.time() - begin))
    sys.exit(1 if bad or undefined[1] else 0)


main()
