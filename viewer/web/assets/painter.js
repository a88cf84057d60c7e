// Everything in the big picture, put together.

const THINNEST = 1.1;   // pixels: no capsule gets a smaller radius
const BEFORE = 0.14;    // the camera's picture plane lies at this share of the way to the nearest person
const FAR_OFF = 3;      // times the median distance: whoever is farther is left out when the view is framed

// The cameras that stand in a scene: its own one, or in the one space of several all of them.
function camerasOf(scene) {
  return scene.cameras || [scene];
}

class Painter {
  constructor(canvas, shape) {
    Object.assign(this, { canvas, shape });
    this.context = canvas.getContext("2d", { alpha: false });
    this.readTheme();
  }

  readTheme() {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(`--${name}`).trim();
    const font = getComputedStyle(document.body).fontFamily;
    this.theme = {
      ground: value("ground"), far: value("ground-far"), text: value("text"), dim: value("dim"), faint: value("faint"),
      grid: value("grid"), seen: value("seen"), shadow: value("shadow"), shadowStrength: Number(value("shadow-strength")),
      panel: value("panel"), rim: value("rim"), card: value("card"), accent: value("accent"),
      small: `11px ${font}`, label: `600 13px ${font}`, labelDim: `13px ${font}`,
    };
  }

  // Fit the canvas to its place on the screen -> whether that changed anything.
  resize() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    const changed = this.canvas.width !== w || this.canvas.height !== h;
    if (changed) Object.assign(this.canvas, { width: w, height: h });
    Object.assign(this, { ratio, width, height });
    return changed;
  }

  // Take in a scene: everyone's joints in the world.
  take(scene) {
    this.scene = scene;
    this.people = scene.people.map((person) => {
      const joints = worldJoints(person, scene.floor);
      return { person, joints, capsules: capsules(person, joints, this.shape) };
    });
  }

  // Points that a good view shows: the camera, and everyone who is not far off, with some air.
  landmarks() {
    const eyes = camerasOf(this.scene).map(({ floor }) => column(floor, 3));
    if (!this.people.length) return [...eyes, [-1.5, 5, 0], [1.5, 5, 0]];
    const away = this.people.map(({ person, joints: [[x, y]] }) => (this.scene.cameras ? person.away : Math.hypot(x, y)));
    const most = FAR_OFF * Math.max([...away].sort((a, b) => a - b)[away.length >> 1], 1);
    const points = eyes;
    this.people.forEach(({ joints }, n) => {
      if (away[n] > most) return;
      const [x, y] = joints[0], top = Math.max(...joints.map((joint) => joint[2]));
      for (const [dx, dy] of [[-0.45, -0.45], [0.45, -0.45], [-0.45, 0.45], [0.45, 0.45]]) {
        points.push([x + dx, y + dy, 0], [x + dx, y + dy, top + 0.35]);
      }
    });
    return points;
  }

  // picture: what lies behind everything in the camera's view, null without.
  draw(view, lens, area, picture) {
    const { context, theme, scene, people } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const back = context.createLinearGradient(0, 0, 0, this.height);
    back.addColorStop(0, theme.far);
    back.addColorStop(1, theme.ground);
    context.fillStyle = back;
    context.fillRect(0, 0, this.width, this.height);
    if (!scene) return;
    context.save();
    if (lens) this.prepareLens(area, picture);
    const middles = people.map(({ joints }) => joints[0]);
    const distances = people.map(({ person, joints: [[x, y]] }) => (scene.cameras ? person.away : Math.hypot(x, y))).sort((a, b) => a - b);
    const usual = distances.length ? distances[distances.length >> 1] : 4;
    const farthest = Math.max(...distances.filter((away) => away <= FAR_OFF * usual), 3);
    const median = (place) => middles.length ? middles.map((joint) => joint[place]).sort((a, b) => a - b)[middles.length >> 1] : 3 * place;
    context.globalAlpha = lens && picture ? 0.6 : 1;
    paintGrid(context, view, [median(0), median(1)], theme);
    if (!lens && !scene.cameras) paintField(context, view, scene, farthest, theme);
    context.globalAlpha = 1;
    for (const { joints, person } of people) paintRing(context, view, joints[0], person.colour);
    for (const { joints } of people) paintShadow(context, view, joints, this.shape.bones, theme);
    const depth = clamp(BEFORE * (distances[0] ?? 4), 0.15, 0.65);
    for (const one of lens ? [] : camerasOf(scene)) {
      paintCamera(context, view, one, depth, one.colour ? one.colour.join(", ") : theme.seen);
      if (one.name) nameCamera(context, view, one, theme);
    }
    this.drawPeople(view);
    context.restore();
    drawLabels(context, view, people, area, theme);
  }

  prepareLens(area, picture) {
    const place = fitted(this.scene.size, area), { context } = this;
    context.beginPath();
    context.roundRect(place.left, place.top, place.width, place.height, 12);
    context.fillStyle = this.theme.card;
    context.fill();
    context.clip();
    if (picture) context.drawImage(picture, place.left, place.top, place.width, place.height);
  }

  // Capsules from the farthest to the nearest: they are thin, so whole ones are before or behind each other.
  drawPeople(view) {
    const all = [];
    for (const { capsules } of this.people) {
      for (const { ends, radii, colour } of capsules) {
        const [a, b] = ends.map((end) => view.project(end));
        if (a[2] < 0.1 || b[2] < 0.1) continue;
        const [ra, rb] = [a, b].map((end, n) => Math.max((radii[n] * view.focal[0]) / end[2], THINNEST));
        const before = (ends[0] === ends[1] ? 2 : 0.5) * (radii[0] + radii[1]);     // a joint lies over the bones that meet in it
        all.push({ a, b, ra, rb, colour, depth: (a[2] + b[2]) / 2 - before });
      }
    }
    all.sort((one, other) => other.depth - one.depth);
    for (const { a, b, ra, rb, colour } of all) paintCapsule(this.context, a, b, ra, rb, colour);
  }
}
