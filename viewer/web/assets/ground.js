// The floor: a metre grid, the camera's field of view with its distance arcs, and the shadow of everyone.

const FADE = 11;                                // m from the middle of the action to where the grid is nearly gone
const RANGES = [2, 4, 6, 8, 10, 15, 20];        // m
const RING = 0.34;                              // m, radius of the coloured ring under a person
const LEVELS = 8;                               // of opacity: lines of one level are painted in one go

// Add a line on the floor to a path, cut where it passes behind the eye.
function floorLine(path, view, from, to) {
  let [a, b] = [[...from, 0], [...to, 0]];
  const [da, db] = [view.depth(a), view.depth(b)];
  const least = 0.15;
  if (da < least && db < least) return;
  if (da < least) a = add(a, add(b, a, -1), (least - da) / (db - da));
  if (db < least) b = add(b, add(a, b, -1), (least - db) / (da - db));
  const [ax, ay] = view.project(a), [bx, by] = view.project(b);
  path.moveTo(ax, ay);
  path.lineTo(bx, by);
}

function paintGrid(context, view, [mx, my], theme) {
  const reach = Math.ceil(2.1 * FADE), paths = Array.from({ length: LEVELS }, () => new Path2D());
  const [x0, y0] = [Math.round(mx), Math.round(my)];
  for (let line = -reach; line <= reach; line++) {
    for (let step = -reach; step < reach; step++) {
      const far = Math.hypot(line, step + 0.5) / FADE;
      for (const [from, to] of [[[line, step], [line, step + 1]], [[step, line], [step + 1, line]]]) {
        const a = [x0 + from[0], y0 + from[1]];
        const depth = view.depth([...a, 0]);
        const close = depth > 0 ? clamp((view.focal[0] / depth - 9) / 26, 0, 1) : 1;      // too dense to be told apart
        const level = Math.round(Math.exp(-far * far) * close * LEVELS) - 1;
        if (level >= 0) floorLine(paths[level], view, a, [x0 + to[0], y0 + to[1]]);
      }
    }
  }
  context.lineWidth = 1;
  paths.forEach((path, level) => {
    context.strokeStyle = `rgba(${theme.grid}, ${0.30 * (level + 1) / LEVELS})`;
    context.stroke(path);
  });
}

// How wide the lens sees: angles from straight ahead to its left and right edge.
function lensAngles({ camera: [fx, , cx], size: [width] }) {
  return [-Math.atan(cx / fx), Math.atan((width - 1 - cx) / fx)];
}

// What the camera sees of the floor, up to a little beyond the farthest person.
function paintField(context, view, scene, farthest, theme) {
  const [left, right] = lensAngles(scene);
  const at = (range, angle) => [range * Math.sin(angle), range * Math.cos(angle)];
  const steps = Array.from({ length: 25 }, (_, step) => left + ((right - left) * step) / 24);
  const last = farthest + 2.5;
  const outward = Array.from({ length: 12 }, (_, n) => 0.02 + (n * (last - 0.02)) / 11);
  const edge = [...outward.map((range) => at(range, left)), ...steps.map((angle) => at(last, angle)),
    ...outward.reverse().map((range) => at(range, right))];
  const seen = edge.filter(([x, y]) => view.depth([x, y, 0]) > 0.15).map(([x, y]) => view.project([x, y, 0]));
  if (seen.length > 2) {
    const area = new Path2D();
    seen.forEach(([x, y], n) => (n ? area.lineTo(x, y) : area.moveTo(x, y)));
    const [ex, ey] = view.project([0, 0, 0]), [lx, ly] = view.project([...at(last, (left + right) / 2), 0]);
    const fill = context.createLinearGradient(ex, ey, lx, ly);
    fill.addColorStop(0, `rgba(${theme.seen}, 0.13)`);
    fill.addColorStop(1, `rgba(${theme.seen}, 0)`);
    context.fillStyle = fill;
    context.fill(area);
  }
  const arcs = new Path2D(), sides = new Path2D();
  for (const range of RANGES.filter((range) => range < last)) {
    for (let step = 1; step < steps.length; step++) floorLine(arcs, view, at(range, steps[step - 1]), at(range, steps[step]));
  }
  for (const angle of [left, right]) floorLine(sides, view, at(0.02, angle), at(last, angle));
  context.lineWidth = 1.2;
  context.strokeStyle = `rgba(${theme.seen}, 0.34)`;
  context.stroke(arcs);
  context.strokeStyle = `rgba(${theme.seen}, 0.30)`;
  context.stroke(sides);
  context.font = theme.small;
  context.fillStyle = theme.faint;
  context.textAlign = "left";
  for (const range of RANGES.filter((range) => range < last)) {
    const [x, y, depth] = view.project([...at(range, right + 0.02 + 0.12 / range), 0]);
    if (depth > 0.15) context.fillText(`${range} m`, x, y + 4);
  }
}

// The shadow falls straight down; painted wide and faint, then narrower, it looks soft.
function paintShadow(context, view, joints, bones, theme) {
  const path = new Path2D();
  for (const [a, b] of bones) floorLine(path, view, joints[a].slice(0, 2), joints[b].slice(0, 2));
  const depth = view.depth([joints[0][0], joints[0][1], 0]);
  if (depth < 0.3) return;
  const pixels = view.focal[0] / depth;
  context.lineCap = context.lineJoin = "round";
  const steps = 10;
  context.strokeStyle = `rgba(${theme.shadow}, ${(1.3 * theme.shadowStrength) / steps})`;
  for (let step = 0; step < steps; step++) {
    context.lineWidth = Math.max((0.36 - (0.28 * step) / steps) * pixels, 1);
    context.stroke(path);
  }
}

function paintRing(context, view, [x, y], colour) {
  if (view.depth([x, y, 0]) < 0.5) return;
  context.beginPath();
  for (let step = 0; step <= 40; step++) {
    const angle = (step * Math.PI) / 20;
    const [px, py] = view.project([x + RING * Math.cos(angle), y + RING * Math.sin(angle), 0]);
    if (step) context.lineTo(px, py); else context.moveTo(px, py);
  }
  context.fillStyle = `rgba(${colour.join(", ")}, 0.13)`;
  context.fill();
  context.lineWidth = 1.6;
  context.strokeStyle = `rgba(${colour.join(", ")}, 0.85)`;
  context.stroke();
}

// The camera: its eye, and the pyramid it sees through.
function paintCamera(context, view, scene, depth, colour) {
  const [fx, fy, cx, cy] = scene.camera, [width, height] = scene.size;
  const toWorld = (p) => scene.floor.map((row) => row[0] * p[0] + row[1] * p[1] + row[2] * p[2] + row[3]);
  const corner = (x, y) => toWorld([((x - cx) / fx) * depth, ((y - cy) / fy) * depth, depth]);
  const eye = toWorld([0, 0, 0]);
  const plane = [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)];
  if ([eye, ...plane].some((point) => view.depth(point) < 0.15)) return;
  const [e, ...p] = [eye, ...plane].map((point) => view.project(point));
  const [footX, footY, below] = view.project([eye[0], eye[1], 0]);
  if (below > 0.15) {           // how high it hangs over the floor
    context.beginPath();
    context.moveTo(e[0], e[1]);
    context.lineTo(footX, footY);
    context.setLineDash([2, 5]);
    context.lineWidth = 1;
    context.strokeStyle = `rgba(${colour}, 0.5)`;
    context.stroke();
    context.setLineDash([]);
  }
  context.beginPath();
  p.forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
  context.fillStyle = `rgba(${colour}, 0.10)`;
  context.fill();
  for (const [x, y] of p) { context.moveTo(e[0], e[1]); context.lineTo(x, y); }
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  context.strokeStyle = `rgba(${colour}, 0.8)`;
  context.stroke();
  context.beginPath();
  context.arc(e[0], e[1], 3.5, 0, 2 * Math.PI);
  context.fillStyle = `rgb(${colour})`;
  context.fill();
}

// Its name below its eye.
function nameCamera(context, view, camera, theme) {
  const [x, y, depth] = view.project(column(camera.floor, 3));
  if (depth < 0.15) return;
  context.font = theme.label;
  context.textAlign = "center";
  context.fillStyle = `rgb(${camera.colour.join(" ")})`;
  context.fillText(camera.name, x, y + 20);
}
