"use strict";
// The drawing page: pick, split, merge and move on the painted map. The server holds the truth; this page sends
// one edit at a time and repaints only the cells that the answer names.
(function () {
  const wangge = window.wangge, { say, number, element, clear, beside, recolour } = wangge;
  const $ = (id) => document.getElementById("wg-" + id);
  const TOOLS = { v: "select", s: "split", m: "merge", p: "move" };
  let page, map, sheet, atlas, state;
  let tool = "select", line = [], other = null, blocks = null, swept = null, busy = false;

  const cellOf = (code) => atlas.cells.find((cell) => cell.code === code) || null;
  const chosen = () => sheet.selected;
  const villageOf = (cell) => atlas.villages[cell.village];
  const siblings = (cell) => atlas.cells.filter((one) => one.village === cell.village);
  const full = (cell) => (cell.villageName ? cell.villageName + " " : "") + wangge.cellName(cell);

  // ---- talking to the service ------------------------------------------------------------------------------
  async function ask(path, body) {
    const options = { credentials: "same-origin", headers: { Accept: "application/json" } };
    if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) }, { headers: { "Content-Type": "application/json" } });
    let answer;
    try {
      answer = await fetch("/api/v1/" + path, options);
    } catch {
      throw new Error(say("no_service"));
    }
    const data = await answer.json().catch(() => ({}));
    if (answer.ok) return data;
    const error = data.error || {}, fault = new Error(error[wangge.language] || error.zh || say("no_answer", { n: answer.status }));
    fault.stale = answer.status === 409 && data.revision !== undefined && data.revision !== state.revision;
    fault.conflict = data.conflict || null;
    throw fault;
  }

  async function send(path, body) {
    if (busy) return;
    busy = true;
    document.documentElement.dataset.busy = "";
    let kept = null;
    try {
      apply(await ask(path, { ...body, revision: state.revision }));
    } catch (fault) {
      const drawn = { line, other: other && other.code, swept: [...(swept || [])].map((block) => block.block_id) };
      toast(fault.message, true);
      if (fault.stale) {
        await reload();
        kept = drawn;
        toast(changedBy(fault), true);
      }
    } finally {
      busy = false;
      delete document.documentElement.dataset.busy;
      reset();
      if (kept) await resume(kept);
    }
  }

  // Who changed the village in the meantime, and what.
  function changedBy(fault) {
    const last = fault.conflict && fault.conflict.changes[0];
    if (!last) return fault.message;
    return say("conflict", { w: last.who, t: clock(last.at), a: wangge.language === "en" ? last.en : last.zh });
  }

  // Takes up what was drawn before the cells were loaded anew, as far as they are still there.
  async function resume(kept) {
    if (!chosen() || tool === "select") return;
    line = kept.line;
    other = kept.other ? cellOf(kept.other) : null;
    if (other && !beside(other, chosen())) other = null;
    if (line.length || kept.swept.length) await fetchBlocks();
    const still = (blocks || []).filter((block) => kept.swept.includes(block.block_id) && block.cell_code !== chosen().code);
    swept = still.length ? new Set(still) : null;
    show();
  }

  const clock = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });

  function apply(answer) {
    const keep = chosen() && chosen().code, fresh = answer.cells.features.map(taken);
    const gone = new Set([...answer.removed, ...fresh.map((cell) => cell.code)]);
    const colours = new Map(atlas.cells.map((cell) => [cell.code, cell.colour]));
    atlas.cells = atlas.cells.filter((cell) => !gone.has(cell.code)).concat(fresh);
    for (const cell of fresh) cell.colour = colours.has(cell.code) ? colours.get(cell.code) : -1;
    for (const cell of fresh) recolour(atlas.cells, cell);
    atlas.cells.sort((a, b) => (a.code < b.code ? -1 : 1));
    const { cells, removed, message_zh, message_en, ...news } = answer;
    state = { ...state, ...news };
    blocks = null;
    select(cellOf(keep) || fresh[0] || null);
    problems();
    page.refresh();
    sheet.repaint();
    toast(wangge.language === "en" ? message_en : message_zh);
  }

  async function reload() {
    const news = await ask("state"), cells = await ask("cells.geojson"); // in this order: cells may be newer, never older
    const codes = new Set(cells.features.map((feature) => feature.properties.cell_code));
    const removed = atlas.cells.map((cell) => cell.code).filter((code) => !codes.has(code));
    apply({ cells, removed, ...news, message_zh: say("reloaded"), message_en: say("reloaded") });
  }

  // One cell of an answer as the atlas keeps it.
  function taken(feature) {
    const row = feature.properties, cell = wangge.fromGeoJSON(feature.geometry), known = cellOf(row.cell_code) || {};
    const of = atlas.villages.findIndex((village) => village.code === row.village_code);
    const value = (name) => (row[name] === undefined ? null : row[name]);
    Object.assign(cell, {
      village: of, serial: of < 0 ? row.cell_code : row.cell_code.slice(row.village_code.length), name: row.cell || "",
      special: row.kind === "special", households: value("households"), residents: value("residents"),
      party: value("party_members"), deviation: value("deviation_share"), area: value("area_m2"),
      compactness: value("compactness"), locked: row.locked === true,
      gaps: known.gaps || 0, covered: known.covered === undefined ? null : known.covered, stale: known.covered !== null || known.gaps > 0,
      leads: known.leads === undefined ? null : known.leads, staff: known.staff === undefined ? null : known.staff,
    });
    wangge.named(atlas, cell);
    return cell;
  }

  // ---- tools -----------------------------------------------------------------------------------------------
  function take(name) {
    if (name !== "select" && !state.can_edit) return toast(say("read_only"), true);
    tool = name;
    reset();
    map.dragging[name === "move" ? "disable" : "enable"]();
    map.doubleClickZoom[name === "split" ? "disable" : "enable"]();
    document.querySelectorAll("[data-tool]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.tool === name));
    document.documentElement.dataset.tool = name;
    if (name === "move" && chosen()) fetchBlocks();
  }

  function reset() {
    line = [];
    other = null;
    swept = null;
    show();
  }

  // A click, or Space at the middle of the map.
  function act(latlng) {
    if (busy) return true;
    const cell = page.cellAt(latlng);
    map.closePopup();
    if (tool === "select" || !chosen()) select(cell);
    else if (tool === "split") {
      const last = line[line.length - 1];
      if (!last || map.latLngToContainerPoint(last).distanceTo(map.latLngToContainerPoint(latlng)) > 3) line.push(latlng);
      fetchBlocks();
    } else if (tool === "merge") offer(cell);
    else if (tool === "move") {
      sweep(latlng);
      drop();
    }
    show();
    return true;
  }

  function select(cell) {
    sheet.selected = cell;
    if (cell && tool === "move") fetchBlocks();
    show();
  }

  function offer(cell) {
    if (!cell || cell === chosen()) return;
    if (cell.village !== chosen().village) return toast(say("other_village"), true);
    if (!beside(cell, chosen())) return toast(say("not_beside", { a: full(chosen()), b: full(cell) }), true);
    other = cell;
    show();
  }

  function finish() {
    if (tool === "split" && line.length > 1) send("edits", { action: "split", cell: chosen().code, line: line.map((at) => [at.lng, at.lat]) });
    else if (tool === "merge" && other) send("edits", { action: "merge", cells: [chosen().code, other.code] });
    else if (tool === "move" && swept) drop();
  }

  async function fetchBlocks() {
    const code = villageOf(chosen()) ? villageOf(chosen()).code : chosen().code.slice(0, -3);
    if (blocks && blocks.village === code) return;
    try {
      const answer = await ask("blocks.geojson?village=" + encodeURIComponent(code));
      blocks = answer.features.map((feature) => Object.assign(wangge.fromGeoJSON(feature.geometry), feature.properties));
      blocks.village = code;
    } catch (fault) {
      toast(fault.message, true);
    }
    show();
  }

  function sweep(latlng) {
    const x = wangge.mercatorX(latlng.lng), y = wangge.mercatorY(latlng.lat), to = chosen().code;
    const block = blocks && blocks.find((one) => wangge.inside(one, x, y));
    swept = swept || new Set();
    if (block && block.cell_code !== to && !swept.has(block)) {
      swept.add(block);
      hint();
      sheet.repaint("_touch");
    }
  }

  // Households on the left and on the right of the drawn line, by the middles of the chosen cell's blocks.
  function halves() {
    const points = line.map((at) => [wangge.mercatorX(at.lng), wangge.mercatorY(at.lat)]), sums = [0, 0];
    for (const block of blocks || []) {
      if (block.cell_code !== chosen().code) continue;
      const { x, y } = wangge.anchor(block);
      let best = Infinity, side = 0;
      for (let i = 1; i < points.length; i++) {
        const [ax, ay] = points[i - 1], dx = points[i][0] - ax, dy = points[i][1] - ay;
        const t = Math.max(i === 1 ? -Infinity : 0, Math.min(i === points.length - 1 ? Infinity : 1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
        const far = Math.hypot(x - ax - t * dx, y - ay - t * dy);
        if (far < best) [best, side] = [far, dx * (y - ay) - dy * (x - ax) > 0 ? 1 : 0];
      }
      sums[side] += block.households || 0;
    }
    return sums;
  }

  // Households of every cell that the swept blocks touch, before and after.
  function changes() {
    const given = new Map();
    for (const block of swept || []) given.set(block.cell_code, (given.get(block.cell_code) || 0) - (block.households || 0));
    given.set(chosen().code, -[...given.values()].reduce((sum, one) => sum + one, 0));
    return [...given].map(([code, more]) => [cellOf(code), more]).filter(([cell]) => cell);
  }

  function drop() {
    const ids = [...(swept || [])].map((block) => block.block_id);
    if (ids.length) send("edits", { action: "move", blocks: ids, to: chosen().code });
    else swept = null;
  }

  // ---- painting of tools -----------------------------------------------------------------------------------
  function overlay(ctx, on) {
    if (tool === "move" && blocks && chosen()) {
      const moved = swept || new Set();
      on.stroke(ctx, blocks, 1, "rgba(31,41,51,.55)", true);
      for (const block of moved) on.fill(ctx, [block], "rgba(29,95,158,.55)");
      on.stroke(ctx, [...moved], 2.5, "#1d5f9e", true);
    }
    if (other) {
      on.fill(ctx, [other], "rgba(29,95,158,.25)");
      on.stroke(ctx, [other], 4, "#1d5f9e", true);
    }
    if (!line.length) return;
    ctx.beginPath();
    line.forEach((at, index) => ctx[index ? "lineTo" : "moveTo"](...on.toPixels(wangge.mercatorX(at.lng), wangge.mercatorY(at.lat))));
    for (const [width, colour, dash] of [[6, "#ffffff", []], [3, "#b3261e", [8, 5]]]) {
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      ctx.setLineDash(dash);
      ctx.stroke();
    }
    ctx.setLineDash([]);
    for (const at of line) {
      const [x, y] = on.toPixels(wangge.mercatorX(at.lng), wangge.mercatorY(at.lat));
      ctx.beginPath();
      ctx.arc(x, y, 4.5, 0, 7);
      ctx.fillStyle = "#ffffff";
      ctx.fill();
      ctx.lineWidth = 2;
      ctx.strokeStyle = "#b3261e";
      ctx.stroke();
    }
  }

  // ---- the cards around the map ----------------------------------------------------------------------------
  function show() {
    top();
    card();
    list();
    hint();
    sheet.repaint("_touch");
  }

  function top() {
    $("county").textContent = state.county || atlas.title;
    $("plan").textContent = state.plan || say("no_plan");
    $("status").textContent = say("status_" + (state.status || "draft"));
    $("status").dataset.status = state.status || "draft";
    $("sample").hidden = !atlas.sample;
    $("sample").textContent = say("sample");
    const time = state.saved_at && clock(state.saved_at);
    $("saved").textContent = !state.can_edit ? say("read_only_short") : time ? "✓ " + say("saved", { t: time }) : "";
    $("undo").disabled = !state.can_undo || busy;
    $("redo").disabled = !state.can_redo || busy;
    document.querySelectorAll("[data-tool]").forEach((button) => (button.disabled = button.dataset.tool !== "select" && !state.can_edit));
    for (const id of ["history", "status"]) $(id).href = "/history?lang=" + (wangge.language === "en" ? "en" : "zh");
    $("tongue").textContent = wangge.language === "zh" ? "English" : "中文";
    $("tongue").lang = wangge.language === "zh" ? "en" : "zh-CN";
  }

  function card() {
    const cell = chosen();
    if (!cell) return clear($("card"), element("p", { class: "wg-empty" }, say(atlas.cells.length ? "pick_one" : "no_cells")));
    const parts = [wangge.cellFacts(cell)];
    if (tool === "merge") {
      if (other) {
        const sum = (cell.households || 0) + (other.households || 0);
        parts.push(element("div", { class: "wg-confirm" },
          element("p", {}, say("merge_sum", { a: wangge.cellName(cell), b: wangge.cellName(other), m: number(cell.households || 0), k: number(other.households || 0), n: number(sum) })),
          element("button", { type: "button", class: "wg-main", onclick: finish }, say("confirm")),
          element("button", { type: "button", onclick: reset }, say("cancel"))));
      } else {
        const near = siblings(cell).filter((one) => one !== cell && beside(one, cell));
        parts.push(element("div", { class: "wg-choices-row" }, element("p", {}, say(near.length ? "merge_with" : "no_neighbour")), ...near.map((one) =>
          element("button", { type: "button", onclick: () => offer(one) }, wangge.cellName(one) + (one.households === null ? "" : " · " + say("households_of", { n: number(one.households) }))))));
      }
    }
    if (tool === "split" && line.length > 1) {
      const [a, b] = halves();
      parts.push(element("div", { class: "wg-confirm" },
        a + b ? element("p", {}, say("split_preview", { n: number(cell.households || 0), a: number(a), b: number(b) })) : null,
        element("button", { type: "button", class: "wg-main", onclick: finish }, say("split_here")),
        element("button", { type: "button", onclick: reset }, say("cancel"))));
    }
    clear($("card"), ...parts);
  }

  function list() {
    const cell = chosen(), select = $("village");
    if (cell && cell.village >= 0) select.value = String(cell.village);
    const rows = atlas.cells.filter((one) => String(one.village) === select.value);
    const known = rows.filter((one) => !one.special && one.households !== null);
    const mean = known.reduce((sum, one) => sum + one.households, 0) / (known.length || 1);
    const most = Math.max(mean * 1.6, ...known.map((one) => one.households)) || 1;
    $("mean").textContent = known.length ? say("mean", { n: number(mean) }) : "";
    clear($("list"), ...rows.map((one) => {
      const bar = element("span", { class: "wg-bar", "aria-hidden": "true" }, element("i", {}), element("b", {}));
      const step = one.deviation === null ? 2 : wangge.balanceClass(one.deviation);
      bar.children[0].style.width = (100 * (one.households || 0)) / most + "%";
      bar.children[0].dataset.step = step;
      bar.children[1].style.left = (100 * mean) / most + "%";
      return element("li", { role: "option", id: "wg-cell-" + one.code, "aria-selected": one === cell, onclick: () => (tool === "merge" && chosen() ? offer(one) : select_(one, true)) },
        element("span", { class: "wg-no" }, wangge.cellName(one)), bar,
        element("span", { class: "wg-hh" }, (one.deviation === null ? "" : wangge.glyph(one.deviation) + " ") + (one.households === null ? "" : say("households_of", { n: number(one.households) }))));
    }));
    const current = cell && document.getElementById("wg-cell-" + cell.code);
    $("list").setAttribute("aria-activedescendant", current ? current.id : "");
    if (current) current.scrollIntoView({ block: "nearest" });
  }

  function select_(cell, fly) {
    select(cell);
    if (fly) zoomTo(cell);
  }

  function zoomTo(shape) {
    const box = shape.box;
    map.fitBounds([wangge.latLng(box[0], box[3]), wangge.latLng(box[2], box[1])], { maxZoom: 16, padding: [90, 90], animate: false });
  }

  function problems() {
    const found = Array.isArray(state.problems) ? state.problems : [], box = $("problems");
    box.hidden = !found.length;
    box.querySelector("summary").textContent = say("problems", { n: found.length });
    clear(box.querySelector("ul"), ...found.slice(0, 100).map((one) => element("li", { class: one.severity }, element("button", {
      type: "button",
      onclick: () => {
        const at = cellOf(one.code) || atlas.villages.find((village) => village.code === one.code);
        if (at && at.serial) select_(at, true);
        else if (at) zoomTo(at);
      },
    }, (one.severity === "error" ? "■ " : "▲ ") + (wangge.language === "en" ? one.message_en : one.message_zh)))));
  }

  function hint() {
    const cell = chosen();
    let text = say(cell || tool === "select" ? "hint_" + tool : "hint_pick_first", { a: cell ? wangge.cellName(cell) : "" });
    if (tool === "move" && swept && swept.size) {
      const lines = changes().map(([one, more]) => `${wangge.cellName(one)} ${number(one.households || 0)} → ${number((one.households || 0) + more)}`);
      text = say("hint_swept", { n: swept.size, a: lines.reverse().join(wangge.language === "en" ? ", " : "，") });
    }
    $("hint").textContent = text;
  }

  let fading = 0;
  function toast(text, bad) {
    const box = $("toast");
    clearTimeout(fading);
    box.textContent = (bad ? "⚠ " : "✓ ") + text;
    box.className = bad ? "bad" : "";
    box.hidden = false;
    fading = setTimeout(() => (box.hidden = true), bad ? 9000 : 4000);
  }

  // ---- words, keys, start ----------------------------------------------------------------------------------
  function speak(language) {
    page.speak(language);
    document.querySelectorAll("[data-word]").forEach((node) => (node.textContent = say(node.dataset.word)));
    document.querySelectorAll("[data-tip]").forEach((node) => (node.title = say(node.dataset.tip)));
    $("tools").setAttribute("aria-label", say("tools"));
    $("list").setAttribute("aria-label", say("balance_of"));
    const keys = ["v", "s", "m", "p", "enter", "esc", "space", "arrows", "back", "undo", "redo", "large", "help"];
    clear($("sheet-help").querySelector("dl"), ...keys.flatMap((key) => [element("dt", {}, element("kbd", {}, say("key_" + key))), element("dd", {}, say("does_" + key))]));
    document.title = (state.county || atlas.title) + " · " + say("desk_title");
    problems();
    show();
    remember("language", language);
  }

  function enlarge(on) {
    wangge.large = on;
    document.documentElement.classList.toggle("wg-large", on);
    $("large").setAttribute("aria-pressed", on);
    remember("large", on ? "1" : "");
    map.invalidateSize({ animate: false });
    sheet.refresh();
  }

  function remember(name, value) {
    try {
      localStorage.setItem("wangge-" + name, value);
    } catch {
      // a browser that keeps nothing still draws
    }
  }

  function recall(name) {
    try {
      return localStorage.getItem("wangge-" + name);
    } catch {
      return null;
    }
  }

  function keys(event) {
    if (/^(tab|arrow.*| )$/i.test(event.key)) document.documentElement.dataset.keys = "";
    const key = event.key.toLowerCase(), typing = /^(select|input|textarea)$/i.test(event.target.tagName);
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      event.preventDefault();
      return key === "y" || event.shiftKey ? back("redo") : back("undo");
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || $("sheet-help").open) return;
    const onMap = event.target === map.getContainer(), onButton = event.target.tagName === "BUTTON";
    if (TOOLS[key]) take(TOOLS[key]);
    else if (key === "?") $("sheet-help").showModal();
    else if (key === "escape") line.length || other || swept ? reset() : tool === "select" ? select(null) : take("select");
    else if (key === "backspace" && line.length) line.pop();
    else if (key === "enter" && !onButton) line.length || other || swept ? finish() : chosen() && zoomTo(chosen());
    else if (key === " " && onMap) act(map.getCenter());
    else if (event.target === $("list") && (key === "arrowdown" || key === "arrowup")) walk(key === "arrowdown" ? 1 : -1);
    else return;
    event.preventDefault();
    show();
  }

  function walk(by) {
    const rows = atlas.cells.filter((one) => String(one.village) === $("village").value), at = rows.indexOf(chosen());
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (next) tool === "merge" && chosen() ? offer(next) : select_(next, true);
  }

  const back = (way) => (state["can_" + way] ? send(way, {}) : toast(say("nothing_" + way), true));

  function villages() {
    const select = $("village");
    const groups = atlas.towns.map((town, index) => {
      const group = element("optgroup", { label: town.name });
      atlas.villages.forEach((village, at) => village.town === index && group.append(element("option", { value: at }, village.name)));
      return group;
    });
    clear(select, ...groups);
    if (!atlas.villages.length) select.append(element("option", { value: -1 }, "—"));
    select.addEventListener("change", () => {
      sheet.selected = null;
      reset();
      if (atlas.villages[select.value]) zoomTo(atlas.villages[select.value]);
    });
  }

  function pointer() {
    const container = map.getContainer();
    let sweeping = false;
    container.addEventListener("pointerdown", (event) => {
      if (tool !== "move" || !chosen() || !blocks || busy || event.button || event.target.closest(".wg-card, .leaflet-control")) return;
      sweeping = true;
      container.setPointerCapture(event.pointerId);
      sweep(map.mouseEventToLatLng(event));
    });
    container.addEventListener("pointermove", (event) => sweeping && sweep(map.mouseEventToLatLng(event)));
    container.addEventListener("pointerup", () => {
      if (!sweeping) return;
      sweeping = false;
      drop();
      show();
    });
    document.addEventListener("pointerdown", () => delete document.documentElement.dataset.keys, true);
    map.on("dblclick", () => tool === "split" && finish());
  }

  wangge.desk = function (opened) {
    page = opened;
    ({ map, sheet, atlas } = page);
    state = JSON.parse(document.getElementById("wangge-state").textContent);
    sheet.overlay = overlay;
    page.tool = (event) => (tool === "move" && blocks && chosen() ? true : act(event.latlng));
    villages();
    pointer();
    document.addEventListener("keydown", keys);
    document.querySelectorAll("[data-tool]").forEach((button) => button.addEventListener("click", () => take(button.dataset.tool)));
    for (const way of ["undo", "redo"]) $(way).addEventListener("click", () => back(way));
    $("large").addEventListener("click", () => enlarge(!wangge.large));
    $("help").addEventListener("click", () => $("sheet-help").showModal());
    $("tongue").addEventListener("click", () => speak(wangge.language === "zh" ? "en" : "zh"));
    $("toast").addEventListener("click", () => ($("toast").hidden = true));
    map.invalidateSize({ animate: false });
    page.fit();
    speak(recall("language") || wangge.language);
    if (recall("large")) enlarge(true);
    document.documentElement.dataset.ready = "desk";
  };
})();
