/* evenhand.library: runs the text that came behind the policy's, once (policy/library.h). */
#include "policy/library.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/names.h"
#include "lua/primitives.h"
#include "lua/sandbox.h"

#define LOADED "evenhand.libraries"     /* in the registry: tables by name */

static const struct eh_library *carried(struct eh_library *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].name, name) == 0)
			return &v[i];
	return NULL;
}

/* A name that is no shipped library's, or one that the text names in no place that can be read without running it. */
static int refuse(lua_State *L, const char *name)
{
	char near[160] = "";

	if (eh_script_library_known(name, NULL))
		return luaL_error(L, "library \"%s\" is not carried: write its name out, evenhand.library(\"%s\")",
				  name, name);
	eh_script_library_near(near, sizeof near, name, NULL);
	return luaL_error(L, "there is no library \"%s\"%s; the program has its own only (evenhand-lua(7))", name,
			  near);
}

/* Is the caller a library itself? */
static bool from_library(lua_State *L)
{
	lua_Debug ar;

	memset(&ar, 0, sizeof ar);
	return lua_getstack(L, 1, &ar) != 0 && lua_getinfo(L, "S", &ar) != 0 &&
	       strncmp(ar.source, "@library/", 9) == 0;
}

int eh_primitive_library(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	struct eh_library v[EH_LIBRARIES_MAX];
	const struct eh_library *l = NULL;
	const char *text = NULL;
	char file[EH_LIBRARY_NAME_MAX + 16];
	size_t len = 0;

	lua_settop(L, 1);
	if (from_library(L))
		return luaL_error(L, "a library asks for no other library");
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LOADED); // name loaded
	if (lua_getfield(L, 2, name) != LUA_TNIL)       // name loaded library
		return 1;
	text = eh_sandbox_libraries(L, &len);
	l = text != NULL ? carried(v, eh_library_list(text, len, v, EH_LIBRARIES_MAX), name) : NULL;
	if (l == NULL)
		return refuse(L, name);
	(void)snprintf(file, sizeof file, "library/%.*s.lua", EH_LIBRARY_NAME_MAX, l->name);
	eh_sandbox_compile(L, file, l->text, l->len);   // name loaded nil chunk
	lua_call(L, 0, 1);                              // name loaded nil library
	if (!lua_istable(L, -1))
		return luaL_error(L, "library \"%s\" returns no table", name);
	eh_sandbox_lock(L);                             // name loaded nil proxy
	lua_pushvalue(L, -1);                           // name loaded nil proxy proxy
	lua_setfield(L, 2, name);                       // name loaded nil proxy
	return 1;
}
