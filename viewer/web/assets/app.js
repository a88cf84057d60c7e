// The page: what the user does, what comes in, and when something is painted.

const GLIDE = 0.7;              // s in which the view follows the people by two thirds
const QUIET = 2;                // s without a scene until the page says so
const NOTE = 8;                 // s that a message of the run is shown
const SPAN = 30;                // s that the curves show of a live run
const SAMPLE = 0.2;             // s between two points of a curve
const TURN = 0.35;              // degrees per pixel of dragging

const element = (id) => document.getElementById(id);
const about = JSON.parse(element("about").textContent);
const painter = new Painter(element("scene"), about.shape);
const charts = [new Chart(element("rateChart"), element("rate"), 10), new Chart(element("latencyChart"), element("latency"), 50)];
const seconds = () => performance.now() / 1000;

const state = {
  view: "free", orbit: new Orbit(), held: false, paused: false, picture: true, scene: null, shown: null, bitmap: null,
  camera: about.cameras[0], connected: false, over: false, ended: false, note: "", noted: 0, heard: 0, sampled: 0, ticked: seconds(), dirty: true,
};

// ---- what comes in

function take(scene) {
  if (!isShown(scene)) return;
  state.heard = seconds();
  state.ended = state.over = false;
  if (state.paused && about.live) return;
  const first = !state.scene || (!painter.people.length && !state.held);
  state.scene = scene;
  painter.take(scene);
  if (first) aim(state.orbit);
  if (about.live && state.heard - state.sampled >= SAMPLE) {
    state.sampled = state.heard;
    charts[0].add(state.heard, scene.rate);
    charts[1].add(state.heard, scene.latency);
  }
  state.dirty = true;
}

// A scene of the camera that was shown before may still be on its way.
function isShown(scene) {
  return !about.live || scene.from === state.camera;
}

function takePicture(scene, bitmap) {
  if (state.paused || !isShown(scene)) return bitmap.close();
  if (state.bitmap) state.bitmap.close();
  Object.assign(state, { shown: scene, bitmap, dirty: true });
}

function takeNews({ note, ended }) {
  if (note) Object.assign(state, { note, noted: seconds() });
  state.ended = ended;
  state.dirty = true;
}

// The run has other cameras.
function takeCameras({ cameras, renamed }) {
  about.cameras = cameras;
  offerCameras();
  const camera = renamed[state.camera] || state.camera;
  if (!cameras.includes(camera)) turnTo(cameras[0]);
  else if (camera !== state.camera) turnTo(camera);
  element("cameras").value = state.camera;
}

function takeConnection(connected, over) {
  Object.assign(state, { connected, over, heard: seconds(), dirty: true });
}

const told = { scene: take, picture: takePicture, news: takeNews, cameras: takeCameras, connected: takeConnection };
const source = about.live ? new Live(told) : new Recorded(JSON.parse(element("scenes").textContent), told);

// ---- what is painted

// The part of the screen that nothing lies on.
function freeArea() {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const [header, aside, footer] = [box("header"), box("aside"), box("footer")];
  const beside = aside.width < 0.6 * painter.width;
  const left = beside ? aside.right : 0;
  const top = beside || !aside.height ? header.bottom : aside.bottom;
  const edge = state.view === "camera" ? 10 : 0;
  const bottom = Math.max(painter.height - footer.height, top + 120);
  return { left: left + edge, top: top + edge, width: Math.max(painter.width - left - 2 * edge, 100), height: bottom - top - 2 * edge };
}

function aim(orbit) {
  painter.resize();
  const area = freeArea();
  orbit.frame(painter.landmarks(), area.width / area.height);
}

// Until the user takes hold of the view it follows the people, slowly.
function follow(now) {
  const share = 1 - Math.exp(-(now - state.ticked) / GLIDE);
  state.ticked = now;
  if (!state.scene || state.held || state.view === "camera") return;
  const target = new Orbit(state.orbit.azimuth, state.orbit.elevation);
  aim(target);
  const away = Math.abs(target.distance - state.orbit.distance) + length(add(target.centre, state.orbit.centre, -1));
  if (away < 0.004) return;
  state.orbit.glide(target, share);
  state.dirty = true;
}

function words(now) {
  const { scene } = state;
  const alert = state.note && now - state.noted < NOTE ? [["alert", state.note]] : [];
  if (!scene) return [["b", state.over ? "the run has ended" : "waiting for the run"], ...alert];
  const count = scene.people.length;
  const degrees = Math.round((2 * Math.atan(scene.size[0] / 2 / scene.camera[0]) * 180) / Math.PI);
  const origin = { file: "from the camera file", fov: "as given" }[scene.lens.split("+")[0]] || "assumed";
  const rest = [["", `${count} ${count === 1 ? "person" : "people"}`], ["", scene.cameras ? `${scene.cameras.length} cameras` : `lens ${degrees}° ${origin}`]];
  if (!about.live) return [["b", `frame ${scene.frame}`], ...rest];
  if (state.over || state.ended) return [["b", "the run has ended"], ...rest, ...alert];
  if (!state.connected) return [["alert", "the run is out of reach, trying again"], ...alert];
  if (state.paused) return [["alert", "paused"], ...rest, ...alert];
  if (now - state.heard > QUIET) return [["alert", "waiting for the next frame"], ...rest, ...alert];
  return [["b", `frame ${scene.frame}`], ...rest, ...alert];
}

function writeStatus(now) {
  const parts = words(now), text = JSON.stringify(parts), status = element("status");
  if (status.dataset.text === text) return;
  status.dataset.text = text;
  status.replaceChildren(...parts.flatMap(([kind, part], n) => {
    const span = document.createElement(kind === "b" ? "b" : "span");
    if (kind === "alert") span.className = "alert";
    span.textContent = part;
    return n ? [" · ", span] : [span];
  }));
}

const clock = (s) => `${Math.floor(s / 60)}:${(s % 60).toFixed(1).padStart(4, "0")}`;

function paint() {
  const { scene } = state, lens = state.view === "camera";
  element("card").hidden = lens || !state.picture || !scene || scene.cameras;
  const area = freeArea();
  if (scene) painter.draw(lens ? throughLens(scene, area) : state.orbit.view(area), lens, area, state.picture ? state.bitmap : null);
  else painter.draw(null, false, area, null);
  if (!element("card").hidden) {
    const shown = state.bitmap ? state.shown : scene;
    drawPicture(element("picture"), shown, state.bitmap, about.shape.cocoBones, painter.theme);
  }
  const now = about.live ? state.heard : scene.stamp;
  const begun = charts[1].points.length ? charts[1].points[0][0] : now;
  const span = about.live ? [Math.max(now - SPAN, begun), now] : [source.begin, source.end];
  for (const chart of charts) chart.draw(span, now, painter.theme);
  if (!about.live) {
    element("seek").value = source.place;
    element("time").textContent = `${clock(scene.stamp - source.begin)} / ${clock(source.end - source.begin)}`;
  }
}

function tick() {
  const now = seconds();
  if (!about.live) source.tick(performance.now());
  if (painter.resize()) state.dirty = true;
  follow(now);
  writeStatus(now);
  if (state.dirty) {
    state.dirty = false;
    paint();
  }
  requestAnimationFrame(tick);
}

// ---- what the user does

function press(id, pressed) {
  element(id).setAttribute("aria-pressed", pressed);
}

function look(view) {
  if (view === "top") Object.assign(state.orbit, { azimuth: 0, elevation: 90 });
  if (view === "free" && state.view === "top") Object.assign(state.orbit, { azimuth: 38, elevation: 17 });
  if (view !== "camera") state.held = false;
  state.view = view;
  for (const id of ["free", "camera", "top"]) press(id, id === view);
  if (state.scene && view !== "camera") aim(state.orbit);
  state.dirty = true;
}

function turnTo(camera) {
  if (state.bitmap) state.bitmap.close();
  Object.assign(state, { camera, scene: null, shown: null, bitmap: null, paused: false, dirty: true });
  press("pause", false);
  for (const chart of charts) chart.points = [];
  source.turnTo(camera);
}

function offerCameras() {
  element("cameras").hidden = about.cameras.length < 2;
  element("cameras").replaceChildren(...about.cameras.map((name) => new Option(name, name)));
}

function showPicture(picture) {
  state.picture = picture;
  press("video", picture);
  wantPictures();
  state.dirty = true;
}

function wantPictures() {
  if (about.live) source.want(about.pictures && state.picture && !document.hidden);
}

function pause(paused) {
  state.paused = paused;
  press("pause", paused);
  if (!about.live) {
    source.play(!paused);
    element("play").textContent = paused ? "Play" : "Pause";
  }
  state.dirty = true;
}

// The user takes hold of the view: it follows nobody any more.
function hold() {
  if (state.view === "camera") look("free");
  state.held = true;
  state.dirty = true;
}

const pointers = new Map();
const canvas = painter.canvas;
canvas.addEventListener("pointerdown", (event) => {
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const here = [event.clientX, event.clientY], [across, down] = [here[0] - before[0], here[1] - before[1]];
  if (!across && !down) return;
  hold();
  const other = [...pointers].find(([id]) => id !== event.pointerId);
  pointers.set(event.pointerId, here);
  if (other) {          // two fingers: zoom by their distance, move by their middle
    const apart = (point) => Math.hypot(point[0] - other[1][0], point[1] - other[1][1]);
    state.orbit.zoom(apart(before) / Math.max(apart(here), 1));
    state.orbit.shift(-across / 2 / painter.height, down / 2 / painter.height);
  } else if (event.shiftKey || event.buttons > 1) state.orbit.shift(-across / painter.height, down / painter.height);
  else {
    state.orbit.turn(-TURN * across, TURN * down);
    if (state.view === "top" && state.orbit.elevation < 90) { state.view = "free"; press("free", true); press("top", false); }
  }
});
for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => pointers.delete(event.pointerId));
canvas.addEventListener("contextmenu", (event) => event.preventDefault());
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  hold();
  state.orbit.zoom(Math.exp(clamp(event.deltaY * (event.deltaMode ? 33 : 1), -300, 300) / 900));
}, { passive: false });

for (const view of ["free", "camera", "top"]) element(view).addEventListener("click", () => look(view));
element("video").addEventListener("click", () => showPicture(!state.picture));
element("pause").addEventListener("click", () => pause(!state.paused));
element("play").addEventListener("click", () => pause(!state.paused));
element("seek").addEventListener("input", (event) => source.seek(Number(event.target.value)));

const KEYS = {
  " ": () => pause(!state.paused), 1: () => look("free"), 2: () => look("camera"), 3: () => look("top"),
  v: () => showPicture(!state.picture),
  r: () => { state.orbit = new Orbit(); look("free"); },
};
addEventListener("keydown", (event) => {
  const key = KEYS[event.key.toLowerCase()];
  if (!key || event.ctrlKey || event.metaKey || event.altKey || (event.key === " " && event.target.tagName === "BUTTON")) return;
  event.preventDefault();
  key();
});
document.addEventListener("visibilitychange", wantPictures);
matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => {
  painter.readTheme();
  state.dirty = true;
});

offerCameras();
element("cameras").addEventListener("change", () => turnTo(element("cameras").value));
element("title").textContent = about.title;
document.title = `${about.title} – Duopose`;
look("free");
showPicture(true);
if (!about.live) {
  element("player").hidden = false;
  element("pause").hidden = true;
  element("seek").max = source.scenes.length - 1;
  const step = Math.ceil(source.scenes.length / 600);
  source.scenes.forEach((scene, n) => {
    if (n % step) return;
    charts[0].add(scene.stamp, scene.rate);
    charts[1].add(scene.stamp, scene.latency);
  });
  pause(false);
}
tick();
