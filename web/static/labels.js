"use strict";
// Names on the map: towns, villages, cells, places, in that order; a name that would cover another one is dropped.
(function () {
  const wangge = (window.wangge = window.wangge || {});
  const FAMILY = '"Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "WenQuanYi Micro Hei", sans-serif';
  const widths = new Map();

  function widthOf(ctx, text, font) {
    const key = font + text;
    if (!widths.has(key)) {
      if (widths.size > 20000) widths.clear();
      ctx.font = font;
      widths.set(key, ctx.measureText(text).width);
    }
    return widths.get(key);
  }

  const glyph = (share) => (share > 0.05 ? "▲" : share < -0.05 ? "▼" : "●");

  // Second line of a cell's name: what the view is about.
  function detail(cell, view) {
    const say = wangge.say, number = wangge.number;
    if (view === "balance") return cell.deviation === null ? "" : glyph(cell.deviation) + " " + wangge.signedShare(cell.deviation);
    if (view === "coverage") return cell.covered === null ? "" : wangge.share(cell.covered);
    if (view === "gaps") return cell.gaps ? say("gaps_here", { n: cell.gaps }) : "";
    return cell.households === null ? "" : say("households_of", { n: number(cell.households) });
  }

  const short = (name) => name.replace(/(村|社区)(民|居民)?委(员)?会$/, "$1");

  function townAnchors(atlas) {
    if (atlas.townAnchors) return atlas.townAnchors;
    const anchors = atlas.towns.map((town) => ({ name: town.name, x: 0, y: 0, w: 0 }));
    for (const village of atlas.villages) {
      const at = wangge.anchor(village), town = anchors[village.town], box = village.box;
      const weight = (box[2] - box[0]) * (box[3] - box[1]);
      if (!town) continue;
      town.x += at.x * weight;
      town.y += at.y * weight;
      town.w += weight;
    }
    for (const [index, town] of anchors.entries()) {
      town.x /= town.w;
      town.y /= town.w;
      const own = atlas.villages.filter((village) => village.town === index);
      if (own.some((village) => wangge.inside(village, town.x, town.y))) continue;
      let best = Infinity;
      for (const at of own.map(wangge.anchor)) {
        const far = Math.hypot(at.x - town.x, at.y - town.y);
        if (far < best) [best, town.nearX, town.nearY] = [far, at.x, at.y];
      }
      if (best < Infinity) [town.x, town.y] = [town.nearX, town.nearY];
    }
    return (atlas.townAnchors = anchors.filter((town) => town.w));
  }

  function candidates(sheet, zoom) {
    const atlas = sheet.atlas, out = [], grow = wangge.large ? 1.25 : 1;
    const add = (at, lines, room) => out.push({ at, lines, room });
    if (sheet.view === "gaps" && sheet.on.gaps) {
      for (const gap of atlas.gaps.slice(0, 20)) {
        if (zoom >= 11 && sheet.visible(gap)) add(wangge.anchor(gap), [[String(gap.rank), 13 * grow, "bold", "#8c1d18"]], 0);
      }
    }
    if (zoom <= 11) for (const town of townAnchors(atlas)) add(town, [[town.name, 16 * grow, "bold", "#1f2933"]], 0);
    if (zoom >= 12 && zoom <= 13) {
      for (const village of atlas.villages) {
        if (sheet.visible(village)) add(wangge.anchor(village), [[short(village.name), 13 * grow, zoom === 12 ? "" : "bold", "#3d3450"]], 0);
      }
    }
    if (zoom >= 13) {
      for (const cell of atlas.cells) {
        if (!sheet.visible(cell)) continue;
        const title = zoom >= 15 && cell.villageName ? short(cell.villageName) + " " + wangge.cellName(cell) : wangge.cellName(cell);
        const lines = [[title, 13 * grow, "bold", "#1f2933"]], more = detail(cell, sheet.view);
        if (more) lines.push([more, 11 * grow, "", "#3f4a56"]);
        add(wangge.anchor(cell), lines, 0.75);
      }
    }
    if (zoom >= 15 && sheet.on.places) {
      for (const place of atlas.places) add({ x: place.x, y: place.y, dy: 14 }, [[place.name, 12 * grow, "", "#7a4b00"]], 0);
    }
    return out;
  }

  function labels(ctx, sheet) {
    const taken = [];
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const { at, lines, room } of candidates(sheet, Math.round(sheet._zoom))) {
      let [x, y] = sheet.toPixels(at.x, at.y);
      y += at.dy || 0;
      let wide = 0, high = 0;
      const fonts = lines.map(([text, size, weight]) => {
        const font = `${weight} ${size}px ${FAMILY}`;
        wide = Math.max(wide, widthOf(ctx, text, font));
        high += size * 1.25;
        return font;
      });
      if (room && at.r * sheet.world < room * Math.max(wide, high) / 2) continue;
      const box = [x - wide / 2 - 3, y - high / 2 - 2, x + wide / 2 + 3, y + high / 2 + 2];
      if (box[2] < 0 || box[3] < 0 || box[0] > sheet._size.x || box[1] > sheet._size.y) continue;
      if (taken.some((one) => one[0] < box[2] && one[2] > box[0] && one[1] < box[3] && one[3] > box[1])) continue;
      taken.push(box);
      let top = y - high / 2;
      lines.forEach(([text, size, , colour], index) => {
        top += size * 0.625;
        ctx.font = fonts[index];
        ctx.lineWidth = 3;
        ctx.strokeStyle = "rgba(255,255,255,.92)";
        ctx.strokeText(text, x, top);
        ctx.fillStyle = colour;
        ctx.fillText(text, x, top);
        top += size * 0.625;
      });
    }
    sheet.labelled = taken.length;
  }

  Object.assign(wangge, { labels, glyph });
})();
