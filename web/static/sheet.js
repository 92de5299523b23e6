"use strict";
// The painted map: one canvas under Leaflet's markers, drawn from the atlas in one go after every move; what tools
// draw and the names stand on canvases of their own, so that a sweep of the hand repaints nothing else.
(function () {
  const wangge = (window.wangge = window.wangge || {});
  const INK = "#1f2933";
  const PADDING = 0.25;
  const CELL_AT_13 = 110; // pixels across the middle cell of a county at zoom 13

  const PAINT = {
    land: "#f4f1ea", water: "#a9cfe6", cell: "#5b6672", village: "#6d5a72", town: "#3d3450", county: "#2b2440",
    building: "#e5ddcf", wall: "#b7ab98", selected: "#1d5f9e",
    balance: ["#2b6cb0", "#9cc3e6", "#f3f0e6", "#f2b27a", "#b8431f"],
    coverage: ["#2f7fc1", "#9cc3e6", "#f5d58c", "#dd9284"],
    gaps: ["#fbe6df", "#f3c0b3", "#e38f7d", "#c65a48"], gap: "#b3392c", sector: "#2f7fc1", idle: "#f0b429", site: "#7a2fa0", place: "#7a4b00",
    hatch: "rgba(140,40,28,.28)", locked: "rgba(31,41,51,.38)",
  };
  // class: first zoom, widths in pixels at zooms 9 to 18, casing, fill
  const MAJOR = [1, 1.4, 1.8, 2.4, 3.2, 4.5, 6.5, 9, 13, 18], MIDDLE = [0.6, 0.9, 1.2, 1.6, 2.4, 3.4, 5, 7.5, 11, 15];
  const MINOR = [0.3, 0.3, 0.4, 0.5, 0.8, 1.1, 2.2, 4.5, 7, 11], STREAM = [1.4, 2, 2.6, 3.4, 5, 7.5, 12, 18, 26, 36];
  const ROADS = {
    3: [8, MAJOR, "#b5863f", "#f6cf8a"], 4: [8, MAJOR, "#c9a86a", "#fbe3ae"], 5: [9, MAJOR, "#c9a86a", "#fbe3ae"],
    6: [10, MIDDLE, "#c9b48a", "#fff3d2"], 7: [11, MIDDLE, "#cdbfa4", "#ffffff"],
    8: [12, MINOR, "#d8cfbf", "#ffffff"], 9: [14, MINOR, "#d8cfbf", "#ffffff"],
  };

  const widthAt = (widths, zoom) => widths[Math.max(0, Math.min(widths.length - 1, Math.round(zoom) - 9))];

  const balanceClass = (share) => (share < -0.15 ? 0 : share < -0.05 ? 1 : share <= 0.05 ? 2 : share <= 0.15 ? 3 : 4);
  const coverageClass = (share, steps) => (share >= steps[0] ? 0 : share >= steps[1] ? 1 : share >= steps[2] ? 2 : 3);
  const gapClass = (count, steps) => (count > steps[2] ? 3 : count > steps[1] ? 2 : count > steps[0] ? 1 : 0);

  let hatching = null;
  function hatch(ctx, colour) {
    hatching = hatching || {};
    if (!hatching[colour]) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const pen = tile.getContext("2d");
      pen.strokeStyle = colour;
      pen.lineWidth = 1.3;
      pen.beginPath();
      for (const shift of [-8, 0, 8]) {
        pen.moveTo(shift, 8);
        pen.lineTo(shift + 8, 0);
      }
      pen.stroke();
      hatching[colour] = ctx.createPattern(tile, "repeat");
    }
    return hatching[colour];
  }

  // Corners of the signs, around 0 and within 1.
  const SIGNS = {
    place: [[-1, -1], [1, -1], [1, 1], [-1, 1]], entrance: [[0, -1.15], [1.1, 0.85], [-1.1, 0.85]],
    site: [[0, -1], [1, 0.8], [-1, 0.8]], junction: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]], cordon: [[-1.1, -0.85], [1.1, -0.85], [0, 1.15]],
  };

  function sign(ctx, kind, x, y, size, fill, edge) {
    ctx.beginPath();
    for (const [dx, dy] of SIGNS[kind]) ctx.lineTo(x + dx * size, y + dy * size);
    ctx.closePath();
    ctx.lineWidth = size > 5 ? 2 : 1.4;
    ctx.fillStyle = fill || "#ffffff";
    ctx.fill();
    ctx.strokeStyle = edge || PAINT.gap;
    ctx.stroke();
  }

  const placeSign = (ctx, first, x, y, size) =>
    sign(ctx, "place", x, y, size, first ? PAINT.place : "#fff3d6", first ? "#ffffff" : PAINT.place);

  const Sheet = L.Layer.extend({
    initialize(atlas) {
      this.atlas = atlas;
      this.view = "cells";
      this.on = {};
      this.overlay = null; // function (ctx, sheet) of the tools, painted above all but names
      this.selected = null;
    },

    // Three canvases that move as one: the painting, the tools, and the names above Leaflet's markers.
    onAdd(map) {
      const above = map.getPane("names") || map.createPane("names");
      above.style.zIndex = 620;
      above.style.pointerEvents = "none";
      this._all = [this.getPane(), this.getPane(), above].map((pane) => L.DomUtil.create("canvas", "wg-sheet leaflet-zoom-animated", pane));
      [this._canvas, this._tools, this._names] = this._all;
      this._canvas.setAttribute("role", "img");
      for (const canvas of this._all) canvas.style.pointerEvents = "none";
      this.name();
      this.refresh();
    },

    onRemove() {
      for (const canvas of this._all) canvas.remove();
    },

    getEvents() {
      return { moveend: this.refresh, resize: this.refresh, viewreset: this.refresh, zoom: this._follow, zoomanim: this._glide };
    },

    name() {
      if (this._canvas) this._canvas.setAttribute("aria-label", wangge.say("map_label"));
    },

    _follow() {
      this._move(this._map.getCenter(), this._map.getZoom());
    },

    _glide(event) {
      this._move(event.center, event.zoom);
    },

    _move(centre, zoom) {
      if (this._zoom === undefined) return;
      const map = this._map, scale = map.getZoomScale(zoom, this._zoom);
      const half = map.getSize().multiplyBy(0.5 + PADDING);
      const corner = half.multiplyBy(-scale).add(map.project(this._centre, zoom)).subtract(map._getNewPixelOrigin(centre, zoom));
      for (const canvas of this._all) L.DomUtil.setTransform(canvas, corner, scale);
    },

    // Paint again on the next frame, all or some of "_paint", "_touch" and "_label"; many calls make one painting.
    repaint(what = "_paint") {
      if (!this._asked) requestAnimationFrame(() => {
        const asked = this._asked;
        this._asked = null;
        if (this._map && this.world) for (const one of asked.has("_paint") ? ["_paint"] : asked) this[one]();
      });
      this._asked = (this._asked || new Set()).add(what);
    },

    refresh() {
      const map = this._map;
      if (!map || !map.getSize().x) return;
      const size = map.getSize(), corner = map.containerPointToLayerPoint(size.multiplyBy(-PADDING)).round();
      this._centre = map.getCenter();
      this._zoom = map.getZoom();
      this._size = size.multiplyBy(1 + 2 * PADDING);
      this._origin = map.getPixelOrigin().add(corner);
      const ratio = (this._ratio = Math.min(window.devicePixelRatio || 1, 2));
      const wide = Math.round(this._size.x * ratio), high = Math.round(this._size.y * ratio);
      for (const canvas of this._all) {
        if (canvas.width !== wide || canvas.height !== high) {
          canvas.width = wide;
          canvas.height = high;
          canvas.style.width = this._size.x + "px";
          canvas.style.height = this._size.y + "px";
        }
        L.DomUtil.setTransform(canvas, corner, 1);
      }
      this._paint();
    },

    // Where the canvas begins, in pixels of the map's container.
    cornerOf() {
      return this._map.getSize().multiplyBy(-PADDING).round();
    },

    // Mercator units to pixels of the canvas.
    toPixels(x, y) {
      return [x * this.world - this._origin.x, y * this.world - this._origin.y];
    },

    // The zoom at which cells of a county would look as large as these do now: borders and names go by it, so that a
    // province in four cells shows them at once.
    grade(zoom = this._zoom) {
      const { atlas } = this, areas = atlas.cells.length ? atlas.cells : atlas.villages;
      if (!atlas.cellSize && areas.length) {
        const sizes = areas.map(({ box }) => Math.sqrt((box[2] - box[0]) * (box[3] - box[1]))).sort((a, b) => a - b);
        atlas.cellSize = sizes[sizes.length >> 1];
      }
      return atlas.cellSize ? Math.max(zoom, 13 + Math.log2((atlas.cellSize * 256 * Math.pow(2, zoom)) / CELL_AT_13)) : zoom;
    },

    visible(shape) {
      const box = shape.box, seen = this.seen;
      return box[0] <= seen[2] && box[2] >= seen[0] && box[1] <= seen[3] && box[3] >= seen[1];
    },

    trace(ctx, shape, closed) {
      const world = this.world, ox = this._origin.x, oy = this._origin.y;
      for (const path of shape.paths) {
        let lastX = path[0] * world - ox, lastY = path[1] * world - oy;
        ctx.moveTo(lastX, lastY);
        const end = path.length - 2;
        for (let i = 2; i <= end; i += 2) {
          const x = path[i] * world - ox, y = path[i + 1] * world - oy;
          if (i < end && Math.abs(x - lastX) < 0.6 && Math.abs(y - lastY) < 0.6) continue;
          ctx.lineTo(x, y);
          lastX = x;
          lastY = y;
        }
        if (closed) ctx.closePath();
      }
    },

    fill(ctx, shapes, style) {
      ctx.beginPath();
      for (const shape of shapes) if (this.visible(shape)) this.trace(ctx, shape, true);
      ctx.fillStyle = style;
      ctx.fill("evenodd");
    },

    // In short paths: one long path that crosses itself takes browsers seconds.
    stroke(ctx, shapes, width, style, closed) {
      ctx.lineWidth = width;
      ctx.strokeStyle = style;
      let open = 0;
      for (const shape of shapes) {
        if (!this.visible(shape)) continue;
        if (open === 0) ctx.beginPath();
        this.trace(ctx, shape, closed);
        open = (open + 1) % 24;
        if (open === 0) ctx.stroke();
      }
      if (open) ctx.stroke();
    },

    _pen(canvas) {
      const ctx = canvas.getContext("2d");
      ctx.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
      ctx.clearRect(0, 0, this._size.x, this._size.y);
      ctx.lineJoin = ctx.lineCap = "round";
      return ctx;
    },

    _paint() {
      const ctx = this._pen(this._canvas), zoom = this._zoom, atlas = this.atlas;
      this.world = 256 * Math.pow(2, zoom);
      this.seen = [
        this._origin.x / this.world, this._origin.y / this.world,
        (this._origin.x + this._size.x) / this.world, (this._origin.y + this._size.y) / this.world,
      ];
      for (const area of atlas.villages.length ? atlas.villages : atlas.cells) this.fill(ctx, [area], PAINT.land);
      this._cells(ctx);
      if (this.on.water) this._rivers(ctx, zoom);
      if (this.on.roads) this._roads(ctx, zoom);
      if (this.on.gaps && zoom >= 12) this._gaps(ctx, zoom);
      if (this.on.buildings && zoom >= 15) this._buildings(ctx);
      this._borders(ctx, this.grade());
      if (this.on.sectors && zoom >= 13) this._sectors(ctx, zoom);
      this._signs(ctx, zoom);
      this._touch();
      this._label();
    },

    // The chosen cell and what the tool in hand draws.
    _touch() {
      const ctx = this._pen(this._tools);
      if (this.selected) {
        this.stroke(ctx, [this.selected], 7, "#ffffff", true);
        this.stroke(ctx, [this.selected], 4, PAINT.selected, true);
      }
      if (this.overlay) this.overlay(ctx, this);
    },

    _label() {
      const ctx = this._pen(this._names);
      if (this.on.labels) wangge.labels(ctx, this);
    },

    _cells(ctx) {
      const atlas = this.atlas, groups = new Map();
      for (const area of this.view === "coverage" && !atlas.cellCoverage ? atlas.villages : atlas.cells) {
        if (!this.visible(area)) continue;
        const [colour, opacity, hatched] = this.styleOf(area);
        const key = colour + opacity + hatched;
        if (!groups.has(key)) groups.set(key, { colour, opacity, hatched, areas: [] });
        groups.get(key).areas.push(area);
      }
      for (const group of groups.values()) {
        ctx.globalAlpha = group.opacity;
        for (const area of group.areas) this.fill(ctx, [area], group.colour);
        ctx.globalAlpha = 1;
        if (group.hatched) for (const area of group.areas) this.fill(ctx, [area], hatch(ctx, PAINT.hatch));
      }
      for (const area of atlas.cells) if (area.locked && this.visible(area)) this.fill(ctx, [area], hatch(ctx, PAINT.locked));
    },

    // Colour, opacity and hatching of a cell in the present view.
    styleOf(area) {
      if (this.view === "balance") {
        if (area.deviation === null || area.deviation === undefined) return ["#ffffff", 0.3, false];
        return [PAINT.balance[balanceClass(area.deviation)], 0.8, false];
      }
      if (this.view === "coverage") {
        if (area.covered === null || area.covered === undefined) return ["#ffffff", 0.3, false];
        const step = coverageClass(area.covered, this.atlas.coverageSteps);
        return [PAINT.coverage[step], this._zoom >= 15 ? 0.25 : this._zoom >= 14 ? 0.45 : 0.7, step === 3 && this._zoom < 14];
      }
      if (this.view === "gaps") {
        if (!area.gaps) return ["#ffffff", 0.35, false];
        return [PAINT.gaps[gapClass(area.gaps, this.atlas.gapSteps)], this._zoom >= 14 ? 0.16 : this._zoom >= 12 ? 0.45 : 0.85, false];
      }
      return [this.atlas.palette[area.colour] || "#ffffff", 0.62, false];
    },

    _rivers(ctx, zoom) {
      this.stroke(ctx, this.atlas.barriers[0] || [], widthAt(STREAM, zoom), PAINT.water, false);
    },

    _roads(ctx, zoom) {
      const barriers = this.atlas.barriers;
      for (const pass of [0, 1]) {
        for (const kind of [9, 8, 7, 6, 5, 4, 3]) {
          const [first, widths, casing, fill] = ROADS[kind];
          if (zoom < first || !barriers[kind]) continue;
          const width = widthAt(widths, zoom);
          if (pass === 0) this.stroke(ctx, barriers[kind], width + (width > 3 ? 1.6 : 0.9), casing, false);
          else if (width > 0.8) this.stroke(ctx, barriers[kind], width, fill, false);
        }
      }
      if (barriers[1]) {
        this.stroke(ctx, barriers[1], zoom < 12 ? 1.2 : 3, "#6b6f76", false);
        if (zoom >= 12) {
          ctx.setLineDash([8, 8]);
          this.stroke(ctx, barriers[1], 1.6, "#ffffff", false);
          ctx.setLineDash([]);
        }
      }
      if (barriers[2] && zoom >= 14) this.stroke(ctx, barriers[2], 1.5, "#8a7f70", false);
    },

    _buildings(ctx) {
      for (const chunk of wangge.buildings(this.atlas)) {
        if (!this.visible(chunk)) continue;
        this.fill(ctx, chunk.shapes, PAINT.building);
        ctx.lineWidth = 0.7;
        ctx.strokeStyle = PAINT.wall;
        ctx.stroke();
      }
    },

    _borders(ctx, zoom) {
      const { cells, arcs } = this.atlas, rank = (wanted) => arcs.filter((arc) => arc.rank === wanted);
      if (zoom >= 10) {
        const near = zoom >= 14.5;
        if (zoom >= 13) this.stroke(ctx, cells, near ? 4 : 3, "rgba(255,255,255,.9)", true);
        this.stroke(ctx, cells, near ? 1.8 : zoom >= 13 ? 1.2 : zoom >= 11 ? 0.7 : 0.4, PAINT.cell, true);
        const special = cells.filter((cell) => cell.special);
        if (special.length) {
          ctx.setLineDash([2, 4]);
          this.stroke(ctx, special, 2.4, INK, true);
          ctx.setLineDash([]);
        }
      }
      this.ranked = this.ranked || [rank(0), rank(1), rank(2)];
      if (zoom >= 10) this.stroke(ctx, this.ranked[2], zoom >= 13 ? 2.2 : zoom >= 11 ? 1.3 : 0.6, PAINT.village, false);
      this.stroke(ctx, this.ranked[1], zoom >= 11 ? 4.5 : 3, "rgba(255,255,255,.75)", false);
      ctx.setLineDash([9, 5]);
      this.stroke(ctx, this.ranked[1], zoom >= 11 ? 2.5 : 1.6, PAINT.town, false);
      ctx.setLineDash([]);
      this.stroke(ctx, this.ranked[0], zoom >= 11 ? 3 : 2, PAINT.county, false);
    },

    _sectors(ctx, zoom) {
      const idle = this.atlas.sectors.filter((one) => one.idle), working = this.atlas.sectors.filter((one) => !one.idle);
      for (const [shapes, colour] of [[working, PAINT.sector], [idle, PAINT.idle]]) {
        ctx.globalAlpha = zoom >= 15 ? 0.35 : 0.55;
        for (const shape of shapes) this.fill(ctx, [shape], colour);
        ctx.globalAlpha = 1;
        if (zoom >= 15) this.stroke(ctx, shapes, 0.8, colour, true);
      }
    },

    // Blind areas and blind roads, below the buildings.
    _gaps(ctx, zoom) {
      const gaps = this.atlas.gaps.filter((gap) => !SIGNS[gap.kind] && this.visible(gap));
      ctx.globalAlpha = zoom >= 14 ? 0.32 : 0.5;
      for (const gap of gaps) this.fill(ctx, [gap], PAINT.gap);
      ctx.globalAlpha = zoom >= 16 ? 0.5 : 0.3;
      if (zoom >= 15) for (const gap of gaps) if (gap.kind === "area") this.fill(ctx, [gap], hatch(ctx, PAINT.gap));
      ctx.globalAlpha = 1;
      if (zoom >= 15) this.stroke(ctx, gaps, 0.8, PAINT.gap, true);
    },

    // Signs of sites, places, and of what is not covered; one that would stand on an earlier one is left out.
    _signs(ctx, zoom) {
      const taken = new Set(), size = zoom >= 16 ? 5.5 : zoom >= 15 ? 4.5 : zoom >= 13 ? 3.2 : 2.4;
      const put = (item, paint) => {
        const [x, y] = this.toPixels(item.x, item.y), step = zoom >= 17 ? 1 : 3 * size;
        if (x < 0 || y < 0 || x > this._size.x || y > this._size.y) return;
        const column = Math.floor(x / step), line = Math.floor(y / step), key = column * 1e4 + line;
        if (taken.has(key)) return;
        taken.add(key);
        paint(x, y);
      };
      if (this.on.sites) for (const site of this.atlas.sites) put(site, (x, y) => sign(ctx, "site", x, y, size + 2, PAINT.site, "#ffffff"));
      if (this.on.gaps && zoom >= 14) for (const gap of this.atlas.gaps) {
        if (!SIGNS[gap.kind] || !this.visible(gap)) continue;
        const box = gap.box;
        put({ x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2 }, (x, y) => sign(ctx, gap.kind, x, y, size));
      }
      if (this.on.places && zoom >= 12) for (const first of [true, false]) {
        if (first || zoom >= 13) for (const place of this.atlas.places) {
          if ((place.priority === 1) === first) put(place, (x, y) => placeSign(ctx, first, x, y, size));
        }
      }
    },
  });

  Object.assign(wangge, { Sheet, PAINT, ROADS, balanceClass, coverageClass, gapClass, hatch, sign, placeSign, SIGNS });
})();
