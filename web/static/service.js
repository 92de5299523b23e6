"use strict";
// What the drawing page says to the service and takes from it: one edit at a time, and only the cells it names.
(function () {
  const wangge = window.wangge, { say, recolour, beside } = wangge;
  const desk = (wangge.drawing = {
    page: null, map: null, sheet: null, atlas: null, state: null, busy: false,
    tool: "select", line: [], other: null, picked: new Set(), keep: 0, blocks: null, swept: null, seen: null,
  });
  const PREVIEW_MS = 200;
  let turn = 0;

  const chosen = () => desk.sheet.selected;
  const cellOf = (code) => desk.atlas.cells.find((cell) => cell.code === code) || null;
  const clock = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });
  // Words of the service, with names in the place of the codes of cells, as the map has them.
  const said = (one) => (wangge.language === "en" ? one.message_en : one.message_zh).replace(/(?:网格 |cell )?([\w-]{4,})( ?)/g, (text, code, space) => {
    const cell = cellOf(code);
    return cell ? [cell.villageName, wangge.cellName(cell)].filter(Boolean).join(" ") + (wangge.language === "en" ? space : "") : text;
  });

  async function ask(path, body) {
    const options = { credentials: "same-origin", headers: { Accept: "application/json" } };
    if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) }, { headers: { "Content-Type": "application/json" } });
    let answer;
    try {
      answer = await fetch("/api/v1/" + path, options);
    } catch {
      throw Object.assign(new Error(say("no_service")), { unheard: true });
    }
    const data = await answer.json().catch(() => ({}));
    if (answer.ok) return data;
    const error = data.error || {}, fault = new Error(error[wangge.language] || error.zh || say("no_answer", { n: answer.status }));
    fault.stale = answer.status === 409 && data.revision !== undefined && data.revision !== desk.state.revision;
    fault.conflict = data.conflict || null;
    throw fault;
  }

  // Sends one edit and takes up the answer; gives whether it was done.
  async function send(path, body) {
    if (desk.busy) return false;
    desk.busy = true;
    document.documentElement.dataset.busy = "";
    let kept = null, done = false;
    try {
      apply(await ask(path, { ...body, revision: desk.state.revision }));
      done = true;
    } catch (fault) {
      const drawn = { line: desk.line, other: desk.other && desk.other.code, swept: [...(desk.swept || [])].map((block) => block.block_id), typed: body };
      desk.toast(fault.message, true);
      if (fault.unheard) kept = drawn;
      if (fault.stale) {
        await reload();
        kept = drawn;
        desk.toast(changedBy(fault), true);
      }
    } finally {
      desk.busy = false;
      delete document.documentElement.dataset.busy;
      desk.reset();
      if (kept) await resume(kept);
    }
    return done;
  }

  // Asks what a wish would do, when the hand has rested; nothing is stored.
  function foresee(wish) {
    const mine = ++turn;
    desk.seen = null;
    if (wish) setTimeout(async () => {
      if (mine !== turn || desk.busy) return;
      const seen = await ask("edits?preview=true", { ...wish, revision: desk.state.revision }).catch((fault) => ({ fault: fault.message }));
      if (mine !== turn) return;
      seen.shapes = seen.cells ? seen.cells.features.map((feature) => wangge.fromGeoJSON(feature.geometry)) : [];
      desk.seen = seen;
      desk.show();
    }, PREVIEW_MS);
  }

  // Who changed the village in the meantime, and what.
  function changedBy(fault) {
    const last = fault.conflict && fault.conflict.changes[0];
    if (!last) return say("reloaded");
    return say("conflict", { w: last.who, t: clock(last.at), a: wangge.language === "en" ? last.en : last.zh });
  }

  // Takes up what was drawn or typed before, as far as its cells are still there.
  async function resume(kept) {
    if (!chosen() || desk.tool === "select") return;
    if (desk.tool === "note") return desk.retype(kept.typed);
    desk.line = kept.line;
    desk.other = kept.other ? cellOf(kept.other) : null;
    if (desk.other && !beside(desk.other, chosen())) desk.other = null;
    if (kept.swept.length) await fetchBlocks();
    const still = (desk.blocks || []).filter((block) => kept.swept.includes(block.block_id) && block.cell_code !== chosen().code);
    desk.swept = still.length ? new Set(still) : null;
    desk.rest();
    desk.show();
  }

  function apply(answer) {
    const { atlas } = desk, keep = chosen() && chosen().code, fresh = answer.cells.features.map(taken);
    const gone = new Set([...answer.removed, ...fresh.map((cell) => cell.code)]);
    const colours = new Map(atlas.cells.map((cell) => [cell.code, cell.colour]));
    atlas.cells = atlas.cells.filter((cell) => !gone.has(cell.code)).concat(fresh);
    for (const cell of fresh) cell.colour = colours.has(cell.code) ? colours.get(cell.code) : -1;
    for (const cell of fresh) recolour(atlas.cells, cell);
    atlas.cells.sort((a, b) => (a.code < b.code ? -1 : 1));
    const { cells, removed, message_zh, message_en, notes, ...news } = answer;
    desk.state = { ...desk.state, ...news };
    desk.blocks = null;
    desk.select(cellOf(keep) || fresh[0] || null);
    desk.problems();
    desk.page.refresh();
    desk.sheet.repaint();
    const words = said(answer), look = (notes || []).slice(0, 3).map(said);
    desk.toast(look.length ? say("done_look", { a: words, b: look.join(wangge.language === "en" ? "; " : "；") }) : words, false, look.length > 0);
  }

  async function reload() {
    const news = await ask("state"), cells = await ask("cells.geojson"); // in this order: cells may be newer, never older
    const codes = new Set(cells.features.map((feature) => feature.properties.cell_code));
    const removed = desk.atlas.cells.map((cell) => cell.code).filter((code) => !codes.has(code));
    apply({ cells, removed, ...news, message_zh: say("reloaded"), message_en: say("reloaded") });
  }

  // Whether a cell covers the ground it did; a metre is rounding.
  const alike = (known, cell, area) => Boolean(known.box) && Math.round(known.area) === Math.round(area) && known.box.every((edge, side) => Math.abs(edge - cell.box[side]) < 2.5e-8);

  // One cell of an answer as the atlas keeps it.
  function taken(feature) {
    const row = feature.properties, cell = wangge.fromGeoJSON(feature.geometry), known = cellOf(row.cell_code) || {};
    const of = desk.atlas.villages.findIndex((village) => village.code === row.village_code);
    const value = (name) => (row[name] === undefined ? null : row[name]);
    Object.assign(cell, {
      village: of, serial: of < 0 ? row.cell_code : row.cell_code.slice(row.village_code.length), name: row.cell || "",
      special: row.kind === "special", households: value("households"), residents: value("residents"),
      party: value("party_members"), deviation: value("deviation_share"), area: value("area_m2"),
      compactness: value("compactness"), locked: row.locked === true, note: row.note === undefined ? known.note : row.note,
      gaps: known.gaps || 0, covered: known.covered === undefined ? null : known.covered, stale: known.stale || !alike(known, cell, row.area_m2),
      leads: known.leads === undefined ? null : known.leads, staff: known.staff === undefined ? null : known.staff,
    });
    wangge.named(desk.atlas, cell);
    return cell;
  }

  async function fetchBlocks() {
    const village = desk.atlas.villages[chosen().village], code = village ? village.code : chosen().code.slice(0, -3);
    if (desk.blocks && desk.blocks.village === code) return;
    try {
      const answer = await ask("blocks.geojson?village=" + encodeURIComponent(code));
      desk.blocks = answer.features.map((feature) => Object.assign(wangge.fromGeoJSON(feature.geometry), feature.properties));
      desk.blocks.village = code;
    } catch (fault) {
      desk.toast(fault.message, true);
    }
    desk.show();
  }

  Object.assign(desk, { chosen, cellOf, clock, said, send, foresee, fetchBlocks });
})();
