"use strict";
// What stands around the map of the drawing page: top bar, card of the cell, list of cells, problems, hints.
(function () {
  const wangge = window.wangge, { say, number, element, clear, beside, cellName } = wangge, desk = wangge.drawing, { chosen, cellOf } = desk;
  const $ = (id) => document.getElementById("wg-" + id);
  const siblings = (cell) => desk.atlas.cells.filter((one) => one.village === cell.village);
  const homes = (count) => (count === null || count === undefined ? "" : say("households_of", { n: number(count) }));
  const button = (words, onclick, main) => element("button", { type: "button", class: main ? "wg-main" : null, onclick }, words);

  const lockMark = () => element("i", { class: "wg-lock", role: "img", "aria-label": say("locked") });

  function show() {
    top();
    card();
    list();
    hint();
    desk.sheet.repaint("_touch");
  }

  function top() {
    const { state } = desk;
    $("county").textContent = state.county || desk.atlas.title;
    $("plan").textContent = state.plan || say("no_plan");
    $("status").textContent = say("status_" + (state.status || "draft"));
    $("status").dataset.status = state.status || "draft";
    $("sample").hidden = !desk.atlas.sample;
    $("sample").textContent = say("sample");
    $("saved").textContent = !state.can_edit ? say("read_only_short") : state.saved_at ? "✓ " + say("saved", { t: desk.clock(state.saved_at) }) : "";
    for (const way of ["undo", "redo"]) $(way).disabled = !state["can_" + way] || desk.busy;
    document.querySelectorAll("[data-tool]").forEach((one) => (one.disabled = one.dataset.tool !== "select" && !state.can_edit));
    for (const [id, page] of [["history", "history"], ["status", "history"], ["map", "map"]]) $(id).href = `/${page}?lang=${wangge.language}`;
    wangge.tongue($("tongue"));
  }

  // ---- the card of the chosen cell -----------------------------------------------------------------------------
  function card() {
    const cell = chosen(), box = $("card");
    if (!cell) return clear(box, element("p", { class: "wg-empty" }, say(desk.atlas.cells.length ? "pick_one" : "no_cells")));
    const parts = { merge: pairing, border: pairing, balance: balancing, lock: locking, note: noting }[desk.tool];
    const key = [desk.tool, cell.code, desk.state.revision, wangge.language].join();
    if (desk.tool === "note" && box.dataset.for === key) return; // what is being typed stays
    box.dataset.for = key;
    box.classList.toggle("wg-tight", Boolean(desk.seen || desk.tool === "balance" || (wangge.large && desk.tool !== "select")));
    const held = document.activeElement && document.activeElement.id;
    const facts = wangge.cellFacts(cell);
    if (cell.locked) facts.querySelector("h2").append(" ", element("span", { class: "wg-chip" }, lockMark(), say("locked")));
    clear(box, facts, cell.note && desk.tool !== "note" ? element("p", { class: "wg-remark" }, cell.note) : null, parts ? parts(cell) : null, foreseen());
    if (held === "wg-keep" && $("keep")) $("keep").focus();
  }

  function pairing(cell) {
    if (desk.other) return desk.tool === "border" && desk.line.length < 2 ? element("p", { class: "wg-choices-row" }, say("draw_border", { a: cellName(cell), b: cellName(desk.other) })) : null;
    const near = siblings(cell).filter((one) => one !== cell && beside(one, cell));
    return element("div", { class: "wg-choices-row" }, element("p", {}, say(near.length ? desk.tool + "_with" : "no_neighbour")),
      ...near.map((one) => button([cellName(one), homes(one.households)].filter(Boolean).join(" · "), () => desk.offer(one))));
  }

  function balancing(cell) {
    const all = siblings(cell).filter((one) => !one.special && !one.locked);
    const slider = element("input", { type: "range", id: "wg-keep", min: 0, max: 100, step: 5, oninput: (event) => {
      desk.keep = Number(event.target.value) / 100;
      $("keep-share").textContent = say("keep_share", { n: event.target.value });
      desk.rest();
    } });
    slider.value = String(Math.round(desk.keep * 100));
    return element("div", { class: "wg-choices-row" },
      element("p", {}, say("picked", { n: desk.picked.size })),
      button(say("pick_all", { n: all.length }), () => desk.pick(...all)),
      element("label", { class: "wg-keep", for: "wg-keep" }, element("span", { id: "wg-keep-share" }, say("keep_share", { n: slider.value })), slider));
  }

  function locking(cell) {
    const open = siblings(cell).filter((one) => !one.locked), shut = siblings(cell).filter((one) => one.locked);
    const set = (cells, locked) => () => desk.send("edits", { action: "lock", cells: cells.map((one) => one.code), locked });
    return element("div", { class: "wg-choices-row" },
      button(say(cell.locked ? "unlock_one" : "lock_one", { a: cellName(cell) }), set([cell], !cell.locked), true),
      open.length > 1 ? button(say("lock_all", { n: open.length }), set(open, true)) : null,
      shut.length > 1 ? button(say("unlock_all", { n: shut.length }), set(shut, false)) : null);
  }

  function noting(cell) {
    const name = element("input", { id: "wg-name", maxlength: 100, required: "", autocomplete: "off" }), text = element("textarea", { id: "wg-text", rows: 2, maxlength: 2000 });
    name.value = cellName(cell);
    text.value = cell.note || "";
    const save = async (event) => {
      event.preventDefault();
      const renamed = name.value.trim() !== cellName(cell), remarked = text.value.trim() !== (cell.note || "");
      if (renamed && !(await desk.send("edits", { action: "rename", cell: cell.code, name: name.value.trim() }))) return;
      if (remarked) await desk.send("edits", { action: "remark", cell: cell.code, text: text.value.trim() });
    };
    return element("form", { class: "wg-form", onsubmit: save },
      element("label", { for: "wg-name" }, say("name")), name, element("label", { for: "wg-text" }, say("remark")), text,
      element("div", {}, element("button", { type: "submit", class: "wg-main" }, say("save")),
        button(say(cell.special ? "make_basic" : "make_special"), () => desk.send("edits", { action: "special", cell: cell.code, special: !cell.special }))));
  }

  // Put a name or remark that was not stored back where it was typed.
  function retype({ action, name, text }) {
    if (action === "rename" && $("name")) $("name").value = name;
    if (action === "remark" && $("text")) $("text").value = text;
  }

  const focusNote = () => $("name") && $("name").focus();

  // What the service says that the wish would do: households before and after, how many move, what to look at.
  function foreseen() {
    const { seen } = desk;
    if (!seen) return null;
    if (seen.fault) return element("div", { class: "wg-confirm" }, element("p", { class: "wg-bad" }, seen.fault));
    const nameOf = (code) => (cellOf(code) ? cellName(cellOf(code)) : say("new_cell", { n: code.slice(-2) }));
    return element("div", { class: "wg-confirm" },
      element("table", { class: "wg-seen" }, element("caption", {}, say("before_after")), ...seen.households.map((row) => element("tr", {},
        element("th", { scope: "row" }, nameOf(row.cell_code)), element("td", {}, row.before === null ? "—" : number(row.before)),
        element("td", {}, "→"), element("td", {}, row.after === null ? say("ends") : number(row.after))))),
      element("p", {}, say("moved", { n: number(seen.moved) })),
      button(say("do_" + desk.tool), desk.finish, true), button(say("cancel"), desk.reset),
      ...seen.notes.slice(0, 4).map((one) => element("p", { class: "wg-look" }, "▲ " + desk.said(one))));
  }

  // ---- list of cells, problems ---------------------------------------------------------------------------------
  function list() {
    const cell = chosen(), select = $("village");
    if (cell && cell.village >= 0) select.value = String(cell.village);
    const rows = desk.atlas.cells.filter((one) => String(one.village) === select.value);
    const known = rows.filter((one) => !one.special && one.households !== null);
    const mean = known.reduce((sum, one) => sum + one.households, 0) / (known.length || 1);
    const most = Math.max(mean * 1.6, ...known.map((one) => one.households)) || 1;
    $("mean").textContent = known.length ? say("mean", { n: number(mean) }) : "";
    clear($("list"), ...rows.map((one) => {
      const bar = element("span", { class: "wg-bar", "aria-hidden": "true" }, element("i", {}), element("b", {}));
      const step = one.deviation === null ? 2 : wangge.balanceClass(one.deviation), mark = one.locked ? lockMark() : "";
      bar.children[0].style.width = (100 * (one.households || 0)) / most + "%";
      bar.children[0].dataset.step = step;
      bar.children[1].style.left = (100 * mean) / most + "%";
      return element("li", { role: "option", id: "wg-cell-" + one.code, "aria-selected": one === cell, onclick: () => answer(one) },
        element("span", { class: "wg-no" }, mark, (desk.picked.has(one.code) ? "✓ " : "") + cellName(one)), bar,
        element("span", { class: "wg-hh" }, (one.deviation === null ? "" : wangge.glyph(one.deviation) + " ") + homes(one.households)));
    }));
    const current = cell && document.getElementById("wg-cell-" + cell.code);
    $("list").setAttribute("aria-activedescendant", current ? current.id : "");
    if (current) current.scrollIntoView({ block: "nearest" });
  }

  // A row of the list is clicked.
  function answer(cell) {
    if (desk.TOOLS[desk.tool].pairs && chosen()) desk.offer(cell);
    else if (desk.tool === "balance" && chosen()) desk.pick(cell);
    else choose(cell);
  }

  function walk(by) {
    const pairs = desk.TOOLS[desk.tool].pairs && chosen();
    const rows = desk.atlas.cells.filter((one) => String(one.village) === $("village").value), at = rows.indexOf(pairs && desk.other ? desk.other : chosen());
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (next) pairs ? desk.offer(next) : choose(next);
  }

  function choose(cell) {
    desk.select(cell);
    zoomTo(cell);
  }

  function zoomTo(shape) {
    desk.map.fitBounds(wangge.boundsOf(shape.box), { maxZoom: 16, padding: [90, 90], animate: false });
  }

  function problems() {
    const found = Array.isArray(desk.state.problems) ? desk.state.problems : [], box = $("problems");
    box.hidden = !found.length;
    box.querySelector("summary").textContent = say("problems", { n: number(desk.state.problems_total || found.length) });
    const more = (desk.state.problems_total || 0) - found.length;
    clear(box.querySelector("ul"), ...found.map((one) => {
      const todo = remedy(one), words = (one.severity === "error" ? "■ " : "▲ ") + desk.said(one);
      const row = element("li", { class: one.severity }, button(words, () => visit(one)));
      if (todo) row.firstChild.append(element("small", {}, "→ " + todo));
      return row;
    }), more > 0 ? element("li", {}, say("problems_more", { n: number(more) })) : "");
  }

  // What to do about a problem, which is kept as Chinese and English with a dot between.
  function remedy(problem) {
    const [zh, en] = (problem.remedy || "").split(" · ");
    return wangge.language === "en" ? en || zh : zh;
  }

  // Show what a problem is about: its cell, its village, or the place, with its words there.
  function visit(problem) {
    const cell = cellOf(problem.code), village = desk.atlas.villages.find((each) => each.code === problem.code), { map } = desk;
    if (cell) return choose(cell);
    if (village) return zoomTo(village);
    if (!problem.at) return desk.toast(desk.said(problem), false, true);
    const there = [problem.at[1], problem.at[0]];
    map.setView(there, Math.max(map.getZoom(), 17), { animate: false });
    map.openPopup(element("div", { class: "wg-facts" }, element("p", {}, desk.said(problem)), element("p", {}, remedy(problem) && "→ " + remedy(problem))), there, { maxWidth: 280 });
  }

  // ---- words at the foot -----------------------------------------------------------------------------------------
  function hint() {
    const cell = chosen();
    let text = say(cell || desk.tool === "select" ? "hint_" + desk.tool : "hint_pick_first", { a: cell ? cellName(cell) : "" });
    if (desk.tool === "move" && desk.swept && desk.swept.size) {
      const lines = changes().map(([one, more]) => `${cellName(one)} ${number(one.households || 0)} → ${number((one.households || 0) + more)}`);
      text = say("hint_swept", { n: desk.swept.size, a: lines.reverse().join(wangge.language === "en" ? ", " : "，") });
    }
    $("hint").textContent = text;
  }

  // Households that every cell wins or loses by the blocks swept so far.
  function changes() {
    const given = new Map();
    for (const block of desk.swept) given.set(block.cell_code, (given.get(block.cell_code) || 0) - (block.households || 0));
    given.set(chosen().code, -[...given.values()].reduce((sum, one) => sum + one, 0));
    return [...given].map(([code, more]) => [cellOf(code), more]).filter(([cell]) => cell);
  }

  let fading = 0;
  function toast(text, bad, look) {
    const box = $("toast");
    clearTimeout(fading);
    box.textContent = (bad ? "⚠ " : look ? "▲ " : "✓ ") + text;
    box.className = bad ? "bad" : look ? "look" : "";
    box.hidden = false;
    fading = setTimeout(() => (box.hidden = true), bad || look ? 9000 : 4000);
  }

  Object.assign(desk, { show, problems, hint, toast, walk, zoomTo, focusNote, retype });
})();
