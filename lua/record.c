/* Range checks of what a policy worker says: a policy that broke out of Lua would write these bytes itself. */
#include "lua/record.h"

#include <math.h>
#include <string.h>

#include "audit/family.h"
#include "base/text.h"
#include "lua/engine.h"
#include "policy/pack.h"

/* NUL-terminated text that the record's own reader would have left as it is. */
static bool plain_text(const char *s, size_t size)
{
	return strnlen(s, size) < size && eh_text_clean(s, false);
}

/* A bool that came out of a pipe: reading any other byte as one is undefined. */
static bool plain_bool(const bool *b)
{
	unsigned char byte = 0;

	memcpy(&byte, b, 1);
	return byte <= 1;
}

static bool valid_family(const char *name, size_t size)
{
	enum eh_family_method method = EH_FAMILY_NONE;
	struct eh_err ignored = EH_ERR_INIT;

	return plain_text(name, size) && eh_family_parse(&method, name, &ignored) == EH_OK;
}

static bool valid_settings(const struct eh_audit_settings *s)
{
	return s->limit_num > 0 && s->limit_num <= s->limit_den && s->limit_den <= EH_LUA_LIMIT_MAX &&
	       (int)s->reference >= EH_REF_HIGHEST && (int)s->reference <= EH_REF_MAJORITY &&
	       plain_text(s->fixed_reference, sizeof s->fixed_reference) &&
	       s->seed == ((struct eh_audit_settings)EH_AUDIT_SETTINGS_INIT).seed &&
	       (s->reference != EH_REF_FIXED || eh_group_valid(s->fixed_reference, strlen(s->fixed_reference))) &&
	       s->min_group >= 1 && s->min_group <= EH_LUA_PERSONS_MAX && s->min_total >= 1 &&
	       s->min_total <= EH_LUA_PERSONS_MAX && s->min_share <= 5000 && plain_bool(&s->known_only) &&
	       plain_bool(&s->plain_ratio) && plain_bool(&s->boschloo) && plain_bool(&s->anytime) && s->look == 0 &&
	       plain_bool(&s->median_known) && valid_family(s->family, sizeof s->family) &&
	       isfinite(s->alpha) && s->alpha > 0.0 && s->alpha < 1.0 && s->threads == 0;
}

static bool valid_attributes(const struct eh_policy_info *info)
{
	if (info->n_attributes > EH_POLICY_ATTRIBUTES_MAX)
		return false;
	for (size_t i = 0; i < info->n_attributes; i++)
		if (!plain_text(info->attributes[i], sizeof info->attributes[i]) ||
		    !eh_attribute_valid(info->attributes[i], strlen(info->attributes[i])))
			return false;
	return true;
}

static bool valid_intersect(const struct eh_policy_info *info)
{
	if (info->n_intersect > EH_POLICY_INTERSECT_MAX)
		return false;
	for (size_t i = 0; i < 2 * info->n_intersect; i++) {
		const char *name = info->intersect[i / 2][i % 2];

		if (!plain_text(name, sizeof info->intersect[0][0]) || !eh_attribute_valid(name, strlen(name)))
			return false;
	}
	return true;
}

static bool valid_pack(const struct eh_pack *p)
{
	return plain_text(p->name, sizeof p->name) && plain_text(p->source, sizeof p->source) &&
	       plain_text(p->from, sizeof p->from) && plain_text(p->to, sizeof p->to) &&
	       plain_text(p->note, sizeof p->note) && eh_pack_wrong(p) == NULL;
}

bool eh_lua_info_valid(const struct eh_policy_info *info)
{
	return plain_text(info->name, sizeof info->name) && eh_attribute_valid(info->name, strlen(info->name)) &&
	       plain_text(info->version, sizeof info->version) &&
	       eh_id_valid(info->version, strlen(info->version)) && plain_text(info->needs, sizeof info->needs) &&
	       plain_bool(&info->has_gate) && plain_bool(&info->has_summarise) && plain_bool(&info->has_compute) &&
	       plain_bool(&info->has_hook) && plain_bool(&info->stateless) && plain_bool(&info->declared_only) &&
	       plain_bool(&info->wants_project) && plain_bool(&info->wants_places) &&
	       plain_bool(&info->wants_period) && valid_attributes(info) &&
	       valid_intersect(info) &&
	       plain_text(info->author, sizeof info->author) &&
	       valid_pack(&info->pack) && valid_settings(&info->settings);
}

bool eh_lua_head_valid(const struct eh_lua_head *h)
{
	/* the last step of the hook, or the last function in C, may go beyond the budget */
	return h->outcome >= EH_LUA_SILENT && h->outcome <= EH_LUA_OUT_OF_BUDGET &&
	       (h->gate_open == 0 || h->gate_open == 1) && h->memory <= EH_LUA_MEMORY &&
	       h->instructions <= 2u * (uint64_t)EH_LUA_INSTRUCTIONS + 1000u;
}

bool eh_lua_verdict_valid(const struct eh_verdict *v)
{
	return v->kind >= EH_OK_VERDICT && v->kind < EH_VERDICT_COUNT && v->scope >= EH_SCOPE_NONE &&
	       v->scope <= EH_SCOPE_SYSTEMIC && (v->kind == EH_NOTIFY) == (v->scope != EH_SCOPE_NONE) &&
	       plain_text(v->reason, sizeof v->reason) && plain_text(v->rule, sizeof v->rule);
}

bool eh_lua_role_valid(const char *s, size_t len)
{
	return len >= 1 && len <= 32 && strnlen(s, len) == len && strspn(s, "abcdefghijklmnopqrstuvwxyz_") >= len;
}

bool eh_lua_answer_valid(const struct eh_hook_answer *a)
{
	if ((a->silent != 0 && a->silent != 1) || !plain_text(a->text, sizeof a->text) ||
	    a->n_roles > EH_HOOK_ROLES_MAX || (a->silent == 1) != (a->text[0] == '\0') ||
	    !plain_text(a->trouble, sizeof a->trouble) || (a->trouble[0] != '\0' && a->silent != 1))
		return false;
	for (uint32_t i = 0; i < a->n_roles; i++)
		if (!plain_text(a->roles[i], sizeof a->roles[i]) ||
		    !eh_lua_role_valid(a->roles[i], strlen(a->roles[i])))
			return false;
	return true;
}
