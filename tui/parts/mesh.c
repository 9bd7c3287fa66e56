/* Outlines of the averaged face mesh; see mesh.h. */
#include "parts/mesh.h"

#include <math.h>
#include <stddef.h>

/* Rings and lines of landmark numbers of the 468-point mesh.  Each list ends with END; a ring repeats its first. */
#define END UINT16_MAX

static const uint16_t oval[] = { 10,  338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397,
				 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58,
				 132, 93,  234, 127, 162, 21,  54,  103, 67,  109, 10,	END };
static const uint16_t eye_left[] = { 33,  7,   163, 144, 145, 153, 154, 155, 133,
				     173, 157, 158, 159, 160, 161, 246, 33,  END };
static const uint16_t eye_right[] = { 263, 249, 390, 373, 374, 380, 381, 382, 362,
				      398, 384, 385, 386, 387, 388, 466, 263, END };
static const uint16_t brow_left[] = { 70, 63, 105, 66, 107, 55, 65, 52, 53, 46, 70, END };
static const uint16_t brow_right[] = { 300, 293, 334, 296, 336, 285, 295, 282, 283, 276, 300, END };
static const uint16_t nose_bridge[] = { 168, 6, 197, 195, 5, 4, 1, END };
static const uint16_t nose_base[] = { 129, 98, 97, 2, 326, 327, 358, END };
static const uint16_t lips_outer[] = { 61,  146, 91,  181, 84, 17, 314, 405, 321, 375, 291,
				       409, 270, 269, 267, 0,  37, 39,	40,  185, 61,  END };
static const uint16_t lips_inner[] = { 78,  95,	 88,  178, 87, 14, 317, 402, 318, 324, 308,
				       415, 310, 311, 312, 13, 82, 81,	80,  191, 78,  END };

static const uint16_t *const outlines[] = {
	oval, eye_left, eye_right, brow_left, brow_right, nose_bridge, nose_base, lips_outer, lips_inner,
};

struct fit {
	double x0, y0;                  /* of the mesh, at the canvas's corner */
	/* [dots] per unit; dots are square: a cell is 2 x 4 of them and twice as high as wide */
	double scale;
};

static double coordinate(const float point[3], int k)
{
	return k == 0 ? (double)point[0] : -(double)point[1];   /* the mesh's y goes up, the screen's down */
}

static struct fit fit_of(const struct canvas *c, float mesh[EH_LANDMARKS][3])
{
	double low[2] = { INFINITY, INFINITY }, high[2] = { -INFINITY, -INFINITY };
	double w = c->cols * CANVAS_CELL_W - 1, h = c->rows * CANVAS_CELL_H - 1;
	struct fit f;

	for (size_t i = 0; i < EH_LANDMARKS; i++) {
		for (int k = 0; k < 2; k++) {
			low[k] = fmin(low[k], coordinate(mesh[i], k));
			high[k] = fmax(high[k], coordinate(mesh[i], k));
		}
	}
	f.scale = fmin(w / fmax(high[0] - low[0], 1e-6), h / fmax(high[1] - low[1], 1e-6));
	f.x0 = low[0] - (w / f.scale - (high[0] - low[0])) / 2.0;
	f.y0 = low[1] - (h / f.scale - (high[1] - low[1])) / 2.0;
	return f;
}

static int dot(const struct fit *f, const float point[3], int k)
{
	return (int)lround((coordinate(point, k) - (k == 0 ? f->x0 : f->y0)) * f->scale);
}

void mesh_outline(struct canvas *c, float mesh[EH_LANDMARKS][3])
{
	struct fit f = fit_of(c, mesh);

	for (size_t k = 0; k < sizeof outlines / sizeof outlines[0]; k++)
		for (const uint16_t *p = outlines[k]; p[1] != END; p++)
			canvas_line(c, dot(&f, mesh[p[0]], 0), dot(&f, mesh[p[0]], 1), dot(&f, mesh[p[1]], 0),
				    dot(&f, mesh[p[1]], 1));
}
