/* Rotation fit and head pose; see pose.h. */
#include "face/pose.h"

#include <math.h>
#include <string.h>

#define SWEEPS 50                       /* Jacobi converges quadratically: five to eight sweeps are the rule */

/* One Jacobi rotation that makes a[p][q] zero; v collects the eigenvectors in its columns. */
static void rotate(double a[4][4], double v[4][4], int p, int q)
{
	double theta = 0.0, t = 0.0, c = 0.0, s = 0.0;

	if (a[p][q] == 0.0)
		return;
	theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
	t = (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
	c = 1.0 / sqrt(t * t + 1.0);
	s = t * c;
	for (int k = 0; k < 4; k++) {
		double kp = a[k][p], kq = a[k][q];

		a[k][p] = c * kp - s * kq;
		a[k][q] = s * kp + c * kq;
	}
	for (int k = 0; k < 4; k++) {
		double pk = a[p][k], qk = a[q][k], vp = v[k][p], vq = v[k][q];

		a[p][k] = c * pk - s * qk;
		a[q][k] = s * pk + c * qk;
		v[k][p] = c * vp - s * vq;
		v[k][q] = s * vp + c * vq;
	}
}

/* Eigenvector of the largest eigenvalue of a symmetric matrix, which is destroyed. */
static void largest_eigenvector(double out[4], double a[4][4])
{
	double v[4][4] = { { 1, 0, 0, 0 }, { 0, 1, 0, 0 }, { 0, 0, 1, 0 }, { 0, 0, 0, 1 } };
	int best = 0;

	for (int sweep = 0; sweep < SWEEPS; sweep++) {
		double off = 0.0, on = 0.0;

		for (int p = 0; p < 4; p++) {
			on += a[p][p] * a[p][p];
			for (int q = p + 1; q < 4; q++)
				off += a[p][q] * a[p][q];
		}
		if (off <= 1e-30 * on)
			break;
		for (int p = 0; p < 3; p++)
			for (int q = p + 1; q < 4; q++)
				rotate(a, v, p, q);
	}
	for (int k = 1; k < 4; k++)
		if (a[k][k] > a[best][best])
			best = k;
	for (int k = 0; k < 4; k++)
		out[k] = v[k][best];
}

static void quaternion_to_matrix(double r[9], const double q[4])
{
	double w = q[0], x = q[1], y = q[2], z = q[3];

	r[0] = w * w + x * x - y * y - z * z;
	r[1] = 2.0 * (x * y - w * z);
	r[2] = 2.0 * (x * z + w * y);
	r[3] = 2.0 * (x * y + w * z);
	r[4] = w * w - x * x + y * y - z * z;
	r[5] = 2.0 * (y * z - w * x);
	r[6] = 2.0 * (x * z - w * y);
	r[7] = 2.0 * (y * z + w * x);
	r[8] = w * w - x * x - y * y + z * z;
}

static void weighted_mean(double mean[3], const double (*p)[3], const double *weight, size_t n)
{
	double sum = 0.0;

	memset(mean, 0, 3 * sizeof *mean);
	for (size_t i = 0; i < n; i++) {
		double w = weight != NULL ? weight[i] : 1.0;

		sum += w;
		for (int k = 0; k < 3; k++)
			mean[k] += w * p[i][k];
	}
	for (int k = 0; k < 3; k++)
		mean[k] /= sum;
}

bool eh_fit_rotation(double r[9], const double (*from)[3], const double (*to)[3], const double *weight, size_t n)
{
	double a[3], b[3], s[3][3] = { { 0.0 } }, q[4] = { 0.0 }, extent_a = 0.0, extent_b = 0.0;

	weighted_mean(a, from, weight, n);
	weighted_mean(b, to, weight, n);
	for (size_t i = 0; i < n; i++) {
		double w = weight != NULL ? weight[i] : 1.0;

		for (int j = 0; j < 3; j++) {
			double da = from[i][j] - a[j], db = to[i][j] - b[j];

			extent_a += w * da * da;
			extent_b += w * db * db;
			for (int k = 0; k < 3; k++)
				s[j][k] += w * da * (to[i][k] - b[k]);
		}
	}
	/* written so that NaN fails too */
	if (!(extent_a > 0.0) || !(extent_b > 0.0) || !isfinite(extent_a) || !isfinite(extent_b))
		return false;
	largest_eigenvector(q, (double[4][4]){
		{ s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0] },
		{ s[1][2] - s[2][1], s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2] },
		{ s[2][0] - s[0][2], s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1] },
		{ s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1] } });
	quaternion_to_matrix(r, q);
	return true;
}

void eh_pose_of_rotation(struct eh_pose *out, const double r[9])
{
	/* r = Rz(-roll) Ry(yaw) Rx(-pitch): y points up, so that right-handed turns about x and z look reversed */
	out->yaw = atan2(-r[6], hypot(r[7], r[8])) * EH_DEGREE;
	out->pitch = -atan2(r[7], r[8]) * EH_DEGREE;
	out->roll = -atan2(r[3], r[0]) * EH_DEGREE;
}

bool eh_pose_of_landmarks(struct eh_pose *out, const struct eh_canon *canon, const float *xyz)
{
	double from[EH_CANON_WEIGHTS][3], to[EH_CANON_WEIGHTS][3], r[9] = { 0.0 };

	for (size_t i = 0; i < EH_CANON_WEIGHTS; i++) {
		const float *p = xyz + 3 * (size_t)canon->id[i];

		memcpy(from[i], canon->vertex[canon->id[i]], sizeof from[i]);
		/* the picture has y down and z away: both are turned round */
		to[i][0] = (double)p[0];
		to[i][1] = -(double)p[1];
		to[i][2] = -(double)p[2];
	}
	if (!eh_fit_rotation(r, from, to, canon->weight, EH_CANON_WEIGHTS))
		return false;
	eh_pose_of_rotation(out, r);
	memcpy(out->r, r, sizeof out->r);
	return true;
}
