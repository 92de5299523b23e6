"use strict";
// The first view: the largest one in which no ground of the county lies under a card.
(function () {
  const wangge = (window.wangge = window.wangge || {});
  const CELLS = 160, MARGIN = 14, ROOM = 10, STEP = 0.1, STEPS = 20, TRIES = 40;

  // The whole box of areas, or a given one where there are none.
  const around = (areas, fallback) => (areas.length ? wangge.boxOf(areas.map((area) => area.box)) : fallback);

  // How much ground lies left of and above each corner of a coarse raster of the areas.
  function groundOf(areas, box) {
    const size = Math.max(box[2] - box[0], box[3] - box[1], 1e-9) / CELLS;
    const wide = Math.max(1, Math.ceil((box[2] - box[0]) / size)), high = Math.max(1, Math.ceil((box[3] - box[1]) / size));
    const canvas = wangge.element("canvas", { width: wide, height: high }), pen = canvas.getContext("2d", { willReadFrequently: true });
    if (!areas.length) pen.fillRect(0, 0, wide, high);
    for (const { paths, box: own } of areas) {
      pen.beginPath();
      for (const path of paths) for (let i = 0; i < path.length; i += 2) pen[i ? "lineTo" : "moveTo"]((path[i] - box[0]) / size, (path[i + 1] - box[1]) / size);
      pen.fill("evenodd");
      pen.fillRect(Math.floor(((own[0] + own[2]) / 2 - box[0]) / size), Math.floor(((own[1] + own[3]) / 2 - box[1]) / size), 1, 1);
    }
    const seen = pen.getImageData(0, 0, wide, high).data, sums = new Int32Array((wide + 1) * (high + 1));
    for (let y = 0; y < high; y++) {
      for (let x = 0, row = 0; x < wide; x++) {
        row += seen[4 * (y * wide + x) + 3] > 0;
        sums[(y + 1) * (wide + 1) + x + 1] = sums[y * (wide + 1) + x + 1] + row;
      }
    }
    const bound = (value, most) => Math.min(most, Math.max(0, value));
    const sum = (x0, y0, x1, y1) => {
      const [a, b, c, d] = [bound(Math.floor(x0), wide), bound(Math.floor(y0), high), bound(Math.ceil(x1), wide), bound(Math.ceil(y1), high)];
      return a < c && b < d ? sums[d * (wide + 1) + c] - sums[b * (wide + 1) + c] - sums[d * (wide + 1) + a] + sums[b * (wide + 1) + a] : 0;
    };
    return { size, sum, all: sums[sums.length - 1] || 1 };
  }

  // Boxes of the cards and buttons over a map, in pixels of its container.
  function cardBoxes(map) {
    const frame = map.getContainer().getBoundingClientRect();
    return [...map.getContainer().querySelectorAll(".leaflet-control")].map((card) => card.getBoundingClientRect())
      .filter((box) => box.width && box.height)
      .map((box) => [box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top]);
  }

  // Share of the ground under cards when the box's corner is at (left, top) and one raster cell has so many pixels.
  const hidden = (ground, cards, left, top, pixels) => cards.reduce((sum, [x0, y0, x1, y1]) => sum + ground.sum(
    (x0 - ROOM - left) / pixels, (y0 - ROOM - top) / pixels, (x1 + ROOM - left) / pixels, (y1 + ROOM - top) / pixels), 0) / ground.all;

  const spread = (from, to) => {
    const count = to > from ? Math.min(TRIES, Math.ceil((to - from) / 8)) : 0;
    return Array.from({ length: count + 1 }, (_, index) => (count ? from + ((to - from) * index) / count : (from + to) / 2));
  };

  // The best place for a box at one zoom: least ground hidden, then nearest to the middle.
  function bestAt(map, ground, cards, box, zoom) {
    const world = 256 * Math.pow(2, zoom), size = map.getSize(), wide = (box[2] - box[0]) * world, high = (box[3] - box[1]) * world;
    let best = null;
    for (const left of spread(MARGIN, size.x - MARGIN - wide)) {
      for (const top of spread(MARGIN, size.y - MARGIN - high)) {
        const lost = hidden(ground, cards, left, top, ground.size * world), off = Math.hypot(left + (wide - size.x) / 2, top + (high - size.y) / 2);
        if (!best || lost < best.lost || (lost === best.lost && off < best.off)) best = { zoom, left, top, world, lost, off };
      }
    }
    return best;
  }

  // Show the areas clear of the cards; where nothing is clear within two zooms, hide as little as may be.
  function fit(map, areas, fallback) {
    const box = around(areas, fallback), size = map.getSize();
    if (!box || !(box[0] <= box[2]) || !size.x || !size.y) return;
    const ground = groundOf(areas, box), cards = cardBoxes(map);
    const most = Math.min(17, Math.log2(Math.min((size.x - 2 * MARGIN) / Math.max(box[2] - box[0], 1e-9), (size.y - 2 * MARGIN) / Math.max(box[3] - box[1], 1e-9)) / 256));
    const top = Math.max(map.getMinZoom(), Math.floor(most / STEP) * STEP);
    let best = null;
    for (let step = 0; step <= STEPS && top - step * STEP >= map.getMinZoom(); step++) {
      const here = bestAt(map, ground, cards, box, top - step * STEP);
      here.cost = here.lost + 0.02 * step;
      if (!best || here.lost === 0 || here.cost < best.cost) best = here;
      if (here.lost === 0) break;
    }
    const snap = map.options.zoomSnap;
    map.options.zoomSnap = 0; // the reader's own steps begin after this view
    map.setView(wangge.latLng(box[0] + (size.x / 2 - best.left) / best.world, box[1] + (size.y / 2 - best.top) / best.world), best.zoom, { animate: false });
    map.options.zoomSnap = snap;
  }

  // Share of the areas that lies under cards or off the map as it stands.
  function hiddenNow(map, areas, fallback) {
    const box = around(areas, fallback);
    if (!box || !(box[0] <= box[2])) return 0;
    const ground = groundOf(areas, box), world = 256 * Math.pow(2, map.getZoom()), size = map.getSize();
    const at = map.latLngToContainerPoint(wangge.latLng(box[0], box[1]));
    const outside = [[-1e6, -1e6, -ROOM, 1e6], [size.x + ROOM, -1e6, 1e6, 1e6], [-1e6, -1e6, 1e6, -ROOM], [-1e6, size.y + ROOM, 1e6, 1e6]];
    return hidden(ground, [...cardBoxes(map), ...outside], at.x, at.y, ground.size * world);
  }

  Object.assign(wangge, { fit, hiddenNow, cardBoxes });
})();
