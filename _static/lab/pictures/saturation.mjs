/*
 * Which activations pass no gradient on: a white dot for each, examples down, units across.
 */

export function drawMap(surface, snapshot) {
  const { map, units } = snapshot;
  const rows = map.length / units;
  const [width, height] = [surface.width / units, surface.height / rows];
  surface.rectangle(0, 0, surface.width, surface.height, "#000000");
  for (let i = 0; i < rows; i++) {
    // Neighbours in a row are one rectangle.
    for (let j = 0; j < units; ) {
      let end = j;
      while (end < units && map[i * units + end]) end++;
      if (end > j) surface.rectangle(j * width, i * height, (end - j) * width, height, "#ffffff");
      j = Math.max(end, j + 1);
    }
  }
}

/** Units that are white for every example. */
export function deadUnits({ map, units }) {
  const rows = map.length / units;
  let dead = 0;
  for (let j = 0; j < units; j++) {
    let count = 0;
    for (let i = 0; i < rows; i++) count += map[i * units + j];
    dead += count === rows;
  }
  return dead;
}
