// A label over everyone: identity, distance, and how far off that may be.

// "3.2 ± 0.2 m"; 68 % of errors are smaller than what stands behind ±
function distanceWords(person) {
  const { away } = person;
  return person.sd === null ? `${away.toFixed(1)} m` : `${away.toFixed(1)} ± ${(away * person.sd).toFixed(1)} m`;
}

// Labels in their place, the nearest first; others move up until none covers another.
function drawLabels(context, view, people, area, theme) {
  const placed = [];
  const seen = people.map(({ person, joints }) => ({ person, points: joints.map((joint) => view.project(joint)) }))
    .filter(({ points }) => points.every((point) => point[2] > 0.1)).sort((a, b) => a.points[0][2] - b.points[0][2]);
  for (const { person, points } of seen) {
    const name = person.name, words = distanceWords(person);
    context.font = theme.label;
    const badge = Math.max(context.measureText(name).width + 12, 22);
    context.font = theme.labelDim;
    const width = badge + context.measureText(words).width + 18, height = 24;
    const head = points[10], gap = 12 + (0.1 * view.focal[0]) / head[2];
    const left = clamp(head[0] - width / 2, 4, context.canvas.clientWidth - width - 4);
    let top = Math.min(...points.map((point) => point[1])) - gap - height;
    const covers = (other) => Math.abs(other.top - top) < height + 2 && left < other.left + other.width + 2 && other.left < left + width + 2;
    for (let hit = placed.find(covers); hit; hit = placed.find(covers)) top = hit.top - height - 3;
    placed.push({ left, top, width, height, badge, name, words, colour: person.colour });
  }
  context.textBaseline = "middle";
  for (const { left, top, width, height, badge, name, words, colour } of placed.reverse()) {
    context.beginPath();
    context.roundRect(left, top, width, height, 7);
    context.fillStyle = theme.panel;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = theme.rim;
    context.stroke();
    context.beginPath();
    context.roundRect(left, top, badge, height, [7, 0, 0, 7]);
    context.fillStyle = `rgb(${colour.join(" ")})`;
    context.fill();
    context.textAlign = "center";
    context.font = theme.label;
    context.fillStyle = "#0b0f14";
    context.fillText(name, left + badge / 2, top + height / 2 + 0.5);
    context.textAlign = "left";
    context.font = theme.labelDim;
    context.fillStyle = theme.text;
    context.fillText(words, left + badge + 9, top + height / 2 + 0.5);
  }
  context.textBaseline = "alphabetic";
}
