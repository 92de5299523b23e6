"use strict";
// Which cells lie side by side, and colours that tell them apart after an edit.
(function () {
  const wangge = (window.wangge = window.wangge || {});
  const EDGE = 6e-9; // Mercator units, about 0.2 m: closer than this is the same border

  function beside(a, b) {
    const near = (one, two) => one.box[0] <= two.box[2] + EDGE && one.box[2] >= two.box[0] - EDGE && one.box[1] <= two.box[3] + EDGE && one.box[3] >= two.box[1] - EDGE;
    if (!near(a, b)) return false;
    const meets = (one, two) => one.paths.some((path) => {
      for (let i = 0; i < path.length; i += 2) {
        const spot = { box: [path[i], path[i + 1], path[i], path[i + 1]] };
        if (near(spot, two) && wangge.edgeDistance(two, path[i], path[i + 1]) < EDGE) return true;
      }
      return false;
    });
    return meets(a, b) || meets(b, a);
  }

  const neighboursOf = (cells, cell) => cells.filter((one) => one !== cell && beside(one, cell));

  // Give a cell a colour that no neighbour has: a free one; else one whose holders can take another; else two colours
  // change places in the part of the map that joins this cell's neighbours of the first of them (a Kempe chain).
  function recolour(cells, cell) {
    const neighbours = (one) => neighboursOf(cells, one);
    const near = neighbours(cell), all = [0, 1, 2, 3, 4], free = (of, without) => all.find((colour) => colour !== without && !of.some((one) => one.colour === colour));
    if (near.every((one) => one.colour !== cell.colour) && cell.colour >= 0) return;
    cell.colour = -1;
    const plain = free(near);
    if (plain !== undefined) return void (cell.colour = plain);
    for (const wanted of all) {
      const moves = near.filter((one) => one.colour === wanted).map((one) => [one, free(neighbours(one), wanted)]);
      if (moves.some(([, to]) => to === undefined)) continue;
      for (const [one, to] of moves) one.colour = to;
      return void (cell.colour = wanted);
    }
    for (const wanted of all) for (const other of all) {
      if (wanted === other) continue;
      const chain = new Set(near.filter((one) => one.colour === wanted));
      for (const one of chain) for (const next of neighbours(one)) if (next.colour === wanted || next.colour === other) chain.add(next);
      if (near.some((one) => one.colour === other && chain.has(one))) continue;
      for (const one of chain) one.colour = one.colour === wanted ? other : wanted;
      return void (cell.colour = wanted);
    }
    cell.colour = 0;
  }

  Object.assign(wangge, { beside, recolour });
})();
