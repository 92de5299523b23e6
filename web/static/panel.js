"use strict";
// Words and the cards around the map: title, views, layers, legend, scale bar.
(function () {
  const wangge = (window.wangge = window.wangge || {});

  // ---- words ----
  function say(key, values) {
    const entry = wangge.words[key];
    let text = entry ? entry[wangge.language === "en" ? 1 : 0] : key;
    for (const name in values || {}) text = text.split("{" + name + "}").join(values[name]);
    return text;
  }

  const number = (value) => (value === "<5" ? value : Math.round(value).toLocaleString("en-US"));
  const share = (value) => Math.round(value * 100) + "%";
  const signedShare = (value) => (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(Math.round(value * 100)) + "%";

  function cellName(cell) {
    if (cell.name) return cell.name;
    const serial = cell.serial.replace(/^0(?=\d\d)/, "");
    return cell.special ? say("special_name", { n: serial }) : say("cell_name", { n: serial });
  }

  const otherLanguage = () => (wangge.language === "en" ? "zh" : "en");
  const langOf = (language) => (language === "en" ? "en" : "zh-CN");

  function speaks(language) {
    wangge.language = language;
    document.documentElement.lang = langOf(language);
  }

  // Names a button after the language that it would change to.
  function tongue(button) {
    button.lang = langOf(otherLanguage());
    button.textContent = wangge.language === "en" ? "中文" : "English";
    return button;
  }

  const tongueOf = (page) => tongue(element("button", { type: "button", class: "wg-tongue", onclick: () => page.speak(otherLanguage()) }));

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const name in attributes || {}) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), attributes[name]);
      else if (attributes[name] !== null && attributes[name] !== undefined) made.setAttribute(name, attributes[name]);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  function clear(node, ...children) {
    node.replaceChildren(...children.filter(Boolean));
    return node;
  }

  // A card in a corner of the map that keeps its clicks to itself.
  function card(map, corner, className) {
    const box = element("div", { class: "wg-card " + className });
    const control = L.control({ position: corner });
    control.onAdd = () => {
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    control.addTo(map);
    return box;
  }

  // ---- title ----
  // The figures that belong to the view, each a number over its name.
  function figuresOf({ figures, view }) {
    const plan = view === "cells" || view === "balance", names = plan ? ["cells", "villages", "households", "max_deviation_share"]
      : ["covered_share", "places_share", "networked_share", "working_share", "filed_share", "cells"];
    const text = (name) => (!name.endsWith("_share") ? number(figures[name]) : (figures[name] * 100).toFixed(figures[name] < 0.1 ? 1 : 0) + "%");
    return element("dl", { class: "wg-figures" }, ...names.filter((name) => typeof figures[name] === "number").slice(0, 5).map((name) =>
      element("div", {}, element("dt", {}, say("figure_" + name)), element("dd", {}, text(name), moved(figures[name.replace("_share", "") + "_change"])))));
  }

  // By how many points a share moved since the run before; nothing where it stayed.
  function moved(change) {
    const points = typeof change === "number" ? (change * 100).toFixed(1) : "0.0";
    if (Number(points) === 0) return "";
    const n = (change > 0 ? "+" : "") + points;
    return element("small", { class: "wg-moved", title: say("figure_change", { n }) }, " " + n);
  }

  function heading(about, what) {
    const made = element("h1", {}, about.title);
    if (about.sample) made.append(" ", element("span", { class: "wg-sample", title: say("sample_note") }, say("sample")));
    made.append(element("span", { class: "wg-plan" }, say(what)));
    return made;
  }

  // What is to be done before this view shows anything; strangers are not told.
  function next({ view, cells, villages, cellCoverage, chrome }) {
    if (chrome === "embed") return null;
    if (view === "cells" || view === "balance") return cells.length ? null : "next_plan";
    return cellCoverage || villages.some((village) => village.covered !== null) || view === "gaps" ? null : "next_coverage";
  }

  function title(box, atlas) {
    const level = atlas.figures.pixel_level, seen = atlas.view === "coverage" || atlas.view === "gaps";
    clear(box, heading(atlas, "title_" + atlas.view), figuresOf(atlas), element("p", { class: "wg-note" }, say(next(atlas) || "about_" + atlas.view)),
      seen && level ? element("p", { class: "wg-note" }, say("pixel_level", { level })) : "",
      seen && atlas.figures.what_if ? element("p", { class: "wg-note wg-look" }, "▲ " + say("what_if")) : "");
  }

  // ---- views and layers ----
  function choices(box, page) {
    const { atlas, sheet } = page;
    const views = element("div", { class: "wg-views", role: "radiogroup", "aria-label": say("views") });
    for (const view of atlas.offered) {
      const chosen = view === sheet.view;
      views.append(element("button", {
        type: "button", role: "radio", "aria-checked": chosen, tabindex: chosen ? 0 : -1, "data-view": view,
        onclick: () => page.show(view), onkeydown: (event) => step(event, page, view),
      }, say("view_" + view)));
    }
    const list = element("fieldset", { class: "wg-layers", "aria-label": say("layers") });
    for (const name of atlas.layers) {
      const tick = element("input", { type: "checkbox", id: "wg-layer-" + name, onchange: () => page.toggle(name, tick.checked) });
      tick.checked = Boolean(sheet.on[name]);
      list.append(element("label", { for: "wg-layer-" + name }, tick, " ", say("layer_" + name)));
    }
    const fold = element("details", {}, element("summary", {}, say("layers")), list);
    fold.open = box.querySelector("details") ? box.querySelector("details").open : false;
    const desk = atlas.desk ? element("a", { class: "wg-to", href: atlas.desk + "?lang=" + wangge.language }, say("to_desk")) : null;
    clear(box, atlas.offered.length > 1 ? views : null, fold, desk, page.chrome === "desk" ? null : tongueOf(page));
  }

  function step(event, page, view) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const all = page.atlas.offered, next = all[(all.indexOf(view) + by + all.length) % all.length];
    page.show(next);
    page.cards.choices.querySelector(`[data-view="${next}"]`).focus();
  }

  // ---- legend ----
  // One row: a sample of the drawing, words, how many.
  function row(sample, words, count) {
    return element("li", {}, sample, element("span", { class: "wg-what" }, words),
      count === null || count === undefined ? null : element("span", { class: "wg-count" }, number(count)));
  }

  function swatch(paint, width) {
    const canvas = element("canvas", { width: 2 * (width || 26), height: 32, class: "wg-swatch", "aria-hidden": "true" });
    canvas.style.width = (width || 26) + "px";
    const pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.lineCap = pen.lineJoin = "round";
    paint(pen, width || 26);
    return canvas;
  }

  const block = (colour, options) => swatch((pen, wide) => {
    const { alpha = 1, hatched = null, edge = "#5b6672", mark = "" } = options || {};
    pen.globalAlpha = alpha;
    pen.fillStyle = colour;
    pen.fillRect(1.5, 1.5, wide - 3, 13);
    pen.globalAlpha = 1;
    if (hatched) {
      pen.fillStyle = wangge.hatch(pen, hatched);
      pen.fillRect(1.5, 1.5, wide - 3, 13);
    }
    pen.strokeStyle = edge;
    pen.strokeRect(1.5, 1.5, wide - 3, 13);
    if (mark) {
      pen.font = "10px sans-serif";
      pen.textAlign = "center";
      pen.fillStyle = "#1f2933";
      pen.lineWidth = 2.5;
      pen.strokeStyle = "rgba(255,255,255,.85)";
      pen.strokeText(mark, wide / 2, 12);
      pen.fillText(mark, wide / 2, 12);
    }
  });

  const line = (strokes) => swatch((pen, wide) => {
    for (const [width, colour, dash] of strokes) {
      pen.lineWidth = width;
      pen.strokeStyle = colour;
      pen.setLineDash(dash || []);
      pen.beginPath();
      pen.moveTo(3, 8);
      pen.lineTo(wide - 3, 8);
      pen.stroke();
    }
  });

  const badge = (className, mark) => element("span", { class: "wg-badge " + className, "aria-hidden": "true" }, mark || "");

  function viewRows(atlas, view) {
    const paint = wangge.PAINT, rows = [], basic = atlas.cells.filter((cell) => !cell.special);
    const counted = (items, classOf, classes) => {
      const counts = new Array(classes).fill(0);
      for (const item of items) counts[classOf(item)]++;
      return counts;
    };
    if (view === "cells" && basic.length) {
      const five = swatch((pen, wide) => atlas.palette.forEach((colour, index) => {
        pen.fillStyle = colour;
        pen.fillRect(1 + (index * (wide - 2)) / 5, 1.5, (wide - 2) / 5, 13);
      }), 40);
      rows.push(row(five, say("legend_cells"), basic.length));
      const special = atlas.cells.length - basic.length;
      if (special) rows.push(row(line([[2.4, "#1f2933", [2, 4]]]), say("legend_special"), special));
      const locked = atlas.cells.filter((cell) => cell.locked).length;
      if (locked) rows.push(row(block("#ffffff", { hatched: paint.locked }), say("legend_locked"), locked));
    }
    if (view === "balance") {
      const known = basic.filter((cell) => cell.deviation !== null);
      const counts = counted(known, (cell) => wangge.balanceClass(cell.deviation), 5);
      ["▼", "▼", "●", "▲", "▲"].forEach((mark, step) => rows.push(row(block(paint.balance[step], { mark }), say("balance_" + step), counts[step])));
    }
    if (view === "coverage") {
      const areas = (atlas.cellCoverage ? basic : atlas.villages).filter((area) => area.covered !== null);
      const steps = atlas.coverageSteps, counts = counted(areas, (area) => wangge.coverageClass(area.covered, steps), 4);
      const of = say(atlas.cellCoverage ? "of_cell" : "of_village");
      if (areas.length) {
        [0, 1, 2, 3].forEach((step) => rows.push(row(
          block(paint.coverage[step], { alpha: 0.7, hatched: step === 3 ? wangge.PAINT.hatch : null }),
          say(step === 0 ? "coverage_top" : step === 3 ? "coverage_low" : "coverage_mid", { of, a: share(steps[step] || 0), b: share(steps[step - 1] || 0) }), counts[step])));
      } else rows.push(row(null, say(typeof atlas.figures.covered_share === "number" ? "whole_coverage" : "no_coverage"), null));
    }
    if (view === "gaps") {
      const steps = atlas.gapSteps, counts = counted(atlas.cells.filter((cell) => cell.gaps), (cell) => wangge.gapClass(cell.gaps, steps), 4);
      counts.forEach((count, step) => count && rows.push(row(block(paint.gaps[step]), step === 3 ? say("gaps_more", { a: steps[2] })
        : say("gaps_from", { a: (steps[step - 1] || 0) + 1, b: steps[step] }), count)));
    }
    return rows;
  }

  function layerRows(atlas, on, zoom, grade) {
    const paint = wangge.PAINT, rows = [], roads = wangge.ROADS;
    if (on.gaps && zoom >= 12) {
      const kinds = {};
      for (const gap of atlas.gaps) if (zoom >= 14 || !wangge.SIGNS[gap.kind]) kinds[gap.kind] = (kinds[gap.kind] || 0) + 1;
      for (const kind of Object.keys(kinds).sort()) rows.push(row(
        wangge.SIGNS[kind] ? swatch((pen, wide) => wangge.sign(pen, kind, wide / 2, 8, 5))
          : block(paint.gap, { alpha: 0.4, hatched: kind === "area" ? paint.gap : null, edge: paint.gap }),
        say("gap_" + kind), kinds[kind]));
    }
    if (on.sectors && zoom >= 13) {
      const idle = atlas.sectors.filter((one) => one.idle).length;
      rows.push(row(block(paint.sector, { alpha: 0.5, edge: paint.sector }), say("legend_sectors"), atlas.sectors.length - idle));
      if (idle) rows.push(row(block(paint.idle, { alpha: 0.5, edge: paint.idle }), say("legend_sectors_idle"), idle));
    }
    if (on.cameras) {
      const by = { working: 0, faulty: 0, offline: 0 };
      for (const camera of atlas.cameras) by[camera.status]++;
      for (const status of Object.keys(by)) if (by[status]) rows.push(row(badge("wg-camera " + status), say("camera_" + status), by[status]));
    }
    if (on.members) rows.push(row(badge("wg-member"), say("layer_members"), atlas.members.length));
    if (on.sites) rows.push(row(badge("wg-site", "▲"), say("layer_sites"), atlas.sites.length));
    if (on.places && zoom >= 12) { // below 13 only the first are drawn
      const first = atlas.places.filter((place) => place.priority === 1).length;
      if (first) rows.push(row(badge("wg-place first"), say("legend_places_first"), first));
      if (atlas.places.length > first && zoom >= 13) rows.push(row(badge("wg-place"), say("legend_places"), atlas.places.length - first));
    }
    if (atlas.towns.length > 1) rows.push(row(line([[2.5, paint.town, [9, 5]]]), say("legend_towns"), atlas.towns.length));
    if (atlas.villages.length && grade >= 10) rows.push(row(line([[2, paint.village]]), say("legend_villages"), atlas.villages.length));
    if (on.roads) {
      const drawn = (kinds) => kinds.some((kind) => atlas.barriers[kind] && zoom >= (roads[kind] || [8])[0]);
      if (drawn([3, 4, 5])) rows.push(row(line([[6, "#c9a86a"], [4, "#fbe3ae"]]), say("legend_major"), null));
      if (drawn([6, 7, 8, 9])) rows.push(row(line([[5, "#cdbfa4"], [3, "#ffffff"]]), say("legend_minor"), null));
      if (drawn([1])) rows.push(row(line([[3, "#6b6f76"], [1.6, "#fff", [5, 6]]]), say("legend_rail"), null));
    }
    if (on.water && atlas.barriers[0]) rows.push(row(line([[5, paint.water]]), say("legend_water"), null));
    return rows;
  }

  function legend(box, page) {
    const { atlas, sheet } = page, zoom = Math.round(page.map.getZoom());
    const list = element("ul", {}, ...viewRows(atlas, sheet.view), ...layerRows(atlas, sheet.on, zoom, sheet.grade(zoom)));
    const open = box.querySelector("details") ? box.querySelector("details").open : page.wide && page.chrome !== "desk";
    const fold = element("details", {}, element("summary", {}, say("legend")), list);
    fold.open = open;
    clear(box, fold);
  }

  // ---- scale bar, north, sources ----
  function foot(box, page) {
    const map = page.map, middle = map.getSize().y / 2;
    const metres = map.distance(map.containerPointToLatLng([0, middle]), map.containerPointToLatLng([100, middle]));
    const power = Math.pow(10, Math.floor(Math.log10(metres))), round = [5, 2, 1].find((one) => one * power <= metres) * power;
    const bar = element("span", { class: "wg-scale" }, round >= 1000 ? say("kilometres", { n: round / 1000 }) : say("metres", { n: round }));
    bar.style.width = Math.round((100 * round) / metres) + "px";
    const north = element("span", { class: "wg-north", title: say("north"), "aria-label": say("north") }, "N");
    const source = element("span", { class: "wg-source" }, say(page.atlas.sample ? "source_sample" : "source"));
    clear(box, element("div", { class: "wg-measure" }, north, bar), source);
  }

  Object.assign(wangge, {
    say, number, share, signedShare, cellName, element, clear, card, heading, title, choices, legend, foot, block, line,
    otherLanguage, speaks, tongue, tongueOf,
  });
})();
