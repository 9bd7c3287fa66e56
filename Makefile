# Evenhand: "make help" lists the targets.

PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
DESTDIR ?=
BUILD   ?= build
CC      ?= cc
AR      ?= ar
PKG_CONFIG ?= pkg-config
PYTHON  ?= python3
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1)

comma := ,
ifdef SANITIZE
BUILD := build-$(subst $(comma),-,$(SANITIZE))
SAN   := -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
endif
WARN      := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
WARN_CORE := $(WARN) -Wconversion
ifdef WERROR
WARN      += -Werror
WARN_CORE += -Werror
endif

# -ffp-contract=off: fused multiply-adds would make last digits depend on the compiler's mood
CFLAGS   ?= -O2 -g
ALL_CFLAGS = -std=c11 -ffp-contract=off -fstack-protector-strong $(SAN) $(CFLAGS)
ALL_CPPFLAGS = -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 -Icore $(CPPFLAGS)
ifdef SANITIZE
ALL_CPPFLAGS := $(filter-out -D_FORTIFY_SOURCE=2,$(ALL_CPPFLAGS))
endif

PKGS_MEDIA := libavformat libavcodec libavutil libswscale libswresample
PKGS_CORE := fftw3f jansson gsl libsodium libseccomp lmdb
PKGS_LUA  := lua5.4
PKGS_TUI  := ncursesw readline
pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
# what the media module takes from the program that loads it (core/media/module.h)
MEDIA_HOST := eh_err_set eh_try_malloc eh_try_calloc eh_try_realloc eh_rng_seed_named eh_rng_u64
MEDIA_LIBS = $(call pkg,--libs,$(PKGS_MEDIA)) -lm
CORE_LIBS = $(call pkg,--libs,$(PKGS_CORE)) -lcsv -lsvm -lXNNPACK -lpthreadpool -lm \
            $(foreach s,$(MEDIA_HOST),-Wl$(comma)-u$(comma)$(s) -Wl$(comma)--export-dynamic-symbol=$(s))
LUA_LIBS  = $(call pkg,--libs,$(PKGS_LUA))
TUI_LIBS  = $(call pkg,--libs,$(PKGS_TUI))
PKG_CFLAGS := $(call pkg,--cflags,$(PKGS_MEDIA) $(PKGS_CORE) $(PKGS_LUA) $(PKGS_TUI))

# FFmpeg's room: all of it but the loader is a module; kinds.c is in both
MEDIA_SRC := $(filter-out core/media/load.c,$(sort $(wildcard core/media/*.c)))
MEDIA_OBJ := $(MEDIA_SRC:core/%.c=$(BUILD)/module/%.o)
MEDIA_MODULE := $(BUILD)/evenhand-media.so
MEDIA_LINKS := $(foreach d,core bench reliability,$(BUILD)/tests/$(d)/$(notdir $(MEDIA_MODULE)))
MEDIA_MARK := $(shell cat core/media/*.[ch] core/base/err.h core/base/mem.h core/base/rng.h | cksum | tr ' ' -)
CORE_SRC := $(filter-out $(filter-out core/media/kinds.c,$(MEDIA_SRC)),$(sort $(wildcard core/*/*.c)))
LUA_SRC  := $(sort $(wildcard lua/*.c))
TUI_SRC  := $(sort $(wildcard tui/*.c tui/*/*.c))
CORE_OBJ := $(CORE_SRC:%.c=$(BUILD)/%.o)
LUA_OBJ  := $(LUA_SRC:%.c=$(BUILD)/%.o)
TUI_OBJ  := $(TUI_SRC:%.c=$(BUILD)/%.o)
TEST_CORE_SRC := $(sort $(wildcard tests/core/test_*.c))
TEST_LUA_SRC  := $(sort $(wildcard tests/lua/test_*.c))
TEST_TUI_SRC  := $(sort $(wildcard tests/tui/test_*.c))
TEST_BIN := $(TEST_CORE_SRC:%.c=$(BUILD)/%) $(TEST_LUA_SRC:%.c=$(BUILD)/%) $(TEST_TUI_SRC:%.c=$(BUILD)/%)

# V=1 shows the commands
ifeq ($(V),1)
SAY = @:
Q   =
else
SAY = @printf '  %s\n'
Q   = @
endif

.DEFAULT_GOAL := all
.PHONY: FORCE all help setup deps demo test check check-asan check-layers check-lua check-install lint clean install uninstall \
        bench-extract bench-fast bench-workers check-memory check-bytes check-hostile check-hostile-lua fuzz-media fuzz-lua \
        check-oracles check-mixture check-simulation check-looks \
        check-seeds check-faces check-landmarks check-transforms check-golden check-skill bench-face bench-grid bench-train bench-classify bench-desk bench-rates bench-audit bench-policy bench-import bench-reaudit check-raters bench-raters check-vowels check-praat bench-voice test-build dist stubs

all: $(BUILD)/evenhand $(MEDIA_MODULE) ## build the program

help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' Makefile | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{ printf "  %-24s %s\n", $$1, $$2 }'

# one line when a library is missing, instead of a page of compiler errors
$(BUILD)/.libraries: Makefile
	@mkdir -p $(@D)
	@missing=; for p in $(PKGS_MEDIA) $(PKGS_CORE) $(PKGS_LUA) $(PKGS_TUI); do $(PKG_CONFIG) --exists $$p 2>/dev/null || missing="$$missing $$p"; done; \
	for h in xnnpack.h pthreadpool.h libsvm/svm.h csv.h; do \
		echo "#include <$$h>" | $(CC) -E -x c - >/dev/null 2>&1 || missing="$$missing $$h"; done; \
	[ -z "$$missing" ] || { echo "missing:$$missing; run \"make setup\", or install what \"make deps\" prints" >&2; exit 3; }
	@touch $@

$(CORE_OBJ) $(MEDIA_OBJ) $(LUA_OBJ) $(TUI_OBJ): | $(BUILD)/.libraries

$(BUILD)/core/%.o: core/%.c
	@mkdir -p $(@D)
	$(SAY) "CC $<"
	$(Q)$(CC) $(ALL_CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) $(WARN_CORE) -MMD -MP -c $< -o $@

$(BUILD)/module/%.o: core/%.c
	@mkdir -p $(@D)
	$(SAY) "CC $<"
	$(Q)$(CC) $(ALL_CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -fPIC -fvisibility=hidden $(WARN_CORE) -MMD -MP -c $< -o $@

$(BUILD)/tui/cli/version.o: ALL_CPPFLAGS += -DEVENHAND_VERSION='"$(VERSION)"'
# the prefix is compiled in: another PREFIX than last time makes paths.o and load.o anew
$(BUILD)/.prefix: FORCE
	@mkdir -p $(@D)
	@echo '$(PREFIX) $(LIBDIR)' | cmp -s - $@ || echo '$(PREFIX) $(LIBDIR)' > $@
$(BUILD)/.media-mark: FORCE
	@mkdir -p $(@D)
	@echo '$(MEDIA_MARK)' | cmp -s - $@ || echo '$(MEDIA_MARK)' > $@
$(BUILD)/.version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@
$(BUILD)/core/base/paths.o $(BUILD)/core/media/load.o: $(BUILD)/.prefix
$(BUILD)/core/media/load.o $(BUILD)/module/media/module.o: $(BUILD)/.media-mark
$(BUILD)/core/media/load.o $(BUILD)/module/media/module.o: ALL_CPPFLAGS += -DEH_MEDIA_MARK='"$(MEDIA_MARK)"'
$(BUILD)/core/media/load.o: ALL_CPPFLAGS += -DEVENHAND_LIBDIR='"$(LIBDIR)"'
$(BUILD)/tui/cli/version.o: $(BUILD)/.version
$(BUILD)/core/base/paths.o: ALL_CPPFLAGS += -DEVENHAND_DATADIR='"$(PREFIX)/share/evenhand"'

$(BUILD)/tui/%.o $(BUILD)/tests/%.o: ALL_CPPFLAGS += -Itui -I.
$(BUILD)/lua/%.o: ALL_CPPFLAGS += -I.

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) "CC $<"
	$(Q)$(CC) $(ALL_CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) $(WARN) -MMD -MP -c $< -o $@

# found beside the program; the programs of the tests find the same one beside themselves
$(MEDIA_MODULE): $(MEDIA_OBJ)
	$(SAY) "LD $@"
	$(Q)$(CC) -shared $(ALL_CFLAGS) $(LDFLAGS) -Wl,-Bsymbolic -o $@ $^ $(MEDIA_LIBS)
$(MEDIA_LINKS): | $(MEDIA_MODULE)
	@mkdir -p $(@D) && ln -sf ../../$(@F) $@

$(BUILD)/libevenhand_core.a: $(CORE_OBJ) | $(MEDIA_LINKS)
	@rm -f $@
	$(SAY) "AR $@"
	$(Q)$(AR) qcs $@ $^

$(BUILD)/libevenhand_lua.a: $(LUA_OBJ)
	@rm -f $@
	$(SAY) "AR $@"
	$(Q)$(AR) qcs $@ $^

$(BUILD)/evenhand: $(TUI_OBJ) $(BUILD)/libevenhand_lua.a $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(LUA_LIBS) $(TUI_LIBS)

# Core tests link neither Lua nor curses: the linker names a layer that was broken.
$(BUILD)/tests/core/test_%: $(BUILD)/tests/core/test_%.o $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) -lcmocka

$(BUILD)/tests/bench/voice_%: $(BUILD)/tests/bench/voice_%.o $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(BUILD)/tests/bench/face_%: $(BUILD)/tests/bench/face_%.o $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) -lcmocka

$(BUILD)/tests/bench/learn_%: $(BUILD)/tests/bench/learn_%.o $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(BUILD)/tests/bench/audit_%: $(BUILD)/tests/bench/audit_%.o $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(BUILD)/tests/bench/simulation: %: %.o $(BUILD)/tests/bench/simulation_make.o $(BUILD)/libevenhand_lua.a \
                                 $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(LUA_LIBS)

$(BUILD)/tests/bench/audit_reaudit: %: %.o $(BUILD)/libevenhand_lua.a $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(LUA_LIBS)

$(BUILD)/tests/bench/policy_%: $(BUILD)/tests/bench/policy_%.o $(BUILD)/libevenhand_lua.a $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(LUA_LIBS)

$(BUILD)/tests/bench/skill_%: $(BUILD)/tests/bench/skill_%.o $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) -lcmocka

EXTRACT_BARS := $(addprefix $(BUILD)/tests/,bench/extract bench/extract_fast bench/extract_workers reliability/media_memory \
                reliability/media_hostile reliability/extract_bytes)
$(EXTRACT_BARS): %: %.o $(BUILD)/tests/bench/extract_bench.o $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(MEDIA_LIBS) -lcmocka

$(BUILD)/tests/lua/test_%: $(BUILD)/tests/lua/test_%.o $(BUILD)/libevenhand_lua.a $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(LUA_LIBS) -lcmocka

TUI_PARTS_OBJ := $(filter-out $(BUILD)/tui/main.o,$(TUI_OBJ))
$(BUILD)/tests/tui/test_%: $(BUILD)/tests/tui/test_%.o $(TUI_PARTS_OBJ) $(BUILD)/libevenhand_lua.a $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(LUA_LIBS) $(TUI_LIBS) -lcmocka

# by name: with everything secondary a missing module or link would not be made again
.SECONDARY: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/*/*.c))
test-build: $(BUILD)/evenhand $(TEST_BIN)

deps: ## print the apt line of all Debian packages
	@.ci/setup --print

setup: ## install what is missing: Debian packages, face models, portraits
	@.ci/setup

demo: setup ## set up, build, make the synthetic project, audit it, open it
	@$(MAKE) --no-print-directory all
	@.ci/demo $(BUILD)/evenhand

test: setup ## set up, then the whole test-suite
	@$(MAKE) --no-print-directory test-build
	@$(MAKE) --no-print-directory check

check: test-build ## the test-suite alone (nothing is installed)
	@tests/run $(BUILD)

check-asan: ## core, Lua and command tests under address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory SANITIZE=address,undefined BUILD=build-address-undefined test-build
	@EVENHAND_TESTS="core lua cli" tests/run build-address-undefined

check-layers: ## who may include whom
	@.ci/check-layers

check-install: all ## staged install, run from there, uninstall leaves nothing
	@.ci/check-install $(BUILD)

check-vowels: $(BUILD)/tests/bench/voice_vowels ## bars: pitch, formants, jitter of 96 vowels of known truth
	@$<

check-praat: $(BUILD)/tests/bench/voice_praat ## bars: pitch on real speech against Praat
	@tests/bench/voice_praat $<

bench-voice: $(BUILD)/tests/bench/voice_speed ## bar: sound to indicators at 300 x real time, decoding included
	@tests/bench/voice_speed $<

bench-extract: $(BUILD)/tests/bench/extract ## bar: whole extraction at 1.45 (640x480) and 1.20 (1280x720) of decoding alone
	@$<

bench-fast: $(BUILD)/tests/bench/extract_fast ## bar: extract --fast at 0.75 of decoding alone, indicators within tolerance
	@$<

bench-workers: $(BUILD)/tests/bench/extract_workers ## bar: two workers do 1.8 times the work of one (idle machine)
	@$<

check-memory: $(BUILD)/tests/reliability/media_memory ## bar: a worker's memory over an hour of video (minutes)
	@$<

check-bytes: $(BUILD)/tests/reliability/extract_bytes ## bar: same bytes with one worker, two, and in another order
	@$<

check-hostile: $(BUILD)/tests/reliability/media_hostile ## bar: hostile files and 500 mutants end well
	@$<

check-hostile-lua: $(BUILD)/tests/lua/test_hostile_policies ## bar: hostile policies end as their WANT line says, in 2.5 s, without a trace; the worker's locks
	@EVENHAND_DATA="$(CURDIR)" $< table

$(BUILD)/tests/reliability/lua_fuzz: $(BUILD)/tests/reliability/lua_fuzz.o $(BUILD)/libevenhand_lua.a $(BUILD)/libevenhand_core.a
	$(SAY) "LD $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(LUA_LIBS)

SECONDS ?= 60
fuzz-lua: $(BUILD)/tests/reliability/lua_fuzz ## random policy texts, formats and blocks for SECONDS=60, from SEED= on
	@EVENHAND_DATA="$(CURDIR)" $< $(SECONDS) $(or $(SEED),1) scripts tests/lua/hostile tests/lua/hostile/whole tests/lua

fuzz-media: $(BUILD)/tests/reliability/media_hostile ## new damaged recordings for SECONDS=60, from SEED= on
	@$< FUZZ $(SECONDS) $(SEED)

# Debian's own Python: another one in front of it in PATH has not these packages
check-mixture: $(BUILD)/tests/bench/audit_mixture ## estimates of predicted classes against scipy and statsmodels (minutes)
	@/usr/bin/python3 tests/bench/audit_mixture.py $<

check-oracles: $(BUILD)/tests/bench/audit_oracle ## every audit statistic against R, scipy, statsmodels (minutes)
	@tests/bench/audit_oracles $<

check-looks: $(BUILD)/tests/bench/audit_looks ## false alarms and finds when growing data are audited twenty times
	@$<

check-simulation: $(BUILD)/tests/bench/simulation ## bars: bias, coverage, false alarms and finds on tables of known truth (minutes)
	@$<

check-seeds: all ## bar: the default seed and 20 more, found and clean
	@tests/bench/seeds $(BUILD)/evenhand

check-faces: $(BUILD)/tests/bench/face_faces ## bar: one face on each of 140 photographs
	@$<

check-landmarks: $(BUILD)/tests/bench/face_landmarks ## bar: landmarks against hand-placed points
	@$<

check-transforms: $(BUILD)/tests/bench/face_transforms ## bar: the same face under 45 known transforms (minutes)
	@$<

check-golden: $(BUILD)/tests/bench/face_golden ## bar: golden values of the three nets
	@$<

bench-face: $(BUILD)/tests/bench/face_speed ## CPU time of the face room on one picture
	@$<

bench-grid: $(BUILD)/tests/bench/learn_grid ## bar: parameter search 15 times as fast as plain svm_train calls (minutes)
	@$<

bench-train: $(BUILD)/tests/bench/learn_train ## bar: training of 10,000 rows in 4 minutes and 2 GB (minutes)
	@$<

bench-classify: $(BUILD)/tests/bench/learn_classify ## bar: 20,000 candidates a second
	@$<

bench-desk: all $(BUILD)/tests/bench/learn_desk $(BUILD)/tests/bench/learn_project ## bars: train, classify, show on a project of 100,000 (3 GB in /tmp, many minutes)
	@$(BUILD)/tests/bench/learn_desk $(BUILD)/evenhand

bench-rates: $(BUILD)/evenhand $(BUILD)/tests/bench/audit_table $(BUILD)/tests/bench/audit_time ## bars: rates on 1e6 and 1e7 rows, time, memory, two processors (minutes)
	@tests/bench/rates_bench.sh $^

bench-policy: $(BUILD)/tests/bench/policy_bench $(BUILD)/tests/bench/audit_table ## bar: a policy over 1,000 evaluators x 6 groups in 30 ms
	@$(BUILD)/tests/bench/audit_table 1000000 | EVENHAND_DATA="$(CURDIR)" $< scripts/evaluator_screen.lua \
		scripts/four_fifths.lua tests/lua/policy_summarise.lua

bench-audit: $(BUILD)/tests/bench/audit_engine ## CPU time and memory of the audit engine alone
	@$<

bench-import: $(BUILD)/evenhand $(BUILD)/tests/bench/audit_table $(BUILD)/tests/bench/audit_time ## bar: 1e6 evaluations into a project, on disk and counted, in 5 s
	@tests/bench/import_bench.sh $^

bench-reaudit: $(BUILD)/evenhand $(BUILD)/tests/bench/audit_table $(BUILD)/tests/bench/audit_time $(BUILD)/tests/bench/audit_reaudit ## bars: one more of 1e7 stored evaluations, or another limit, audited in 10 ms, with the policy 50 (3 GB in TMPDIR, 4 GB of memory, minutes)
	@tests/bench/reaudit_bench.sh $^

check-raters: $(BUILD)/tests/bench/audit_raters ## bar: severities of glmer(nAGQ = 0), R with lme4 must be there
	@tests/bench/raters_bench.sh check $<

bench-raters: $(BUILD)/tests/bench/audit_raters ## bar: severity of 1e5 decisions x 1,000 evaluators in 2 s, beside glmer
	@tests/bench/raters_bench.sh bench $<

check-skill: $(BUILD)/tests/bench/skill_voice $(BUILD)/tests/bench/skill_face ## bars: sex from real voices and faces (minutes)
	@tests/bench/skill $^

stubs: all ## write what is made from the table of names: types and settings for editors, luacheck's settings
	$(BUILD)/evenhand manual stub > $(BUILD)/stub && cp $(BUILD)/stub scripts/meta/evenhand.lua
	$(BUILD)/evenhand manual luarc > $(BUILD)/stub && cp $(BUILD)/stub .luarc.json
	$(BUILD)/evenhand manual luacheckrc > $(BUILD)/stub && cp $(BUILD)/stub .luacheckrc

check-lua: $(BUILD)/evenhand ## luacheck, and every Lua spec: of the shipped policies in the sandbox, the others under busted
	@luacheck --quiet scripts tests/lua examples
	@EVENHAND="$(CURDIR)/$(BUILD)/evenhand" LC_ALL=C.UTF-8 TZ=UTC0 prove --merge --exec tests/lib/exec \
		$(wildcard tests/lua/*_spec.lua) tests/cli/policies_shipped.t tests/cli/policy_library.t tests/cli/policy_test.t

lint: ## cppcheck, luacheck, shell syntax, layers
	@.ci/lint

install: all ## install below PREFIX (DESTDIR is honoured)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/evenhand/policies \
	        $(DESTDIR)$(PREFIX)/share/evenhand/meta $(DESTDIR)$(PREFIX)/share/evenhand/models \
	        $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 \
	        $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/doc/evenhand
	install -m 755 $(BUILD)/evenhand $(DESTDIR)$(PREFIX)/bin/evenhand
	install -d $(DESTDIR)$(LIBDIR)/evenhand
	install -m 644 $(MEDIA_MODULE) $(DESTDIR)$(LIBDIR)/evenhand/
	install -m 644 scripts/*.lua $(DESTDIR)$(PREFIX)/share/evenhand/policies/
	install -d $(DESTDIR)$(PREFIX)/share/evenhand/policies/author
	install -m 644 scripts/author/*.lua $(DESTDIR)$(PREFIX)/share/evenhand/policies/author/
	install -d $(DESTDIR)$(PREFIX)/share/evenhand/policies/library
	install -m 644 scripts/library/*.lua $(DESTDIR)$(PREFIX)/share/evenhand/policies/library/
	install -m 644 scripts/meta/*.lua $(DESTDIR)$(PREFIX)/share/evenhand/meta/
	for f in assets/models/*; do [ ! -f "$$f" ] || install -m 644 "$$f" $(DESTDIR)$(PREFIX)/share/evenhand/models/; done
	$(BUILD)/evenhand manual > $(DESTDIR)$(PREFIX)/share/man/man1/evenhand.1
	$(BUILD)/evenhand manual indicators > $(DESTDIR)$(PREFIX)/share/man/man7/evenhand-indicators.7
	$(BUILD)/evenhand manual lua > $(DESTDIR)$(PREFIX)/share/man/man7/evenhand-lua.7
	install -m 644 man/evenhand-policy.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 man/evenhand-policies.7 $(DESTDIR)$(PREFIX)/share/man/man7/
	$(BUILD)/evenhand completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/evenhand
	install -m 644 README.md LICENSE $(DESTDIR)$(PREFIX)/share/doc/evenhand/

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/evenhand $(DESTDIR)$(PREFIX)/share/man/man1/evenhand.1 \
	      $(DESTDIR)$(PREFIX)/share/man/man5/evenhand-policy.5 \
	      $(DESTDIR)$(PREFIX)/share/man/man7/evenhand-indicators.7 \
	      $(DESTDIR)$(PREFIX)/share/man/man7/evenhand-policies.7 \
	      $(DESTDIR)$(PREFIX)/share/man/man7/evenhand-lua.7 \
	      $(DESTDIR)$(PREFIX)/share/bash-completion/completions/evenhand
	rm -rf $(DESTDIR)$(PREFIX)/share/evenhand $(DESTDIR)$(PREFIX)/share/doc/evenhand
	rm -f $(DESTDIR)$(LIBDIR)/evenhand/$(notdir $(MEDIA_MODULE))
	@for d in $(LIBDIR)/evenhand $(LIBDIR); do rmdir "$$(realpath -m "$(DESTDIR)$$d")" 2>/dev/null || :; done
	@for d in share/man/man1 share/man/man5 share/man/man7 share/man share/bash-completion/completions \
	        share/bash-completion share/doc share bin .; do \
		rmdir "$$(realpath -m "$(DESTDIR)$(PREFIX)/$$d")" 2>/dev/null || :; done

clean: ## remove what was built (assets stay)
	rm -rf build build-*

-include $(CORE_OBJ:.o=.d) $(MEDIA_OBJ:.o=.d) $(LUA_OBJ:.o=.d) $(TUI_OBJ:.o=.d) $(wildcard $(BUILD)/tests/*/*.d)
