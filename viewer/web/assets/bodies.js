// People as capsules: bones, joints and head, in the colour of the identity. How sure the system is shows: someone seen by
// one branch only is thinner, a limb that nobody measured darker.

// A person's joints in the world, [17][3] metres.
function worldJoints(person, floor) {
  return Array.from({ length: 17 }, (_, joint) => {
    const [x, y, z] = person.joints.slice(3 * joint, 3 * joint + 3);
    return floor.map((row) => (row[0] * x + row[1] * y + row[2] * z) / 1000 + row[3]);
  });
}

// -> [{ends: [from, to] in metres, radii: [m, m], colour: [r, g, b]}]
function capsules(person, joints, shape) {
  const { bones, radii, nose, headTop, thorax, headRadius, longestHead, swell } = shape;
  const thickness = person.both ? 1 : shape.thinner;
  const head = person.measured & ((1 << nose) | (1 << headTop));
  const measured = (joint) => (joint === nose || joint === headTop ? head : person.measured & (1 << joint));
  const found = [];
  const put = (owner, from, to, ra, rb, tint = 0) => {
    const light = measured(owner) ? 1 : shape.darker;
    const colour = person.colour.map((part) => (part + tint * (255 - part)) * light);
    found.push({ ends: [from, to], radii: [ra * thickness, rb * thickness], colour });
  };
  for (const [a, b] of bones) put(b, joints[a], joints[b], radii[a], radii[b]);
  for (let joint = 0; joint < 17; joint++) {
    if (joint === nose || joint === headTop) continue;
    put(joint, joints[joint], joints[joint], swell * radii[joint], swell * radii[joint], shape.tint);
  }
  let tall = add(joints[headTop], joints[nose], -1);
  const share = Math.min(1, longestHead / Math.max(length(tall), 1e-6));
  const [low, high] = [add(joints[nose], tall, 0.35 * share), add(joints[nose], tall, 0.62 * share)];
  put(nose, joints[thorax], low, 0.032, 0.032);
  const round = headRadius / Math.sqrt(thickness);      // even a thin person keeps a head
  put(nose, low, high, round, round);
  return found;
}

const SHADES = 24;
const shadesOf = new Map();

// The colour from dark to lit, as CSS; kept, since people keep their colours.
function shades([r, g, b]) {
  const key = (r << 16) | (g << 8) | b;
  if (!shadesOf.has(key)) {
    if (shadesOf.size > 500) shadesOf.clear();
    shadesOf.set(key, Array.from({ length: SHADES }, (_, place) => {
      const light = place / (SHADES - 1);
      const gain = 0.36 + 0.74 * light;
      const shine = 70 * Math.max(0, light - 0.78) / 0.22;
      return `rgb(${[r, g, b].map((part) => Math.round(Math.min(255, part * gain + shine))).join(" ")})`;
    }));
  }
  return shadesOf.get(key);
}
const shade = (list, light) => list[Math.round(clamp(light, 0, 1) * (SHADES - 1))];

const LIGHT = [-0.42, -0.60, 0.68];     // where it comes from: left, above (y is down) and before the picture

// A capsule between two circles of the picture, lit as if it were round.
function paintCapsule(context, [ax, ay], [bx, by], ra, rb, colour) {
  const list = shades(colour);
  const away = Math.hypot(bx - ax, by - ay);
  context.beginPath();
  if (away <= Math.abs(ra - rb) + 0.01) {
    const [x, y, r] = ra > rb ? [ax, ay, ra] : [bx, by, rb];
    context.arc(x, y, r, 0, 2 * Math.PI);
    const fill = context.createRadialGradient(x + 0.4 * r * LIGHT[0], y + 0.4 * r * LIGHT[1], 0.1 * r, x, y, r);
    for (const [stop, light] of [[0, 1], [0.35, 0.82], [0.75, 0.5], [1, 0.16]]) fill.addColorStop(stop, shade(list, light));
    context.fillStyle = fill;
  } else {
    const angle = Math.atan2(by - ay, bx - ax);
    const lean = Math.acos((ra - rb) / away);           // the sides touch both circles here
    context.arc(ax, ay, ra, angle + lean, angle - lean);
    context.arc(bx, by, rb, angle - lean, angle + lean);
    context.closePath();
    const [nx, ny] = [-Math.sin(angle), Math.cos(angle)];
    const r = Math.max(ra, rb), [x, y] = [(ax + bx) / 2, (ay + by) / 2];
    const fill = context.createLinearGradient(x - nx * r, y - ny * r, x + nx * r, y + ny * r);
    for (const side of [-1, -0.6, -0.2, 0.2, 0.6, 1]) {
      const light = side * (nx * LIGHT[0] + ny * LIGHT[1]) + Math.sqrt(1 - side * side) * LIGHT[2];
      fill.addColorStop((side + 1) / 2, shade(list, 0.18 + 0.82 * Math.max(light, 0)));
    }
    context.fillStyle = fill;
  }
  context.fill();
}
