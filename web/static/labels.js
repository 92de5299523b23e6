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
    if (view === "coverage") return cell.covered === null ? "" : wangge.share(cell.covered) + (cell.stale ? "*" : "");
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

  // What may be written, the important first; of several wordings the first that finds room is taken.
  function candidates(sheet, zoom, grade) {
    const atlas = sheet.atlas, out = [], grow = wangge.large ? 1.25 : 1;
    const add = (at, room, ...wordings) => out.push({ at, room, wordings });
    const bold = (text, size, colour) => [text, size * grow, "bold", colour], thin = (text, size, colour) => [text, size * grow, "", colour];
    if (sheet.view === "gaps" && sheet.on.gaps && zoom >= 12) {
      for (const gap of atlas.gaps.slice(0, 20)) {
        if (sheet.visible(gap)) add(wangge.anchor(gap), 0, [bold(wangge.say("gap_title", { n: gap.rank }), 12, "#8c1d18")]);
      }
    }
    if (grade <= 11) for (const town of townAnchors(atlas)) add(town, 0, [bold(town.name, 16, "#1f2933")]);
    if (grade === 12 || grade === 13 || (grade > 13 && !atlas.cells.length)) {
      for (const village of atlas.villages) {
        if (sheet.visible(village)) add(wangge.anchor(village), 0, [(grade === 12 ? thin : bold)(short(village.name), 13, "#3d3450")]);
      }
    }
    if (grade >= 13) {
      for (const cell of atlas.cells) {
        if (!sheet.visible(cell)) continue;
        const name = wangge.cellName(cell), more = detail(cell, sheet.view), line = more ? [thin(more, 11, "#3f4a56")] : [];
        const plain = [bold(name, 13, "#1f2933"), ...line], bare = [bold(cell.serial.slice(-2), 12, "#1f2933")];
        if (grade === 13 || !cell.villageName) add(wangge.anchor(cell), 0.75, plain, bare);
        else add(wangge.anchor(cell), 0.75, [bold(short(cell.villageName) + " " + name, 13, "#1f2933"), ...line], plain, [...bare, ...line], bare);
      }
    }
    if (zoom >= 15 && sheet.on.places) {
      for (const place of atlas.places) add({ x: place.x, y: place.y, dy: 14 }, 0, [thin(place.name, 12, "#7a4b00")]);
    }
    return out;
  }

  // Where a name of a town or village goes in turn, in pixels: down and up, then to the sides.
  const STEPS = [0, 16, -16, 30, -30, 44, -44], SIDES = [0, 16, -16, 30, -30];

  const meets = (boxes, box) => boxes.some((one) => one[0] < box[2] && one[2] > box[0] && one[1] < box[3] && one[3] > box[1]);

  // Where a wording would stand, or null where there is no room; names of towns and villages step aside for clusters,
  // those of cells give way.
  function placed(ctx, sheet, { at, room }, lines, taken, inTheWay) {
    let wide = 0, high = 0;
    for (const [text, size, weight] of lines) {
      wide = Math.max(wide, widthOf(ctx, text, `${weight} ${size}px ${FAMILY}`));
      high += size * 1.25;
    }
    if (room && at.r * sheet.world < room * Math.max(wide, high) / 2) return null;
    const [x, y] = sheet.toPixels(at.x, at.y), side = wide / 2 + 22;
    const boxAt = ([dx, dy]) => [x + dx - wide / 2 - 3, y + dy - high / 2 - 2, x + dx + wide / 2 + 3, y + dy + high / 2 + 2];
    const free = (step) => !meets(taken, boxAt(step)), here = [0, at.dy || 0];
    const ways = room || at.dy ? [] : [...STEPS.map((dy) => [0, dy]), ...SIDES.flatMap((dy) => [[side, dy], [-side, dy]])];
    const step = ways.find((way) => free(way) && !meets(inTheWay, boxAt(way))) || here, box = boxAt(step);
    if (box[2] < 0 || box[3] < 0 || box[0] > sheet._size.x || box[1] > sheet._size.y || !free(step) || (room && meets(inTheWay, box))) return null;
    taken.push(box);
    return [x + step[0], y + step[1] - high / 2];
  }

  function labels(ctx, sheet) {
    const taken = [], inTheWay = sheet.inTheWay();
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineWidth = 3;
    ctx.strokeStyle = "rgba(255,255,255,.92)";
    for (const one of candidates(sheet, Math.round(sheet._zoom), Math.round(sheet.grade()))) {
      for (const lines of one.wordings) {
        const corner = placed(ctx, sheet, one, lines, taken, inTheWay);
        if (!corner) continue;
        let [x, top] = corner;
        for (const [text, size, weight, colour] of lines) {
          ctx.font = `${weight} ${size}px ${FAMILY}`;
          ctx.strokeText(text, x, top + size * 0.625);
          ctx.fillStyle = colour;
          ctx.fillText(text, x, top + size * 0.625);
          top += size * 1.25;
        }
        break;
      }
    }
    sheet.labelled = taken.length;
  }

  Object.assign(wangge, { labels, glyph });
})();
