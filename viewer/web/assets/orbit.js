// Where the onlooker stands. World: x right, y the way the camera looks, z up from the floor, metres.

const FIELD = 38;       // degrees, vertical, of the onlooker's view
const NEAR = 0.05;      // m before the eye from where things are seen

const add = (a, b, share = 1) => [a[0] + share * b[0], a[1] + share * b[1], a[2] + share * b[2]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const length = (a) => Math.hypot(...a);
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

// A look at the world: from `eye`, with the picture's right, top and forward as unit vectors, focal lengths and centre in
// pixels. `project` gives x, y in pixels and the depth in metres.
class View {
  constructor(eye, axes, focal, centre) {
    this.eye = eye;
    [this.right, this.top, this.forward] = axes;
    this.focal = focal;
    this.centre = centre;
  }

  depth(point) {
    return dot(add(point, this.eye, -1), this.forward);
  }

  project(point) {
    const from = add(point, this.eye, -1);
    const depth = dot(from, this.forward);
    const share = 1 / Math.max(depth, NEAR);
    return [
      this.centre[0] + this.focal[0] * dot(from, this.right) * share,
      this.centre[1] - this.focal[1] * dot(from, this.top) * share,
      depth,
    ];
  }
}

// Azimuth 0 looks the way the camera looks; positive azimuth steps to the camera's right. Degrees.
class Orbit {
  constructor(azimuth = 38, elevation = 17, distance = 7, centre = [0, 3, 0.8]) {
    Object.assign(this, { azimuth, elevation, distance, centre });
  }

  turn(right, up) {
    this.azimuth = ((this.azimuth + right + 540) % 360) - 180;
    this.elevation = clamp(this.elevation + up, -5, 90);
  }

  zoom(factor) {
    this.distance = clamp(this.distance * factor, 0.5, 80);
  }

  // Move the centre along the picture, in shares of the picture's height.
  shift(right, up) {
    const [side, top] = this.axes();
    const reach = 2 * this.distance * Math.tan((FIELD * Math.PI) / 360);
    this.centre = add(add(this.centre, side, right * reach), top, up * reach);
  }

  // Go `share` (0..1) of the way to another orbit's distance and centre, keeping the angles.
  glide(other, share) {
    this.distance += share * (other.distance - this.distance);
    this.centre = add(this.centre, add(other.centre, this.centre, -1), share);
  }

  // Put centre and distance so that all points fit a picture of this aspect (width / height), with air.
  frame(points, aspect) {
    const middle = (values) => (Math.min(...values) + Math.max(...values)) / 2;
    this.centre = [0, 1, 2].map((axis) => middle(points.map((point) => point[axis])));
    const [side, top, forward] = this.axes();
    const tangent = Math.tan((FIELD * Math.PI) / 360) * 0.86;
    for (let round = 0; round < 3; round++) {
      const from = points.map((point) => add(point, this.centre, -1));
      const need = from.map((offset) =>
        Math.max(Math.abs(dot(offset, side)) / (tangent * aspect), Math.abs(dot(offset, top)) / tangent) - dot(offset, forward));
      this.distance = clamp(Math.max(...need), 1, 80);
      const seen = (axis) => middle(from.map((offset) => dot(offset, axis) / (this.distance + dot(offset, forward))));
      this.centre = add(add(this.centre, side, seen(side) * this.distance), top, seen(top) * this.distance);
    }
  }

  // The picture's right and top, and the way it looks.
  axes() {
    const [a, e] = [(this.azimuth * Math.PI) / 180, (this.elevation * Math.PI) / 180];
    const forward = [-Math.sin(a) * Math.cos(e), Math.cos(a) * Math.cos(e), -Math.sin(e)];
    const side = [Math.cos(a), Math.sin(a), 0];
    return [side, cross(side, forward), forward];
  }

  // area: the part of the canvas that is free, {left, top, width, height} in pixels.
  view(area) {
    const axes = this.axes();
    const focal = area.height / 2 / Math.tan((FIELD * Math.PI) / 360);
    return new View(add(this.centre, axes[2], -this.distance), axes, [focal, focal],
      [area.left + area.width / 2, area.top + area.height / 2]);
  }
}

const column = (matrix, place, sign = 1) => matrix.map((row) => sign * row[place]);

// Where a picture of this size lies when it fills an area, and how much it is scaled.
function fitted([width, height], area) {
  const scale = Math.min(area.width / width, area.height / height);
  return {
    scale, width: width * scale, height: height * scale,
    left: area.left + (area.width - width * scale) / 2, top: area.top + (area.height - height * scale) / 2,
  };
}

// The look through the camera's own lens, which lays each pose over its person in the fitted picture.
function throughLens(scene, area) {
  const [fx, fy, cx, cy] = scene.camera;
  const place = fitted(scene.size, area);
  const axes = [column(scene.floor, 0), column(scene.floor, 1, -1), column(scene.floor, 2)];
  return new View(column(scene.floor, 3), axes, [fx * place.scale, fy * place.scale],
    [place.left + (cx + 0.5) * place.scale, place.top + (cy + 0.5) * place.scale]);     // pixel 0 is the first one's centre
}
