/* Bar: the three nets give their golden values within the tolerance stated for other machines. */
#include "tests/core/face_golden.h"

/* Golden values of one net and input that are off; the largest share of the tolerance that is used up. */
static int look(const float *const output[EH_NET_OUTPUTS], enum eh_model which, bool zero, double *most)
{
	int bad = 0;

	for (size_t i = 0; i < N_GOLDEN; i++) {
		const struct golden *g = &golden[i];
		double used = 0.0;

		if (g->model != which || g->zero != zero)
			continue;
		used = fabs((double)output[g->output][g->at] - g->value) / golden_tolerance(g->value);
		*most = fmax(*most, used);
		bad += used <= 1.0 ? 0 : 1;
	}
	return bad;
}

int main(void)
{
	static const struct { enum eh_model model; const char *name; } nets[] = {
		{ EH_MODEL_SHORT, "short range" }, { EH_MODEL_FULL, "full range" }, { EH_MODEL_MESH, "face mesh" },
	};
	int bad = 0;

	for (size_t k = 0; k < sizeof nets / sizeof nets[0]; k++) {
		struct eh_net_io io;
		struct eh_net *net = open_net(&io, nets[k].model);
		double most = 0.0;

		for (int zero = 0; zero < 2; zero++) {
			golden_input(io.input, nets[k].model, zero == 1);
			bad += eh_net_run(net, NULL) == EH_OK ? look(io.output, nets[k].model, zero == 1, &most) : 1;
		}
		printf("golden: %-12s worst value uses %.3f of the tolerance\n", nets[k].name, most);
		eh_net_close(&net);
	}
	printf("golden: %zu values on %s, %d outside |a - b| <= 1e-3 + 1e-5 |b|\n", N_GOLDEN, eh_net_cpu(), bad);
	return bad == 0 ? 0 : 1;
}
