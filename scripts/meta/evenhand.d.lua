---@meta

-- Type stubs for policy authors (LuaCATS, read by lua-language-server): what is there inside the sandbox.
-- The fields are those of lua/facts.c; tests/lua/test_stub.c compares the two. The manual is evenhand-policy(5).

--- low and high end, nil where there is none
---@class evenhand.Interval
---@field low number?
---@field high number?

--- estimates with predicted classes; nil when nobody is predicted
---@class evenhand.Em
---@field ratio number? maximum-likelihood ratio
---@field weighted number? posterior-weighted ratio
---@field p number? likelihood-ratio p
---@field interval evenhand.Interval 95 % of ratio
---@field n number? expected decisions of the group
---@field selected number? of these, advanced
---@field robust boolean weighted is below the limit too
---@field guard string "" = guards met, else which was not

--- which estimates find the ratio below the limit
---@class evenhand.Supports
---@field em boolean em.ratio below the limit, its interval below 1
---@field weighted boolean em.weighted below the limit
---@field bounds boolean bounds.high below the limit

--- how far em.ratio rests on what is assumed about unseen classes; nil when nobody is predicted
---@class evenhand.Assumption
---@field bounds evenhand.Interval of the ratio whatever decisions go by (Frechet)
---@field cells integer of predicted persons behind bounds
---@field supports evenhand.Supports which estimates find the ratio below the limit
---@field n_eff number? decisions of known class that would tell as much
---@field auc number? of the classifier, on persons unknown to it
---@field auc_lo number? lower end of its 95 % interval
---@field ece number? its calibration error
---@field out_of_scope number? share of the predicted unlike the training
---@field fit_p number? pool a mixture of the labelled scores, chi-square p
---@field labelled integer persons of known class with a score
---@field p_score number? score given class: small speaks against em.ratio
---@field p_class number? class given score: small speaks against em.weighted
---@field threshold_ratio number? most probable class taken as known; to compare only
---@field abstain_ratio number? the same, of those above 0.8 alone
---@field undetermined integer persons that abstain_ratio leaves out
---@field matrix_ratio number? corrected by the confusion matrix (Rogan-Gladen)
---@field matrix_condition number? condition number of that matrix

--- one score per person of the group and its reference; nil where there are none
---@class evenhand.Scores
---@field n integer persons of the group with a score
---@field ref_n integer persons of the reference with a score
---@field median number? of everybody in the scope
---@field scoring_rate number? share strictly above the median
---@field ref_scoring_rate number?
---@field scoring_ratio number? scoring_rate / ref_scoring_rate
---@field cohen_d number? difference in pooled standard deviations
---@field hedges_g number? cohen_d corrected for small numbers
---@field p_welch number? Welch's t test, two-sided
---@field p_mann_whitney number? rank test, two-sided
---@field ks number? largest distance of the two distributions

---@class evenhand.Family
---@field method string bh, holm, by or none
---@field size integer tests in the family

---@class evenhand.Benchmark
---@field evaluators integer
---@field n integer
---@field selected integer
---@field rate number?
---@field impact_ratio number?
---@field deviation number? ratio minus the benchmark's

---@class evenhand.Peers
---@field ratio number? ratio to the others' ratio
---@field z number?
---@field p number?
---@field q number? p corrected in its own family

--- persons
---@class evenhand.Provenance
---@field declared integer
---@field imported integer
---@field predicted integer
---@field unknown integer

---@class evenhand.Limit
---@field num integer
---@field den integer

--- One evaluator x attribute x group, read-only. A field that is not listed here raises.
---@class evenhand.Facts
---@field evaluator string the evaluator's id; "" in a pooled finding
---@field attribute string such as "sex"
---@field group string the group this finding is about
---@field position string pooled per position; "" is all positions
---@field pooled boolean over all evaluators
---@field reference string "rest", or the name of the reference group
---@field is_reference boolean this group is the reference itself
---@field n integer decisions on the group's persons with a known class
---@field selected integer of these, advanced
---@field ref_n integer decisions on the reference
---@field ref_selected integer of these, advanced
---@field persons integer persons of the group, the unit of every p and interval
---@field ref_persons integer persons of the reference
---@field strata integer position x stage x question with both sides present
---@field rate number? selected / n
---@field ref_rate number? ref_selected / ref_n
---@field impact_ratio number? rate / ref_rate
---@field undefined string? why impact_ratio is nil
---@field below_limit boolean? impact_ratio below the limit, by exact integers
---@field below_two_percent boolean less than min_share of the pool: listed, not compared
---@field interval evenhand.Interval 95 % interval of impact_ratio
---@field interval_method string its name
---@field z number? of the plain table, only when persons are decisions
---@field p_z number? two-sided p of z
---@field p_fisher number? Fisher's exact test, two-sided
---@field p_mid number? two-sided mid-p
---@field shortfall number? persons fewer than at the reference's rate
---@field flips boolean? the swap of one person turns the order round
---@field mh_ratio number? Mantel-Haenszel ratio, with more than one stratum
---@field mh_interval evenhand.Interval its 95 % interval
---@field p_cmh number? Cochran-Mantel-Haenszel test
---@field p_breslow_day number? homogeneity of the strata
---@field detectable number? smallest ratio findable with power .8
---@field posterior number? probability that the true ratio is below the limit
---@field cohen_h number? effect size h, negative = the group is lower
---@field phi number? effect size phi, negative = the group is lower
---@field odds_ratio number? with strata Mantel-Haenszel's
---@field odds_interval evenhand.Interval its 95 % interval
---@field shortfall_pooled number? persons fewer than at the rate of both together
---@field p_boschloo number? Boschloo's test, computed when needs names it
---@field uncertain_n integer decisions on persons without a certain class
---@field uncertain_selected integer of these, advanced
---@field ratio_if_unknown_low number? impact_ratio at the least, wherever these belong
---@field ratio_if_unknown_high number? impact_ratio at the most
---@field scores evenhand.Scores scores of the group against its reference
---@field em evenhand.Em the estimate with predicted classes
---@field assumption evenhand.Assumption how far that rests on what is assumed about them
---@field basis "known"|"screening" known classes only, or with predicted ones
---@field ratio number? what decides: plain, Mantel-Haenszel or EM ratio
---@field ratio_interval evenhand.Interval its 95 % interval
---@field ratio_below boolean? ratio below the limit
---@field p number? candidate-clustered p of ratio
---@field p_method string its name
---@field q number? p corrected in the family of the run
---@field q_holm number? p corrected by Holm
---@field family evenhand.Family the correction that filled q
---@field p_anytime number? p of the same comparison that holds at any number of looks at growing data
---@field anytime boolean q corrects p_anytime (looks = "anytime")
---@field look integer how often these growing data were audited, this time included; 0 = not known
---@field benchmark evenhand.Benchmark the second set of evaluators: the modelled outcome
---@field peers evenhand.Peers the evaluator against all others, leave-one-out
---@field provenance evenhand.Provenance persons by where their class comes from
---@field limit evenhand.Limit the limit in force
---@field min_group integer smallest number of persons per group in force
---@field min_total integer smallest number of persons in all in force
---@field min_share number smallest share of the pool that is compared
---@field alpha number level of the tests in force
---@field builtin string the built-in four-fifths result
---@field why table<string, string?> reason why a number of this table is nil, by its name
---@field verdict string only in summarise(): what check() said
---@field scope string? only in summarise()
---@field reason string only in summarise()
---@field rule string only in summarise()

---@alias evenhand.VerdictName "ok"|"watch"|"notify"|"too_few"|"not_allowed"|"cannot_conclude"

---@class evenhand.Verdict
---@field verdict evenhand.VerdictName
---@field reason? string one or two plain sentences with the numbers, at most 639 bytes
---@field scope? "individual"|"systemic" with notify only
---@field rule? string a short name of the rule that spoke, at most 63 bytes; `explain` shows it

--- What a policy file returns.
---@class evenhand.Policy
---@field name string
---@field api 1
---@field version string
---@field attributes? string[] at most 8; left out = all
---@field limit? integer[] two integers, 0 < num <= den <= 1000; left out = {4, 5}
---@field needs? string[] the facts that check reads; left out = all
---@field reference? string "highest", "rest" (default) or a group
---@field min_group? integer persons, default 10
---@field min_total? integer persons, default 30
---@field min_share? number share of the pool below which a group is listed only, 0 to 0.5, default 0.02
---@field alpha? number default 0.05
---@field family? "bh"|"holm"|"by"|"none" default "bh"
---@field ratio? "stratified"|"plain" default "stratified"; which one facts.ratio, its interval, p and shortfall are
---@field classes? "all"|"known" default "all"; "known": predicted classes count as unknown
---@field looks? "once"|"anytime" default "once"; "anytime": q corrects p_anytime
---@field intersect? string[][] at most 4 pairs of attributes, such as {{"sex", "race"}}
---@field gate? fun(jurisdiction: string, attribute: string): boolean
---@field check fun(facts: evenhand.Facts): evenhand.Verdict|evenhand.VerdictName
---@field summarise? fun(findings: evenhand.Facts[]): table<integer, evenhand.Verdict|evenhand.VerdictName>?

--- Helper library.
---@class evenhand
---@field api 1
evenhand = {}

--- The pairs of a table, numbers first, then strings by bytes, then booleans; other keys raise.
--- `pairs` in the sandbox is this function.
---@param t table
---@return fun(): any, any
function evenhand.pairs_sorted(t) end

--- Like next, in the order of pairs_sorted; `next` in the sandbox is this function.
---@param t table
---@param key any
---@return any, any
function evenhand.next_sorted(t, key) end

--- Sorts in place; equal elements keep their order. `table.sort` in the sandbox is this function.
--- less(a, b) must be false for equals: an order with <= raises.
---@param list any[]
---@param less? fun(a: any, b: any): boolean
function evenhand.sort(list, less) end

--- A ratio as text that never looks like the limit when it is not.
---@param ratio number?
---@param limit? evenhand.Limit
---@return string
function evenhand.ratio_text(ratio, limit) end

--- "4/5"
---@param limit evenhand.Limit
---@return string
function evenhand.limit_text(limit) end

--- 0.253 is "25.3 %"
---@param share number?
---@return string
function evenhand.percent(share) end

--- "0.031", "0.0004", "below 0.0001", "undefined"
---@param p number?
---@return string
function evenhand.p_text(p) end

--- "0.210 to 0.650"
---@param interval evenhand.Interval
---@return string
function evenhand.interval_text(interval) end

--- count(3, "person") is "3 persons"
---@param n integer
---@param noun string
---@return string
function evenhand.count(n, noun) end

--- "a, b and c"
---@param items string[]
---@return string
function evenhand.list(items) end

--- What the group is compared with, in words.
---@param facts evenhand.Facts
---@return string
function evenhand.reference_text(facts) end

--- Who decided, in words.
---@param facts evenhand.Facts
---@return string
function evenhand.subject_text(facts) end
