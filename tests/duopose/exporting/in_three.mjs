// node in_three.mjs TIMES.json FILE ...: where three.js puts the bones of files it loads.
// It prints JSON: for each file {person or "": {bone: [[x, y, z], ...]}}, in the file's unit, a row for each time (s).
import { readFileSync } from "node:fs";
import { AnimationMixer, LoopOnce, Vector3 } from "three";
import { BVHLoader } from "three/examples/jsm/loaders/BVHLoader.js";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";

const [times, ...files] = process.argv.slice(2);

function played(root, clip, people, seconds) {
  const mixer = new AnimationMixer(root), found = {};
  const action = mixer.clipAction(clip).setLoop(LoopOnce);
  action.clampWhenFinished = true;
  action.play();
  for (const time of seconds) {
    mixer.setTime(time);
    root.updateMatrixWorld(true);
    for (const [name, top] of people)
      top.traverse((bone) => {
        if (!bone.isBone) return;
        const places = (found[name] ??= {})[bone.name.replace(/_\d+$/, "")] ??= [];
        places.push(new Vector3().setFromMatrixPosition(bone.matrixWorld).toArray());
      });
  }
  return found;
}

async function bones(file, seconds) {
  const data = readFileSync(file);
  if (file.endsWith(".bvh")) {
    const { skeleton, clip } = new BVHLoader().parse(data.toString());
    return played(skeleton.bones[0], clip, [["", skeleton.bones[0]]], seconds);
  }
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
  const { scene, animations } = await new GLTFLoader().parseAsync(bytes, "");
  const people = [];
  scene.traverse((node) => /^person\d+$/.test(node.name) && people.push([node.name, node]));
  return played(scene, animations[0], people, seconds);
}

const said = {};
for (const file of files) said[file] = await bones(file, JSON.parse(readFileSync(times))[file]);
console.log(JSON.stringify(said));
