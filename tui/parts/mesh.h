/*
 * mesh.h - the averaged mesh of a face as outlines on a canvas: no picture of the person.
 */
#ifndef EH_TUI_PARTS_MESH_H
#define EH_TUI_PARTS_MESH_H

#include "desk/desk.h"
#include "parts/canvas.h"

/* Oval, brows, eyes, nose and lips seen from the front, as large as fits, true in its proportions for cells of
 * 1 : 2.  mesh: [EH_LANDMARKS][3], x to the image right, y up, any unit (face.h). */
void mesh_outline(struct canvas *c, float mesh[EH_LANDMARKS][3]);

#endif
