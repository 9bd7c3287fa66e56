/* Pose taken out of the landmarks; see straight.h. */
#include "face/straight.h"

#include <math.h>
#include <stdint.h>

#include "face/ratios.h"

enum { OUTER_LEFT = 33, OUTER_RIGHT = 263 };

bool eh_straight(double (*out)[3], const float *xyz, const double r[9])
{
	const float *a = xyz + 3 * OUTER_LEFT, *b = xyz + 3 * OUTER_RIGHT;
	double middle[3], squares = 0.0, scale = 0.0, most = 0.0;

	for (int k = 0; k < 3; k++) {
		double d = (double)b[k] - (double)a[k];

		middle[k] = 0.5 * ((double)a[k] + (double)b[k]);
		squares += d * d;
	}
	if (!(squares > 0.0) || !isfinite(squares))
		return false;
	scale = 1.0 / sqrt(squares);
	for (int i = 0; i < EH_LANDMARKS; i++, xyz += 3) {
		double x = ((double)xyz[0] - middle[0]) * scale, y = -((double)xyz[1] - middle[1]) * scale;
		double z = -((double)xyz[2] - middle[2]) * scale;

		for (int k = 0; k < 3; k++) {
			out[i][k] = r[k] * x + r[3 + k] * y + r[6 + k] * z;     /* the inverse is the transpose */
			most = fmax(most, fabs(out[i][k]));
		}
	}
	return most <= EH_MESH_REACH;
}

/* How much higher the middle of a and b stands than the middle of c and d. */
static double height(const double (*face)[3], int a, int b, int c, int d)
{
	return 0.5 * (face[a][1] + face[b][1] - face[c][1] - face[d][1]);
}

void eh_straight_movements(const double (*face)[3], double *out, uint8_t *present)
{
	eh_face_put(out, present, EH_F_LIP_CORNER, height(face, 61, 291, 13, 14));
	eh_face_put(out, present, EH_F_BROW_INNER, height(face, 107, 336, 133, 362));
	eh_face_put(out, present, EH_F_BROW_OUTER, height(face, 70, 300, 33, 263));
	eh_face_put(out, present, EH_F_BROW_LOWERING, height(face, 55, 285, 168, 168));
	eh_face_put(out, present, EH_F_NOSE_WRINKLE, height(face, 133, 362, 129, 358));
}
