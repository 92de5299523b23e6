"use strict";
// The tools of the drawing page: what a click, a sweep or a key means to each, the wish it makes, what it paints.
(function () {
  const wangge = window.wangge, { say, beside } = wangge, desk = wangge.drawing, { chosen } = desk;
  const BLUE = "#1d5f9e";

  const points = () => desk.line.map((at) => [at.lng, at.lat]);
  const pair = () => [chosen().code, desk.other.code];
  const full = (cell) => (cell.villageName ? cell.villageName + " " : "") + wangge.cellName(cell);

  // Key, and what the tool would ask of the service as it stands.
  const TOOLS = {
    select: { key: "v" },
    split: { key: "s", wish: () => desk.line.length > 1 && { action: "split", cell: chosen().code, line: points() } },
    merge: { key: "m", pairs: true, wish: () => desk.other && { action: "merge", cells: pair() } },
    move: { key: "p", wish: () => desk.swept && desk.swept.size && { action: "move", blocks: [...desk.swept].map((block) => block.block_id), to: chosen().code } },
    border: { key: "b", pairs: true, wish: () => desk.other && desk.line.length > 1 && { action: "border", cells: pair(), line: points() } },
    balance: { key: "a", wish: () => desk.picked.size > 1 && { action: "rebalance", cells: [...desk.picked], keep: desk.keep || null } },
    lock: { key: "l" },
    note: { key: "e" },
  };

  const wish = () => (chosen() && TOOLS[desk.tool].wish && TOOLS[desk.tool].wish()) || null;

  function take(name) {
    if (name !== "select" && !desk.state.can_edit) return desk.toast(say("read_only"), true);
    desk.tool = name;
    desk.map.dragging[name === "move" || name === "border" ? "disable" : "enable"]();
    desk.map.doubleClickZoom[name === "split" || name === "border" ? "disable" : "enable"]();
    document.querySelectorAll("[data-tool]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.tool === name));
    document.documentElement.dataset.tool = name;
    reset();
    if (name === "move" && chosen()) desk.fetchBlocks();
    if (name === "note" && chosen()) desk.focusNote();
  }

  function reset() {
    Object.assign(desk, { line: [], other: null, swept: null, picked: new Set() });
    if (desk.tool === "balance" && chosen()) pick(chosen());
    else rest();
    desk.show();
  }

  // The hand rests: ask what the wish would do; a sweep shows its own figures.
  const rest = () => desk.foresee(desk.tool === "move" ? null : wish());

  function select(cell) {
    const moved = !cell || !chosen() || cell.code !== chosen().code;
    desk.sheet.selected = cell;
    if (cell && desk.tool === "move") desk.fetchBlocks();
    if (moved && (desk.tool === "split" || TOOLS[desk.tool].pairs)) return reset();
    desk.show();
  }

  // A click, or Space at the middle of the map.
  function act(latlng) {
    if (desk.busy) return true;
    const cell = desk.page.cellAt(latlng);
    desk.map.closePopup();
    if (!chosen() || ["select", "lock", "note"].includes(desk.tool)) {
      select(cell);
      if (cell && desk.tool === "balance") pick(cell);
    } else if (desk.tool === "split" || (desk.tool === "border" && desk.other)) point(latlng);
    else if (TOOLS[desk.tool].pairs) offer(cell);
    else if (desk.tool === "balance") pick(cell);
    else if (desk.tool === "move") {
      sweep(latlng);
      finish();
    }
    desk.show();
    return true;
  }

  function point(latlng) {
    const last = desk.line[desk.line.length - 1], pixel = (at) => desk.map.latLngToContainerPoint(at);
    if (!last || pixel(last).distanceTo(pixel(latlng)) > 3) desk.line.push(latlng);
    rest();
  }

  function unpoint() {
    desk.line.pop();
    rest();
  }

  // The second cell of a pair.
  function offer(cell) {
    if (!cell || cell === chosen()) return;
    if (cell.village !== chosen().village) return desk.toast(say("other_village"), true);
    if (!beside(cell, chosen())) return desk.toast(say("not_beside", { a: full(chosen()), b: full(cell) }), true);
    desk.other = cell;
    desk.line = [];
    rest();
    desk.show();
  }

  // Cells to even out: a second pick takes a cell away again.
  function pick(...cells) {
    for (const cell of cells) {
      if (!cell || cell.special || cell.locked) continue;
      if (cell.village !== chosen().village) return desk.toast(say("other_village"), true);
      if (cells.length > 1 || !desk.picked.delete(cell.code)) desk.picked.add(cell.code);
    }
    rest();
    desk.show();
  }

  function sweep(latlng) {
    const x = wangge.mercatorX(latlng.lng), y = wangge.mercatorY(latlng.lat), to = chosen().code;
    const block = desk.blocks && desk.blocks.find((one) => wangge.inside(one, x, y));
    desk.swept = desk.swept || new Set();
    if (block && block.cell_code !== to && !desk.swept.has(block)) {
      desk.swept.add(block);
      desk.hint();
      desk.sheet.repaint("_touch");
    }
  }

  function finish() {
    const wanted = wish();
    if (wanted) desk.send("edits", wanted);
    else desk.swept = null;
  }

  const started = () => desk.line.length || desk.other || desk.swept || desk.picked.size > 1;

  // Sweeps of blocks, and borders drawn with the button held.
  function pointer() {
    const container = desk.map.getContainer();
    let held = null, drawn = false;
    container.addEventListener("pointerdown", (event) => {
      const { tool } = desk, ready = tool === "move" ? desk.blocks : tool === "border" && desk.other;
      drawn = false;
      if (!ready || !chosen() || desk.busy || event.button || event.target.closest(".wg-card, .leaflet-control")) return;
      held = { tool, x: event.clientX, y: event.clientY };
      container.setPointerCapture(event.pointerId);
      if (tool === "move") sweep(desk.map.mouseEventToLatLng(event));
    });
    container.addEventListener("pointermove", (event) => {
      if (!held) return;
      if (held.tool === "move") return sweep(desk.map.mouseEventToLatLng(event));
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < 10) return;
      if (!drawn) desk.line = [desk.map.containerPointToLatLng(L.point(held.x, held.y).subtract(corner(container)))];
      drawn = true;
      Object.assign(held, { x: event.clientX, y: event.clientY });
      desk.line.push(desk.map.mouseEventToLatLng(event));
      desk.sheet.repaint("_touch");
    });
    container.addEventListener("pointerup", () => {
      if (held && held.tool === "move") finish();
      else if (drawn) rest();
      if (held) desk.show();
      held = null;
    });
    desk.map.on("dblclick", () => ["split", "border"].includes(desk.tool) && finish());
    desk.page.tool = (event) => ((desk.tool === "move" && desk.blocks && chosen()) || drawn ? true : act(event.latlng));
  }

  const corner = (container) => L.point(container.getBoundingClientRect());

  // ---- painting ----------------------------------------------------------------------------------------------
  function overlay(ctx, on) {
    if (desk.tool === "move" && desk.blocks && chosen()) {
      const moved = desk.swept || new Set();
      on.stroke(ctx, desk.blocks, 1, "rgba(31,41,51,.55)", true);
      for (const block of moved) on.fill(ctx, [block], "rgba(29,95,158,.55)");
      on.stroke(ctx, [...moved], 2.5, BLUE, true);
    }
    const marked = desk.atlas.cells.filter((cell) => cell === desk.other || desk.picked.has(cell.code));
    for (const cell of marked) on.fill(ctx, [cell], "rgba(29,95,158,.16)");
    on.stroke(ctx, marked, 4, BLUE, true);
    if (desk.seen) for (const [width, colour, dash] of [[5, "#ffffff", []], [3, "#b3261e", [2, 5]]]) {
      ctx.setLineDash(dash);
      on.stroke(ctx, desk.seen.shapes, width, colour, true);
    }
    ctx.setLineDash([]);
    if (!desk.line.length) return;
    const spots = desk.line.map((at) => on.toPixels(wangge.mercatorX(at.lng), wangge.mercatorY(at.lat)));
    ctx.beginPath();
    spots.forEach(([x, y], index) => ctx[index ? "lineTo" : "moveTo"](x, y));
    for (const [width, colour, dash] of [[6, "#ffffff", []], [3, "#b3261e", [8, 5]]]) {
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      ctx.setLineDash(dash);
      ctx.stroke();
    }
    ctx.setLineDash([]);
    for (const [x, y] of spots.length < 12 ? spots : [spots[0], spots[spots.length - 1]]) {
      ctx.beginPath();
      ctx.arc(x, y, 4.5, 0, 7);
      ctx.fillStyle = "#ffffff";
      ctx.fill();
      ctx.lineWidth = 2;
      ctx.strokeStyle = "#b3261e";
      ctx.stroke();
    }
  }

  Object.assign(desk, { TOOLS, take, reset, rest, select, act, unpoint, offer, pick, finish, started, pointer, overlay });
})();
