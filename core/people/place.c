/* Jurisdictions as they are written: a country, or a country and its part. */
#include <string.h>

#include "people/people.h"
#include "people/record.h"

/* ISO 3166-1 alpha-2, officially assigned (249), in order; each two letters. */
static const char countries[] =
	"ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCV"
	"CWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIM"
	"INIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMW"
	"MXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSS"
	"STSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";
/* Not assigned there, but in use: the Union's own names of Greece and itself, and what is often written for GB. */
static const char also[] = "ELEUUK";
/* ISO 3166-2:US: states, the District of Columbia, inhabited territories. */
static const char us_states[] = "ALAKAZARCACOCTDEFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTN"
				"TXUTVTVAWAWVWIWYDCASGUMPPRVI";

static bool among(const char *two, const char *list)
{
	for (const char *p = list; *p != '\0'; p += 2)
		if (memcmp(p, two, 2) == 0)
			return true;
	return false;
}

static bool upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool digit(char c) { return c >= '0' && c <= '9'; }

static bool well_formed(const char *text, size_t len)
{
	bool good =
		len >= 2 && upper(text[0]) && upper(text[1]) && (len == 2 || (text[2] == '-' && len >= 4 && len <= 6));

	for (size_t i = 3; good && i < len; i++)
		good = upper(text[i]) || digit(text[i]);
	return good;
}

bool eh_us_state(const char *two) { return strlen(two) == 2 && among(two, us_states); }

int eh_jurisdiction_check(const char *text, struct eh_err *err)
{
	size_t len = strlen(text);
	char shown[48];

	eh_text_printable(shown, 41, text, len);
	if (!well_formed(text, len))
		return eh_err_set(
			err, EH_EFORMAT,
			"'%s' is not a jurisdiction; write a country like DE, or country and state like US-IL", shown);
	if (!among(text, countries) && !among(text, also))
		return eh_err_set(err, EH_EFORMAT,
				  "'%s' is not a jurisdiction: there is no country '%.2s'; write an ISO 3166 code like "
				  "DE or US-IL",
				  shown, text);
	if (len > 2 && memcmp(text, "US", 2) == 0 && !eh_us_state(text + 3))
		return eh_err_set(err, EH_EFORMAT,
				  "'%s' is not a jurisdiction: the United States have no state '%s'; write one like "
				  "US-IL",
				  shown, text + 3);
	return EH_OK;
}
