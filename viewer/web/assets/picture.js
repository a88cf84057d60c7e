// The camera's picture with everyone's 2D joints; without a picture, the joints alone.

function drawPicture(canvas, scene, picture, bones, theme) {
  const [width, height] = scene.size;
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const across = Math.round((canvas.clientWidth || 320) * ratio), down = Math.round((across * height) / width);
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const context = canvas.getContext("2d"), scale = across / width;
  context.fillStyle = theme.card;
  context.fillRect(0, 0, across, down);
  if (picture) context.drawImage(picture, 0, 0, across, down);
  context.lineCap = "round";
  const at = ([x, y]) => [(x + 0.5) * scale, (y + 0.5) * scale];
  for (const { coco, colour } of scene.people) {
    context.strokeStyle = context.fillStyle = `rgb(${colour.join(" ")})`;
    context.lineWidth = 2 * ratio;
    context.beginPath();
    for (const [a, b] of bones) {
      if (!coco[a] || !coco[b]) continue;
      context.moveTo(...at(coco[a]));
      context.lineTo(...at(coco[b]));
    }
    context.stroke();
    for (const joint of coco.filter(Boolean)) {
      context.beginPath();
      context.arc(...at(joint), 2 * ratio, 0, 2 * Math.PI);
      context.fillStyle = "#fff";
      context.fill();
      context.lineWidth = ratio;
      context.stroke();
    }
  }
}
