#include "learn/learn.h"
#include "base/mem.h"
char*eh_model_card(const struct eh_model*m){(void)m;return eh_xstrdup("card\n");}
