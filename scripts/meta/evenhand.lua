---@meta

-- Type stubs for policy authors (LuaCATS, read by lua-language-server): what is there inside the sandbox;
-- made by `evenhand manual` from the program's tables; `make stubs` writes it anew.
-- The manual is evenhand-policy(5), the reference evenhand-lua(7).

--- One evaluator x attribute x group, read-only.  A field that is not listed here raises.
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
---@field p_breslow_day number? Breslow-Day's test of like strata, whether its chi-square holds there or not
---@field p_homogeneity number? do the strata differ: p of the test that holds; nil = cannot be told
---@field homogeneity_test "breslow_day"|"liang_self"|nil which that is: Liang and Self's in sparse strata
---@field homogeneity_inflation number? of that test's variance, for persons in several strata
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
---@field paired evenhand.Paired decisions on the candidates whom the second set judged too
---@field peers evenhand.Peers the evaluator against all others, leave-one-out
---@field provenance evenhand.Provenance persons by where their class comes from
---@field limit evenhand.Limit the limit in force
---@field min_group integer smallest number of persons per group in force
---@field min_total integer smallest number of persons in all in force
---@field min_share number smallest share of the pool that is compared
---@field alpha number level of the tests in force
---@field builtin string the built-in four-fifths result
---@field why table<string, string?> reason why a number of this table is nil, by its name
---@field verdict string only in summarise(): only in summarise(): what check() said
---@field scope string? only in summarise(): only in summarise()
---@field reason string only in summarise(): only in summarise()
---@field rule string only in summarise(): only in summarise()

--- Two ends of an interval, nil where there is none.
---@class evenhand.Interval
---@field low number? lower end
---@field high number? upper end; nil where there is none

--- The second set of evaluators: the modelled outcome.
---@class evenhand.Benchmark
---@field evaluators integer evaluators in it
---@field n integer their decisions on the group
---@field selected integer of these, advanced
---@field rate number? selected / n
---@field impact_ratio number? of the benchmark's own counts; stratified where strata says so
---@field deviation number? ratio minus the benchmark's
---@field same string? what it has in common with the evaluator: candidates, strata, positions
---@field strata integer that impact_ratio is stratified over; 0 = it is plain
---@field interval evenhand.Interval of impact_ratio, 95 %
---@field deviation_interval evenhand.Interval its 95 % interval (MOVER)

--- The evaluator and the second set on the same candidates.
---@class evenhand.Paired
---@field pairs integer candidates of the group on whom the evaluator and the second set decided
---@field first integer of these, advanced by the evaluator only
---@field second integer advanced by the second set only
---@field split integer no pairs: one side was divided evenly
---@field ref_pairs integer the same of the reference
---@field ref_first integer advanced by the evaluator only
---@field ref_second integer advanced by the second set only
---@field ref_split integer? no pairs: one side was divided evenly; nil where nobody is compared so
---@field p number? McNemar's mid-p: first against second
---@field p_group number? do they disagree another way on the group than on the reference (Gart, mid-p)

--- The evaluator against all others, leave-one-out.
---@class evenhand.Peers
---@field ratio number? ratio to the others' ratio
---@field z number? of that ratio against 1
---@field p number? two-sided p of z
---@field q number? p corrected in its own family
---@field corrected boolean half a person was added to each cell of the evaluator's own
---@field evaluators integer others who are compared with
---@field impact_ratio number? of them together, weighted by inverse variance
---@field n integer their decisions on the group
---@field selected integer of these, advanced
---@field ref_n integer their decisions on the reference
---@field ref_selected integer of these, advanced

--- Estimates with predicted classes; nil when nobody is predicted or a guard refused them.
---@class evenhand.Em
---@field ratio number? maximum-likelihood ratio
---@field weighted number? posterior-weighted ratio
---@field p number? likelihood-ratio p
---@field interval evenhand.Interval 95 % of ratio
---@field n number? expected decisions of the group
---@field selected number? of these, advanced
---@field robust boolean weighted is below the limit too
---@field guard string "" = guards met, else which was not: the finding rests on known classes

--- One score per person of the group and of its reference; nil where there are none.
---@class evenhand.Scores
---@field n integer persons of the group with a score
---@field ref_n integer persons of the reference with a score
---@field median number? of everybody in the scope
---@field scoring_rate number? share strictly above the median
---@field ref_scoring_rate number? the same of the reference
---@field scoring_ratio number? scoring_rate / ref_scoring_rate
---@field cohen_d number? difference in pooled standard deviations
---@field hedges_g number? cohen_d corrected for small numbers
---@field p_welch number? Welch's t test, two-sided
---@field p_mann_whitney number? rank test, two-sided
---@field ks number? largest distance of the two distributions

--- Which estimates find the ratio below the limit.
---@class evenhand.Supports
---@field em boolean em.ratio below the limit, its interval below 1
---@field weighted boolean em.weighted below the limit
---@field bounds boolean bounds.high below the limit

--- How far em.ratio rests on what is assumed about unseen classes; nil when nobody is predicted.
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

--- Persons by where their class comes from.
---@class evenhand.Provenance
---@field declared integer said by themselves
---@field imported integer said by another record
---@field predicted integer estimated by a model
---@field unknown integer of no known class
---@field refused integer of the unknown: predicted, and a guard refused it (em.guard)

--- Two integers: a ratio of exactly num/den is not below it.
---@class evenhand.Limit
---@field num integer 4 of 4/5
---@field den integer 5 of 4/5

--- The tests that were corrected together.
---@class evenhand.Family
---@field method string bh, holm, by or none
---@field size integer tests in the family
---@field rank integer of p among them, 1 = smallest; 0 = in none

---@alias evenhand.FamilyMethod
---| "bh"
---| "holm"
---| "by"
---| "none"
---| "bonferroni"
---| "hochberg"

---@alias evenhand.IntervalMethod
---| "miettinen_nurminen"
---| "koopman"
---| "katz"
---| "adjusted_log"

---@alias evenhand.RateMethod
---| "wilson"
---| "clopper_pearson"
---| "jeffreys"

---@alias evenhand.TestName
---| "z"
---| "chi2"
---| "g"
---| "fisher"
---| "fisher_less"
---| "fisher_greater"
---| "mid_p"
---| "boschloo"
---| "barnard"

---@alias evenhand.CountsKey
---| "evaluator"
---| "position"
---| "stage"
---| "question"
---| "period"
---| "jurisdiction"

--- The counts of a group and its reference, by name or by place.
---@class evenhand.Fourfold
---@field selected integer by place [1]
---@field n integer [2]
---@field ref_selected integer [3]
---@field ref_n integer [4]

--- 95 %, with the reason of an end that is not there.
---@class evenhand.OwnInterval
---@field low number?
---@field high number?
---@field why table<string, string> reason of an end that is nil, by name

--- What rates() takes of a group.
---@class evenhand.GroupCount
---@field group string? its name
---@field selected integer
---@field n integer

--- What it gives.
---@class evenhand.GroupRate
---@field group string? its name
---@field selected integer
---@field n integer
---@field rate number? selected / n
---@field share number? n / the n of all groups
---@field why table<string, string> reason of what is nil, by name

--- What effects() gives.
---@class evenhand.Effects
---@field cohen_h number? 2 asin sqrt(rate) - 2 asin sqrt(ref_rate)
---@field phi number? correlation of group and decision
---@field odds_ratio number? of the sample
---@field shortfall number? persons fewer than at the reference's rate
---@field shortfall_pooled number? persons fewer than at the rate of both together
---@field flips boolean? the swap of one person turns the order round
---@field why table<string, string> reason of what is nil, by name

--- What strata() gives.
---@class evenhand.Strata
---@field ratio number? Mantel-Haenszel risk ratio
---@field interval evenhand.OwnInterval? its 95 % interval, Greenland and Robins
---@field cmh number? Cochran-Mantel-Haenszel chi-square
---@field p_cmh number?
---@field breslow_day number? homogeneity of the odds ratios
---@field p_breslow_day number?
---@field p_tarone number? the same with Tarone's correction
---@field p_liang_self number? the same by Liang and Self, for sparse strata
---@field p_homogeneity number? p_breslow_day where its chi-square holds, else p_liang_self
---@field odds_ratio number? Mantel-Haenszel odds ratio
---@field odds_interval evenhand.OwnInterval? its 95 % interval, Robins, Breslow and Greenland
---@field shortfall number? persons fewer than at the reference's rate, stratum by stratum
---@field strata integer with both sides present
---@field below boolean? ratio below the limit; only with a limit
---@field why table<string, string> reason of what is nil, by name

--- One evaluator's counts, as four numbers or by strata.
---@class evenhand.Judge
---@field selected integer?
---@field n integer?
---@field ref_selected integer?
---@field ref_n integer?
---@field strata evenhand.Fourfold[]? in the place of the four
---@field others evenhand.Judge[]? own only: the other evaluators
---@field limit evenhand.Limit|integer[]|nil own only: others below it are no benchmark; left out = all are

--- What benchmark() gives.
---@class evenhand.BenchmarkResult
---@field ratio number? of the own counts; with several strata Mantel-Haenszel's
---@field evaluators integer others in the benchmark: a ratio, and not below the limit
---@field n integer their decisions on the group
---@field selected integer of these, advanced
---@field rate number? selected / n
---@field impact_ratio number? of the benchmark, its counts added up
---@field deviation number? ratio - impact_ratio
---@field peers_ratio number? ratio to the weighted mean of the others' ratios
---@field interval evenhand.OwnInterval? 95 % interval of peers_ratio
---@field z number? of peers_ratio against 1
---@field p number? two-sided p of z
---@field peers_corrected boolean half a person was added to each own cell, as in the audit
---@field peers_impact_ratio number? the weighted mean of the others' ratios, limit or not
---@field peers_evaluators integer others in it, all but who advanced nobody or everybody, or saw one side
---@field peers_n integer their decisions on the group
---@field peers_selected integer of these, advanced
---@field peers_ref_n integer their decisions on the reference
---@field peers_ref_selected integer of these, advanced
---@field why table<string, string> reason of what is nil, by name

--- Persons whom a classifier sees alike.
---@class evenhand.Cell
---@field n number decisions on persons whom the classifier sees alike
---@field selected number of these, advanced
---@field focal number expected decisions on the group
---@field reference number and on the reference

--- What unseen() takes.
---@class evenhand.Unseen
---@field selected integer?
---@field n integer?
---@field ref_selected integer?
---@field ref_n integer?
---@field unknown_selected integer? decisions on persons of unknown class that were advanced
---@field unknown_n integer? of so many
---@field cells evenhand.Cell[]? in the place of all these: Frechet bounds

--- What power() takes.
---@class evenhand.Design
---@field n number decisions on the group
---@field ref_n number and on the reference
---@field ref_rate number the reference's rate
---@field alpha number? two-sided level, left out = 0.05
---@field limit evenhand.Limit|integer[]|nil

--- What counts() takes.
---@class evenhand.CountsQuery
---@field by evenhand.CountsKey[]? any of them
---@field class string|string[]|nil an attribute, or a pair of two; left out = classes are not looked at
---@field where table<string, string>? only decisions with these: the keys of by, and group

--- One row of its answer.
---@class evenhand.CountsRow
---@field evaluator string? as by asks, like the five below
---@field position string? of `rates`: the whole stratum
---@field stage string?
---@field question string?
---@field period string? month such as "2026-03"; "" = no time known
---@field jurisdiction string? of the candidate, such as "US-IL"; in an audit of a project alone
---@field group string? of a pair "female x white"
---@field unknown boolean? true: the class is not known for certain
---@field n integer decisions
---@field selected integer of these, advanced
---@field persons integer different candidates

--- What paired() takes.
---@class evenhand.PairedQuery
---@field evaluator string the first side
---@field class string an attribute
---@field group string one of its groups
---@field second string[]? evaluators of the second set; left out = all others

--- What paired() gives.
---@class evenhand.Paired
---@field n integer candidates on whom both sides decided
---@field both integer of these, advanced by both
---@field first_only integer by the evaluator alone
---@field second_only integer by the second set alone
---@field neither integer by nobody
---@field split integer left out: a side was divided evenly
---@field p number? two-sided exact McNemar
---@field p_mid number? its mid-p
---@field p_mcnemar number? by chi-square
---@field why table<string, string> reason of what is nil, by name

--- Dated data of a rule of law.
---@class evenhand.Pack
---@field name string such as "UGESP"
---@field source? string such as "29 CFR 1607"
---@field from? string first day in force, "2027-01-01", its year, or "unknown"
---@field to? string last day, its year, or "unknown": it is over; left out = no end known
---@field note? string

---@alias evenhand.LibraryName
---| "ll144"
---| "places"
---| "reference_line"
---| "stages"

--- New York City's Local Law 144: what both its tables say.
---@class evenhand.library.ll144
---the reference line 0.80
---@field LINE integer[]
---Behind a reason: how many classes are declared, imported, unknown.
---@field classes_text fun(facts: evenhand.Facts): string
---What is said of the audit: compute() of a policy.
---@field compute fun(project: evenhand.Project?): table[]?
---The verdict on what stands in no table, or nil.
---@field outside fun(facts: evenhand.Facts): evenhand.Verdict?
---Behind a reason: small numbers, or nothing.
---@field small_text fun(n: integer): string
---One as a table.
---@field verdict fun(kind: evenhand.VerdictName, rule: string, reason: string): evenhand.Verdict

--- The jurisdictions of a project, and policies about one of them.
---@class evenhand.library.places
---check() of a policy that is not about groups; not_allowed on inferred classes where something is missing.
---@field check fun(f: evenhand.Facts, missing: integer, rule: string, refusal: string, looks_at: string): table
---compute() of a policy about one place: findings(project, place), or that nobody is there.
---@field compute fun(project: evenhand.Project?, code: string, name: string, findings: function): table[]?
---The jurisdiction with that code.
---@field of fun(project: evenhand.Project, code: string): table?

--- Remarks below a line that is no pass mark.
---@class evenhand.library.reference_line
---A remark below the limit after correction; words: below, beside, fine.
---@field check fun(facts: evenhand.Facts, words: table): evenhand.Verdict

--- Each stage of a job by itself, and its bottom line: counts, tests, findings.
---@class evenhand.library.stages
---The decisions by position and stage, with their groups.
---@field cells_of fun(attribute: string): table[]
---Own findings of every stage and bottom line of the attributes in seen, as judge(c, m, q, size) says.
---@field findings fun(seen: table<string, boolean>, judge: function): table[]
---Of a cell's groups those of 2 % or more, and the one of them with the highest rate.
---@field highest fun(cell: table): table[], table?
---The same judge asked about a finding of the audit.
---@field judge_facts fun(facts: evenhand.Facts, judge: function): evenhand.Verdict
---Do the cells differ in that field?
---@field several fun(cells: table[], key: string): boolean
---12 of 40 women (30.0 %)
---@field side_text fun(selected: integer, n: integer, name: string): string

--- Facts about a project as a whole, read-only; a field that is not listed here raises.
---@class evenhand.Project
---@field as_of string day of the run, "2026-11-30": the only time a policy sees
---@field jurisdictions evenhand.ProjectPlace[] by code
---@field declarations table<string, string> what `evenhand policy declare` set
---@field data evenhand.ProjectData records by kind
---@field models evenhand.ProjectModel[] by attribute
---@field notifications evenhand.ProjectNotices how many there are of each state
---@field evaluators integer how many there are

--- Candidates of one jurisdiction.
---@class evenhand.ProjectPlace
---@field code string such as "US-IL"
---@field candidates integer of this jurisdiction
---@field recordings integer interviews known
---@field measured integer candidates of whom face or voice was measured
---by purpose: watch, face, voice, train, "infer:sex"; none without a record
---@field consent table<string, evenhand.ProjectConsent>
---@field release_missing integer measured without a complete written release in force
---@field waiver_missing integer measured without all fields of a waiver
---@field inferred table<string, integer> predicted classes stored, by attribute

--- Candidates by their newest record of a purpose.
---@class evenhand.ProjectConsent
---@field granted integer candidates whose newest record holds
---@field withdrawn integer whose newest says no
---@field expired integer whose newest is over
---@field none integer of whom there is none that has begun

--- What is stored.
---@class evenhand.ProjectData
---@field vectors evenhand.ProjectRecords
---@field posteriors evenhand.ProjectRecords
---@field evaluations evenhand.ProjectRecords
---@field notifications evenhand.ProjectRecords
---@field recordings evenhand.ProjectRecords
---@field journal evenhand.ProjectRecords
---@field classes evenhand.ProjectRecords
---@field consents evenhand.ProjectRecords

--- Records of one kind.
---@class evenhand.ProjectRecords
---@field n integer how many are stored
---@field oldest string? day of the oldest; nil: there are none, or they carry no time

--- The newest model of an attribute.
---@class evenhand.ProjectModel
---@field attribute string that it predicts
---@field auc number? on persons unknown to it
---@field auc_lo number? lower end of its interval
---@field trained string? day
---@field stale boolean holds a withdrawn consent, or is of another version
---@field classifies boolean good enough to classify anybody

--- Notifications by what became of them.
---@class evenhand.ProjectNotices
---@field pending integer not answered
---@field oldest_pending_days integer 0 = none pending
---@field confirmed integer
---@field rejected integer
---@field actions integer answers that name an action
---@field closed integer

---@alias evenhand.VerdictName "ok"|"watch"|"notify"|"too_few"|"not_allowed"|"cannot_conclude"

---@class evenhand.Verdict
---@field verdict evenhand.VerdictName
---@field reason? string one or two plain sentences with the numbers, at most 639 bytes
---@field scope? "individual"|"systemic" with notify only
---@field rule? string a short name of the rule that spoke, at most 63 bytes; `explain` shows it

--- What a policy file returns.
---@class evenhand.Policy
---@field name string lower-case letters, digits and _, at most 95 bytes
---@field api 1 raised on every incompatible change
---@field version string at most 15 bytes; stored with every result, beside the hash of the file
---@field author? string 1 to 95 bytes
---@field attributes? string[] at most 8; left out = all
---@field limit? integer[] two integers, 0 < num <= den <= 1000; left out = {4, 5}
---@field needs? string[] the facts that check reads; left out = all
---@field reference? string "highest", "rest" (default), "majority" or a group
---@field min_group? integer persons, default 10
---@field min_total? integer persons, default 30
---@field min_share? number share of the pool below which a group is listed only, 0 to 0.5, default 0.02
---@field alpha? number default 0.05
---@field family? "bh"|"holm"|"by"|"none" default "bh"
---@field ratio? "stratified"|"plain" default "stratified"; which one facts.ratio, its interval, p and shortfall are
---@field classes? "all"|"known" default "all"; "known": predicted classes count as unknown
---default "any"; "declared": predicted classes count as unknown; "declared_only": nothing is said there
---@field provenance? "any"|"declared"|"declared_only"
---@field looks? "once"|"anytime" default "once"; "anytime": q corrects p_anytime
---@field stateless? boolean default false; true: check carries nothing from one finding to the next
---@field intersect? string[][] at most 4 pairs of attributes, such as {{"sex", "race"}}
---@field pack? evenhand.Pack dated data of a rule of law
---may this policy be used on the attribute there? It can only close
---@field gate? fun(jurisdiction: string, attribute: string): boolean
---@field check fun(facts: evenhand.Facts): evenhand.Verdict|evenhand.VerdictName asked about every finding
---asked once, after all checks: changed verdicts by place, or nil
---@field summarise? fun(findings: evenhand.Facts[]): table<integer, evenhand.Verdict|evenhand.VerdictName>?
---@field compute? fun(project: evenhand.Project?): table[] the policy's own findings, counted again by the core
---@field on_notification? fun(notice: table): table? text and roles of a notification's mail

--- The library of policies.
---@class evenhand
---@field api 1
---@field project evenhand.Project? nil where the run is not over a project
evenhand = {}

--- The pairs of a table, numbers first, then strings by bytes, then booleans; other keys raise. `pairs` is this.
---@param t table
---@return fun(): any
---@return any
function evenhand.pairs_sorted(t) end

--- Like next, in the order of pairs_sorted; `next` is this.
---@param t table
---@param key any
---@return any
---@return any
function evenhand.next_sorted(t, key) end

--- Sorts in place; equals keep their order, and less must be false for them. `table.sort` is this.
---@param list any[]
---@param less? fun(a: any, b: any): boolean
function evenhand.sort(list, less) end

--- 0.333; with more decimals where it would look like the limit and is not.
---@param ratio number?
---@param limit? evenhand.Limit|integer[]
---@return string
function evenhand.ratio_text(ratio, limit) end

--- 4/5
---@param limit evenhand.Limit|integer[]
---@return string
function evenhand.limit_text(limit) end

--- 0.253 is "25.3 %".
---@param share number?
---@return string
function evenhand.percent(share) end

--- 0.031, 0.0004, below 0.0001, undefined
---@param p number?
---@return string
function evenhand.p_text(p) end

--- 0.210 to 0.650
---@param interval evenhand.Interval
---@return string
function evenhand.interval_text(interval) end

--- count(3, "person") is "3 persons".
---@param n integer
---@param noun string
---@return string
function evenhand.count(n, noun) end

--- a, b and c
---@param items string[]
---@return string
function evenhand.list(items) end

--- How many known classes are declared and how many imported; numbers below least are not printed.
---@param facts evenhand.Facts
---@param least? integer
---@return string
function evenhand.provenance_text(facts, least) end

--- What the group is compared with, in words.
---@param facts evenhand.Facts
---@return string
function evenhand.reference_text(facts) end

--- Who decided, in words.
---@param facts evenhand.Facts
---@return string
function evenhand.subject_text(facts) end

--- Is the impact ratio below the limit? By exact integers: a ratio of exactly 4/5 is not below {4, 5}.
---@param selected integer
---@param n integer
---@param ref_selected integer
---@param ref_n integer
---@param limit evenhand.Limit|integer[]
---@return boolean?
---@return string?
function evenhand.below(selected, n, ref_selected, ref_n, limit) end

--- One evaluator's counts against those of others: the others' ratio as benchmark, and leave-one-out test.
---@param own evenhand.Judge
---@return evenhand.BenchmarkResult
function evenhand.benchmark(own) end

--- The decisions of this run counted by keys and class, sorted by them; the second result is how many are held.
---@param query evenhand.CountsQuery
---@return evenhand.CountsRow[]
---@return integer
function evenhand.counts(query) end

--- Effect sizes of one 2x2 table; negative h and phi: the group is lower.
---@param selected integer
---@param n integer
---@param ref_selected integer
---@param ref_n integer
---@return evenhand.Effects
function evenhand.effects(selected, n, ref_selected, ref_n) end

--- p-values corrected in their family; nil and false are no tests. The second result is the number of tests.
---@param p (number|false|nil)[]
---@param method evenhand.FamilyMethod
---@return (number?)[]
---@return integer
function evenhand.family(p, method) end

--- (selected/n) / (ref_selected/ref_n), from unrounded rates.
---@param selected integer
---@param n integer
---@param ref_selected integer
---@param ref_n integer
---@return number?
---@return string?
function evenhand.impact_ratio(selected, n, ref_selected, ref_n) end

--- 95 % interval of the impact ratio; without a method Miettinen and Nurminen's, as in the facts.
---@param selected integer
---@param n integer
---@param ref_selected integer
---@param ref_n integer
---@param method? evenhand.IntervalMethod
---@return evenhand.OwnInterval?
---@return string?
function evenhand.interval(selected, n, ref_selected, ref_n, method) end

--- A shipped library, read-only; the name is written out, because the policy's hash covers what it names.
---@param name evenhand.LibraryName
---@return table
function evenhand.library(name) end

--- One evaluator's decisions beside those of a second set on the same candidates of a group: paired test.
---@param query evenhand.PairedQuery
---@return evenhand.Paired
function evenhand.paired(query) end

--- Probability that the ratio of the true rates is below the limit, under independent Jeffreys priors.
---@param selected integer
---@param n integer
---@param ref_selected integer
---@param ref_n integer
---@param limit evenhand.Limit|integer[]
---@return number?
---@return string?
function evenhand.posterior(selected, n, ref_selected, ref_n, limit) end

--- Smallest ratio found with power .8; with a limit the third result says whether a ratio at it is found.
---@param design evenhand.Design
---@return number?
---@return string?
---@return boolean?
function evenhand.power(design) end

--- selected / n.
---@param selected integer
---@param n integer
---@return number?
---@return string?
function evenhand.rate(selected, n) end

--- 95 % interval of a rate; without a method Wilson's.
---@param selected integer
---@param n integer
---@param method? evenhand.RateMethod
---@return evenhand.OwnInterval?
---@return string?
function evenhand.rate_interval(selected, n, method) end

--- Rate and share of every group; the second result is the place of the highest rate (then largest n, then name).
---@param groups evenhand.GroupCount[]
---@return evenhand.GroupRate[]
---@return integer?
function evenhand.rates(groups) end

--- Several 2x2 tables taken together: Mantel-Haenszel ratio, CMH, Breslow-Day.
---@param tables evenhand.Fourfold[]
---@param limit? evenhand.Limit|integer[]
---@return evenhand.Strata
function evenhand.strata(tables, limit) end

--- p of one 2x2 table, two-sided unless the name says less or greater; z, chi2 (Yates) and g have a statistic.
---@param name evenhand.TestName
---@param selected integer
---@param n integer
---@param ref_selected integer
---@param ref_n integer
---@return number?
---@return string?
---@return number?
function evenhand.test(name, selected, n, ref_selected, ref_n) end

--- The impact ratio at the least and at the most, whatever the unknown classes are; no sampling error is in it.
---@param counts evenhand.Unseen
---@return evenhand.OwnInterval?
---@return string?
function evenhand.unseen(counts) end
