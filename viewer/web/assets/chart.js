// A curve of one number over time.

const MOST_POINTS = 4000;       // that are kept; a curve is some hundred pixels wide

class Chart {
  constructor(canvas, words, least) {
    Object.assign(this, { canvas, words, least, points: [] });    // least: the scale reaches at least up to here
  }

  add(time, value) {
    const { points } = this;
    if (points.length && time < points[points.length - 1][0]) points.length = 0;
    if (value !== null) points.push([time, value]);
    if (points.length > MOST_POINTS) points.splice(0, points.length - MOST_POINTS);
  }

  // The curve of the times from..to, s, with a mark at `now` and its value in words.
  draw([from, to], now, theme) {
    const { canvas } = this, ratio = Math.min(window.devicePixelRatio || 1, 2);
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (!width || !height) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    const shown = this.points.filter(([time]) => time >= from && time <= to);
    const latest = shown.filter(([time]) => time <= now).pop();
    this.words.textContent = latest ? (latest[1] < 100 ? latest[1].toFixed(latest[1] % 1 ? 1 : 0) : Math.round(latest[1])) : "–";
    if (!latest) return;
    const most = Math.max(this.least, ...shown.map(([, value]) => value)) * 1.15;
    const x = (time) => ((time - from) / Math.max(to - from, 1e-6)) * width;
    const y = (value) => height - (value / most) * (height - 3 * ratio);
    const line = new Path2D();
    shown.forEach(([time, value], n) => (n ? line.lineTo(x(time), y(value)) : line.moveTo(x(time), y(value))));
    const area = new Path2D(line);
    area.lineTo(x(shown[shown.length - 1][0]), height);
    area.lineTo(x(shown[0][0]), height);
    const fill = context.createLinearGradient(0, 0, 0, height);
    fill.addColorStop(0, `rgba(${theme.seen}, 0.35)`);
    fill.addColorStop(1, `rgba(${theme.seen}, 0.02)`);
    context.fillStyle = fill;
    context.fill(area);
    context.lineWidth = 1.5 * ratio;
    context.lineJoin = "round";
    context.strokeStyle = theme.accent;
    context.stroke(line);
    context.beginPath();
    context.arc(Math.min(x(latest[0]), width - 3 * ratio), y(latest[1]), 2.5 * ratio, 0, 2 * Math.PI);
    context.fillStyle = theme.accent;
    context.fill();
  }
}
