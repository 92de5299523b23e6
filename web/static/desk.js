"use strict";
// The drawing page: its words, keys and start. The server holds the truth; the page sends one edit at a time.
(function () {
  const wangge = window.wangge, { say, element, clear } = wangge, desk = wangge.drawing, { chosen } = desk;
  const $ = (id) => document.getElementById("wg-" + id);

  function speak(language) {
    desk.page.speak(language);
    document.querySelectorAll("[data-word]").forEach((node) => (node.textContent = say(node.dataset.word)));
    document.querySelectorAll("[data-tip]").forEach((node) => (node.title = say(node.dataset.tip)));
    $("tools").setAttribute("aria-label", say("tools"));
    $("list").setAttribute("aria-label", say("balance_of"));
    const tools = Object.entries(desk.TOOLS).map(([name, { key }]) => [key.toUpperCase(), say("does_" + name)]);
    const keys = ["enter", "esc", "space", "arrows", "back", "undo", "redo", "large", "help"].map((key) => [say("key_" + key), say("does_" + key)]);
    clear($("sheet-help").querySelector("dl"), ...[...tools, ...keys].flatMap(([key, does]) => [element("dt", {}, element("kbd", {}, key)), element("dd", {}, does)]));
    document.title = (desk.state.county || desk.atlas.title) + " · " + say("desk_title");
    desk.problems();
    desk.show();
    remember("language", language);
  }

  function enlarge(on) {
    wangge.large = on;
    document.documentElement.classList.toggle("wg-large", on);
    $("large").setAttribute("aria-pressed", on);
    remember("large", on ? "1" : "");
    desk.map.invalidateSize({ animate: false });
    desk.sheet.refresh();
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

  const back = (way) => (desk.state["can_" + way] ? desk.send(way, {}) : desk.toast(say("nothing_" + way), true));

  function keys(event) {
    if (/^(tab|arrow.*| )$/i.test(event.key)) document.documentElement.dataset.keys = "";
    const key = event.key.toLowerCase(), typing = /^(select|input|textarea)$/i.test(event.target.tagName);
    if (typing && key === "escape") {
      event.target.blur();
      return desk.take("select");
    }
    if (typing || event.altKey || $("sheet-help").open) return;
    if (event.ctrlKey || event.metaKey) {
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      return back(key === "y" || event.shiftKey ? "redo" : "undo");
    }
    const onMap = event.target === desk.map.getContainer(), onButton = event.target.tagName === "BUTTON", onList = event.target === $("list");
    const named = Object.keys(desk.TOOLS).find((name) => desk.TOOLS[name].key === key);
    if (named) desk.take(named);
    else if (key === "?") $("sheet-help").showModal();
    else if (key === "escape") desk.started() ? desk.reset() : desk.tool === "select" ? desk.select(null) : desk.take("select");
    else if (key === "backspace" && desk.line.length) desk.unpoint();
    else if (key === "enter" && !onButton) desk.started() ? desk.finish() : enter();
    else if (key === " " && onMap) desk.act(desk.map.getCenter());
    else if (key === " " && onList && desk.tool === "balance" && chosen()) desk.pick(chosen());
    else if (onList && (key === "arrowdown" || key === "arrowup")) desk.walk(key === "arrowdown" ? 1 : -1);
    else return;
    event.preventDefault();
    desk.show();
  }

  // Enter with nothing drawn: into the card of the tool, else to the cell on the map.
  function enter() {
    const first = $("card").querySelector("button.wg-main");
    if (desk.tool === "lock" && first) first.click();
    else if (chosen()) desk.zoomTo(chosen());
  }

  function villages() {
    const select = $("village"), { atlas } = desk;
    const groups = atlas.towns.map((town, index) => {
      const group = element("optgroup", { label: town.name });
      atlas.villages.forEach((village, at) => village.town === index && group.append(element("option", { value: at }, village.name)));
      return group;
    });
    clear(select, ...groups);
    if (!atlas.villages.length) select.append(element("option", { value: -1 }, "—"));
    select.addEventListener("change", () => {
      desk.sheet.selected = null;
      desk.reset();
      if (atlas.villages[select.value]) desk.zoomTo(atlas.villages[select.value]);
    });
  }

  wangge.desk = function (page) {
    Object.assign(desk, { page, map: page.map, sheet: page.sheet, atlas: page.atlas });
    desk.state = JSON.parse(document.getElementById("wangge-state").textContent);
    for (const cell of desk.atlas.cells) cell.note = (desk.state.remarks || {})[cell.code] || null;
    desk.sheet.overlay = desk.overlay;
    villages();
    desk.pointer();
    document.addEventListener("pointerdown", () => delete document.documentElement.dataset.keys, true);
    document.addEventListener("keydown", keys);
    document.querySelectorAll("[data-tool]").forEach((button) => button.addEventListener("click", () => desk.take(button.dataset.tool)));
    for (const way of ["undo", "redo"]) $(way).addEventListener("click", () => back(way));
    $("large").addEventListener("click", () => enlarge(!wangge.large));
    $("map").addEventListener("click", () => desk.toast(say("opening")));
    $("help").addEventListener("click", () => $("sheet-help").showModal());
    $("tongue").addEventListener("click", () => speak(wangge.otherLanguage()));
    $("toast").addEventListener("click", () => ($("toast").hidden = true));
    desk.map.invalidateSize({ animate: false });
    page.fit();
    const asked = new URLSearchParams(location.search).has("lang"); // an address that says the language is heard
    speak((!asked && recall("language")) || wangge.language);
    if (recall("large")) enlarge(true);
    document.documentElement.dataset.ready = "desk";
  };
})();
