// Where scenes come from: the run, or the page itself.

const RETRY = [0.5, 8];         // s until a lost run is looked for again, at first and at most
const OVER = 1001;              // the run has said that it ends

// told: {scene(scene), picture(scene, bitmap), news({note, ended}), cameras({cameras, renamed}), connected(yes, over)}
class Live {
  constructor(told) {
    this.told = told;
    this.pictures = false;
    this.camera = null;           // the first
    this.pause = RETRY[0];
    this.connect();
  }

  connect() {
    const socket = new WebSocket(`${location.href.split(/[?#]/)[0].replace(/^http/, "ws")}scenes`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.pause = RETRY[0];
      this.told.connected(true, false);
      if (this.camera !== null) socket.send(`camera ${this.camera}`);
      if (this.pictures) socket.send("pictures");
    };
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") this.takePicture(data);
      else {
        const message = JSON.parse(data);
        const kind = ["frame", "cameras"].find((key) => key in message);
        ({ frame: this.told.scene, cameras: this.told.cameras }[kind] || this.told.news)(message);
      }
    };
    socket.onclose = ({ code }) => {
      this.told.connected(false, code === OVER);
      if (code === OVER) return;
      setTimeout(() => this.connect(), 1000 * this.pause);
      this.pause = Math.min(2 * this.pause, RETRY[1]);
    };
    this.socket = socket;
  }

  want(pictures) {
    if (pictures === this.pictures) return;
    this.pictures = pictures;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(pictures ? "pictures" : "no pictures");
  }

  turnTo(camera) {
    this.camera = camera;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(`camera ${camera}`);
  }

  // A picture comes with its scene: the length of that in four bytes, the scene, a JPEG.
  async takePicture(data) {
    const size = new DataView(data).getUint32(0);
    const scene = JSON.parse(new TextDecoder().decode(data.slice(4, 4 + size)));
    this.told.picture(scene, await createImageBitmap(new Blob([data.slice(4 + size)], { type: "image/jpeg" })));
  }
}

// Plays the scenes that lie in the page.
class Recorded {
  constructor(scenes, told) {
    Object.assign(this, { scenes, told, place: 0, playing: false });
    this.stamps = scenes.map((scene) => scene.stamp);
    this.begin = this.stamps[0];
    this.end = this.stamps[scenes.length - 1];
    this.show(0);
  }

  show(place) {
    this.place = clamp(place, 0, this.scenes.length - 1);
    this.told.scene(this.scenes[this.place]);
  }

  seek(place) {
    this.show(place);
    this.anchor(performance.now());
  }

  anchor(now) {
    this.from = [now, this.stamps[this.place]];
  }

  play(playing) {
    this.playing = playing;
    if (playing && this.place === this.scenes.length - 1) this.show(0);
    this.anchor(performance.now());
  }

  // Called before each picture of the screen. At its end it begins again.
  tick(now) {
    if (!this.playing) return;
    const stamp = this.from[1] + (now - this.from[0]) / 1000;
    let place = this.place;
    while (place + 1 < this.stamps.length && this.stamps[place + 1] <= stamp) place++;
    if (place !== this.place) this.show(place);
    if (stamp > this.end + 0.6) { this.show(0); this.anchor(now); }
  }
}
