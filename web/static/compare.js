"use strict";
// Two plans on one map: old borders dashed, new borders solid, the ground that changed cells coloured by what became
// of it, and a list of the changes to walk through.
(function () {
  const wangge = (window.wangge = window.wangge || {});
  const FILL = { kept: "#9cc3e6", moved: "#f2b27a", split: "#bf9be8", merged: "#7fd0b1", new: "#f2df83", retired: "#d9775f", ground: "#d5dae0" };
  const OLD = "#b8431f", NEW = "#1f2933", LISTED = 2000, NAMED = 5;
  const { say, number, element, clear } = wangge;

  const ringsOf = (shape) => shape.paths.map((path) => {
    const ring = [];
    for (let i = 0; i < path.length; i += 2) ring.push(wangge.latLng(path[i], path[i + 1]));
    return ring;
  });

  class Page {
    constructor(map, data) {
      wangge.words = data.words;
      wangge.language = data.about.language;
      Object.assign(this, { map, about: data.about, rows: data.rows, kinds: data.about.kinds, hidden: new Set(), cards: {} });
      for (const name of ["pieces", "old", "new"]) this[name] = wangge.joined(wangge.shapes(data[name].shapes), data[name].columns);
      this.villages = wangge.shapes(data.villages);
      const changed = this.pieces.filter((piece) => piece.kind !== "unchanged"), about = changed.length ? changed : this.new;
      map.fitBounds(wangge.boundsOf(wangge.boxOf(about.map((shape) => shape.box))), { animate: false });
      map.attributionControl && map.attributionControl.remove();
      const wide = map.getSize().x > 700; // a phone has the list under the title, where it covers nothing
      this.cards.title = wangge.card(map, "topleft", "wg-title");
      if (!wide) this.cards.list = wangge.card(map, "topleft", "wg-changes");
      L.control.zoom({ position: "topleft", zoomInTitle: say("zoom_in"), zoomOutTitle: say("zoom_out") }).addTo(map);
      if (wide) this.cards.list = wangge.card(map, "topright", "wg-changes");
      this.cards.foot = wangge.card(map, "bottomright", "wg-foot");
      this.cards.legend = wangge.card(map, "bottomleft", "wg-legend");
      this.draw(data);
      map.on("click", (event) => this.answer(event));
      map.on("moveend zoomend resize", () => this.refresh());
      this.speak(wangge.language);
      wangge.fit(map, about);
    }

    draw(data) {
      const base = L.canvas({ padding: 0.4 }), layer = (shapes, style) => L.layerGroup(shapes.map((shape) =>
        L.polygon(ringsOf(shape), { renderer: base, interactive: false, ...style })));
      layer(this.villages, { stroke: false, fillColor: wangge.PAINT.land, fillOpacity: 1 }).addTo(this.map);
      wangge.shapes(data.barriers.shapes).forEach((shape, index) => {
        const kind = +data.barriers.classes[index], width = kind === 0 ? 2.4 : kind === 1 ? 1.6 : kind < 7 ? 1.8 : 1;
        const colour = kind === 0 ? wangge.PAINT.water : kind === 1 ? "#8a8f96" : kind < 7 ? "#d9b670" : "#ded5c4";
        L.polyline(ringsOf(shape), { renderer: base, interactive: false, color: colour, weight: width }).addTo(this.map);
      });
      this.groups = {};
      for (const kind of this.kinds) {
        const here = this.pieces.filter((piece) => piece.kind === kind);
        this.groups[kind] = layer(here, { stroke: false, fillColor: FILL[kind], fillOpacity: kind === "kept" ? 0.45 : 0.8 }).addTo(this.map);
      }
      // New borders lie above: where nothing changed, no old one shows through.
      this.groups.old_borders = layer(this.old, { color: OLD, weight: 1.8, dashArray: "5 4", fill: false }).addTo(this.map);
      this.groups.new_borders = layer(this.new, { color: NEW, weight: 2.1, fill: false }).addTo(this.map);
      layer(this.villages, { color: "#3d3450", weight: 2.2, fill: false }).addTo(this.map);
      this.labels = L.layerGroup().addTo(this.map);
      this.chosen = L.layerGroup().addTo(this.map);
    }

    toggle(name, on) {
      on ? this.groups[name].addTo(this.map) : this.groups[name].remove();
      if (name === "old_borders" && on && !this.hidden.has("new_borders")) this.groups.new_borders.remove().addTo(this.map);
      on ? this.hidden.delete(name) : this.hidden.add(name);
      this.refresh();
    }

    speak(language) {
      wangge.speaks(language);
      document.title = this.about.title + " · " + say("title_compare");
      this.map.closePopup();
      this.title();
      this.list();
      this.legend();
      this.refresh();
    }

    title() {
      const { totals } = this.about;
      const figures = element("dl", { class: "wg-figures" }, ...[
        ["compare_cells", number(totals.cells_before) + " → " + number(totals.cells_after)],
        ["compare_unchanged", number(totals.cells_unchanged)], ["compare_new", number(totals.cells_new)],
        ["compare_retired", number(totals.cells_retired)], ["compare_moved", number(totals.households_moved)],
        ["compare_kept", (totals.kept_share * 100).toFixed(1) + "%"],
      ].map(([name, value]) => element("div", {}, element("dt", {}, say(name)), element("dd", {}, value))));
      clear(this.cards.title, wangge.heading(this.about, "title_compare"), figures,
        element("p", { class: "wg-note" }, say("about_compare", { a: this.about.plan_a, b: this.about.plan_b })),
        ...[this.about.plan_b, this.about.plan_a].map((plan, index) => this.alone(plan, this.about.only[index])));
    }

    // Villages that one of the plans does not hold.
    alone(plan, names) {
      const listed = names.slice(0, NAMED).join(say("comma")) + (names.length > NAMED ? "…" : "");
      return names.length ? element("p", { class: "wg-note" }, say("compare_only", { plan, n: number(names.length), names: listed })) : null;
    }

    legend() {
      const wanted = (name, sample, words, count) => {
        const tick = element("input", { type: "checkbox", id: "wg-show-" + name, onchange: () => this.toggle(name, tick.checked) });
        tick.checked = !this.hidden.has(name);
        return element("li", {}, tick, sample, element("label", { class: "wg-what", for: "wg-show-" + name }, words),
          count === undefined ? null : element("span", { class: "wg-count" }, count));
      };
      const held = (kind) => this.rows.filter((row) => row.kind === kind).reduce((sum, row) => sum + row.households, 0);
      const rows = [
        wanted("old_borders", wangge.line([[2, OLD, [5, 4]]]), say("old_borders", { a: this.about.plan_a })),
        wanted("new_borders", wangge.line([[2, NEW]]), say("new_borders", { a: this.about.plan_b })),
        ...this.kinds.map((kind) => wanted(kind, wangge.block(FILL[kind], { mark: say("mark_" + kind) }), say("change_" + kind),
          kind === "ground" ? undefined : say("n_hh", { n: number(held(kind)) }))),
      ];
      const fold = element("details", { open: "" }, element("summary", {}, say("legend")), element("ul", {}, ...rows));
      clear(this.cards.legend, fold, wangge.tongueOf(this));
    }

    // Codes of one village are told apart by their last three digits; the village is on the row.
    list() {
      const box = this.cards.list, was = box.querySelector("details");
      const line = (row) => element("tr", {},
        element("td", {}, element("button", { type: "button", class: "wg-go", onclick: () => this.go(row) }, row.village || "–")),
        element("td", {}, row.old ? row.old.slice(-3) : "–"), element("td", {}, row.new ? row.new.slice(-3) : "–"),
        element("td", {}, say("change_" + row.kind)), element("td", { class: "wg-n" }, number(row.households)),
        element("td", { class: "wg-n" }, row.share === null ? "–" : wangge.share(row.share)));
      const heads = ["village", "old_cell", "new_cell", "change", "households", "share_of_old"];
      const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, say(head))))),
        element("tbody", {}, ...this.rows.slice(0, LISTED).map(line)));
      const more = this.rows.length - LISTED;
      const fold = element("details", {}, element("summary", {}, say("changes", { n: number(this.rows.length) })),
        element("div", { class: "wg-scroll", tabindex: "0" }, table, more > 0 ? element("p", {}, say("changes_more", { n: number(more) })) : null));
      fold.open = was ? was.open : this.map.getSize().x > 900;
      clear(box, fold);
    }

    // The pieces of one change, outlined.
    go(row) {
      const same = (piece) => piece.old === row.old && piece.new === row.new;
      let found = this.pieces.filter(same);
      if (!found.length) found = [...this.old.filter((cell) => cell.code === row.old), ...this.new.filter((cell) => cell.code === row.new)];
      this.mark(found);
      if (!found.length) return;
      this.map.fitBounds(wangge.boundsOf(wangge.boxOf(found.map((piece) => piece.box))),
        { maxZoom: 17, animate: false, paddingTopLeft: [40, 150], paddingBottomRight: [this.cards.list.offsetWidth + 40, 60] });
    }

    mark(shapes) {
      this.chosen.clearLayers();
      for (const shape of shapes) L.polygon(ringsOf(shape), { interactive: false, color: "#1d5f9e", weight: 4, fill: false }).addTo(this.chosen);
    }

    answer(event) {
      const x = wangge.mercatorX(event.latlng.lng), y = wangge.mercatorY(event.latlng.lat);
      const at = (items) => items.find((item) => wangge.inside(item, x, y));
      const piece = at(this.pieces.filter((one) => !this.hidden.has(one.kind))), before = at(this.old), after = at(this.new);
      this.mark(piece ? [piece] : []);
      if (!piece && !before && !after) return;
      const row = this.rows.find((one) => piece && one.old === piece.old && one.new === piece.new);
      const rows = [["old_cell", before && before.name], ["new_cell", after && after.name],
        ["change", say("change_" + (piece ? piece.kind : "unchanged"))],
        ["households", row ? number(row.households) : piece ? number(0) : after ? number(after.households) : null],
        ["share_of_old", row && row.share !== null ? wangge.share(row.share) : null],
        ["area", piece ? wangge.area(piece.area) : null]];
      const box = wangge.facts([before && before.code, after && after.code].map((code) => code || "–").join(" → "), "", rows);
      this.map.openPopup(box, event.latlng, { maxWidth: 340, autoPanPaddingTopLeft: [12, 140] });
    }

    // A sign and the households on pieces that are large enough on the screen; the legend says the signs.
    refresh() {
      this.labels.clearLayers();
      const size = this.map.getSize(), wide = (shape) => {
        const a = this.map.latLngToContainerPoint(wangge.latLng(shape.box[0], shape.box[3]));
        const b = this.map.latLngToContainerPoint(wangge.latLng(shape.box[2], shape.box[1]));
        const left = Math.min(a.x, b.x), right = Math.max(a.x, b.x), top = Math.min(a.y, b.y), low = Math.max(a.y, b.y);
        return right > 0 && left < size.x && low > 0 && top < size.y ? Math.min(right - left, 2 * (low - top)) : 0;
      };
      for (const piece of this.pieces) {
        if (piece.kind === "ground" || this.hidden.has(piece.kind) || wide(piece) < 48) continue;
        const spot = wangge.anchor(piece);
        const text = say("mark_" + piece.kind) + (piece.households ? " " + number(piece.households) : "");
        L.marker(wangge.latLng(spot.x, spot.y), { interactive: false, keyboard: false,
          icon: L.divIcon({ className: "wg-change-mark", html: element("span", {}, text).outerHTML, iconSize: null }) }).addTo(this.labels);
      }
      wangge.foot(this.cards.foot, { map: this.map, atlas: this.about, sheet: { on: {} } });
    }
  }

  wangge.compare = function (map, data) {
    wangge.page = new Page(map, data);
    document.documentElement.dataset.ready = "map";
  };
})();
