"use strict";
// Puts an atlas on Folium's map: decodes what the page carries, paints it, and answers clicks.
(function () {
  const wangge = (window.wangge = window.wangge || {});
  const CAMERA_KINDS = ["bullet", "dome", "ptz", "panorama", "gate"];
  const CAMERA_STATES = ["working", "faulty", "offline"];

  function atlasOf(data) {
    const { joined } = wangge;
    const arcs = wangge.arcs(data.topology.arcs, data.topology.ranks);
    const atlas = {
      ...data.about, arcs, towns: data.towns, palette: data.palette,
      villages: joined(wangge.areas(data.topology.villages, arcs), data.villages),
      cells: joined(wangge.areas(data.topology.cells, arcs), data.cells),
      places: joined(wangge.points(data.places.points), data.places.columns),
      sites: joined(wangge.points(data.sites.points), data.sites.columns),
      members: joined(wangge.points(data.members.points), data.members.columns),
      cameras: joined(wangge.points(data.cameras.points), data.cameras.columns),
      sectors: joined(wangge.shapes(data.sectors.shapes), data.sectors.columns),
      gaps: joined(wangge.shapes(data.gaps.shapes), data.gaps.columns),
      barriers: {}, buildingText: data.buildings.shapes,
    };
    wangge.shapes(data.barriers.shapes).forEach((shape, index) => {
      const kind = +data.barriers.classes[index];
      (atlas.barriers[kind] = atlas.barriers[kind] || []).push(shape);
    });
    for (const camera of atlas.cameras) {
      camera.kind = CAMERA_KINDS[camera.kind];
      camera.status = CAMERA_STATES[camera.status];
      camera.assumed = (data.cameras.assumed[camera.assumed] || "").split(" ").filter(Boolean);
    }
    atlas.cells.forEach((cell) => named(atlas, cell));
    atlas.cellCoverage = atlas.cells.some((cell) => cell.covered !== null);
    atlas.coverageSteps = coverageSteps(atlas.cellCoverage ? atlas.cells : atlas.villages);
    atlas.gapSteps = gapSteps(atlas.cells);
    return atlas;
  }

  // The first scale whose best class holds a twentieth of the areas: real counties cover anything from 3 to 90 %.
  function coverageSteps(areas) {
    const shares = areas.map((area) => area.covered).filter((share) => share !== null);
    const scales = [[0.8, 0.5, 0.2], [0.5, 0.2, 0.1], [0.2, 0.1, 0.05], [0.1, 0.05, 0.02], [0.05, 0.02, 0.01]];
    return scales.find((steps) => shares.filter((share) => share >= steps[0]).length >= shares.length / 20) || scales[4];
  }

  // Quarters of the cells that have blind areas, by how many.
  function gapSteps(cells) {
    const counts = cells.map((cell) => cell.gaps).filter(Boolean).sort((a, b) => a - b);
    return [0.25, 0.5, 0.75].map((part) => counts[Math.floor(part * (counts.length - 1))] || 0);
  }

  function named(atlas, cell) {
    const village = atlas.villages[cell.village];
    cell.villageName = village ? village.name : "";
    cell.townName = village && atlas.towns[village.town] ? atlas.towns[village.town].name : "";
    if (cell.villageName && cell.name.startsWith(cell.villageName)) cell.name = cell.name.slice(cell.villageName.length).trim();
    if (/^(第?\d+|第.{1,3})?网格$/.test(cell.name)) cell.name = "";
    cell.code = (village && cell.serial.length === 3 ? village.code : "") + cell.serial;
  }

  // Buildings are decoded when first seen, in chunks of neighbours.
  wangge.buildings = function (atlas) {
    if (!atlas.buildingChunks) {
      const all = wangge.shapes(atlas.buildingText);
      atlas.buildingChunks = [];
      for (let i = 0; i < all.length; i += 400) {
        const shapes = all.slice(i, i + 400);
        atlas.buildingChunks.push({ shapes, box: wangge.boxOf(shapes.map((shape) => shape.box)) });
      }
    }
    return atlas.buildingChunks;
  };

  function clusters(className, items, iconOf, factsOf) {
    const group = L.markerClusterGroup({
      chunkedLoading: true, chunkInterval: 60, chunkProgress: (done, all) => done === all && wangge.page && wangge.page.sheet.repaint("_label"),
      maxClusterRadius: 84, disableClusteringAtZoom: 17, showCoverageOnHover: false,
      spiderfyOnMaxZoom: true, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      iconCreateFunction: (cluster) => {
        const count = cluster.getChildCount(), size = count < 10 ? 24 : count < 100 ? 30 : 36;
        return L.divIcon({ html: String(count), className: "wg-cluster " + className, iconSize: [size, size] });
      },
    });
    group.on("animationend", () => wangge.page && wangge.page.sheet.repaint("_label"));
    group.addLayers(items.map((item) => {
      const marker = L.marker([item.lat, item.lon], { icon: iconOf(item), keyboard: false });
      marker.bindPopup(() => factsOf(item), { maxWidth: 320 });
      return marker;
    }));
    return group;
  }

  const icons = {};
  function icon(className) {
    return (icons[className] = icons[className] || L.divIcon({ className: "wg-badge " + className, iconSize: [16, 16] }));
  }

  class Page {
    constructor(map, data) {
      wangge.words = data.words;
      wangge.language = data.about.language;
      this.map = map;
      this.atlas = atlasOf(data);
      this.chrome = data.about.chrome;
      this.wide = map.getSize().x > 700;
      this.sheet = new wangge.Sheet(this.atlas);
      this.sheet.inTheWay = () => this.inTheWay();
      this.groups = {};
      this.cards = {};
      map.attributionControl && map.attributionControl.remove();
      if (this.chrome !== "desk") this.cards.title = wangge.card(map, "topleft", "wg-title");
      if (!this.wide) this.cards.choices = wangge.card(map, "topleft", "wg-choices");
      L.control.zoom({ position: "topleft", zoomInTitle: wangge.say("zoom_in"), zoomOutTitle: wangge.say("zoom_out") }).addTo(map);
      if (this.wide) this.cards.choices = wangge.card(map, "topright", "wg-choices");
      this.cards.foot = wangge.card(map, "bottomright", "wg-foot");
      this.cards.legend = wangge.card(map, "bottomleft", "wg-legend");
      this.ground = this.atlas.villages.concat(this.atlas.cells);
      const [west, south, east, north] = data.about.bounds || [100, 20, 125, 45];
      this.bounds = [wangge.mercatorX(west), wangge.mercatorY(north), wangge.mercatorX(east), wangge.mercatorY(south)];
      map.fitBounds([[south, west], [north, east]], { animate: false });
      this.show(this.atlas.view);
      this.sheet.addTo(map);
      map.on("click", (event) => this.answer(event));
      map.on("moveend zoomend resize", () => this.refresh());
      map.on("resize", () => this.home && this.fit());
      map.on("movestart", () => (this.home = false));
      this.fit();
    }

    // The whole county, clear of the cards; twice, because what the legend lists goes by the zoom.
    fit() {
      wangge.fit(this.map, this.ground, this.bounds);
      if (wangge.hiddenNow(this.map, this.ground, this.bounds)) wangge.fit(this.map, this.ground, this.bounds);
      this.home = true;
    }

    // Other words or another legend may cover what was clear: nobody has moved the map, so it makes room.
    clear() {
      if (this.home && wangge.hiddenNow(this.map, this.ground, this.bounds)) this.fit();
    }

    // Boxes of the clusters and cards on the map, in pixels of the sheet: names keep clear of them.
    inTheWay() {
      const corner = this.sheet.cornerOf(), boxes = wangge.cardBoxes(this.map).map(([x0, y0, x1, y1]) =>
        [x0 - corner.x, y0 - corner.y, x1 - corner.x, y1 - corner.y]);
      for (const group of Object.values(this.groups)) {
        if (this.map.hasLayer(group)) group._featureGroup.eachLayer((marker) => {
          const at = marker._latlng, [x, y] = this.sheet.toPixels(wangge.mercatorX(at.lng), wangge.mercatorY(at.lat));
          boxes.push([x - 14, y - 14, x + 14, y + 14]);
        });
      }
      return boxes;
    }

    // Switch the view; its layers come on, the others of the four go off.
    show(view) {
      this.atlas.view = this.sheet.view = view;
      const wanted = { coverage: ["sectors", "cameras"], gaps: ["gaps"], cells: ["places"], balance: [] }[view];
      for (const name of this.atlas.layers) {
        const always = ["labels", "roads", "water", "buildings"].includes(name) && !(name in this.sheet.on);
        if (always) this.sheet.on[name] = true;
        if (["sectors", "cameras", "gaps", "places"].includes(name)) this.toggle(name, wanted.includes(name), true);
      }
      this.sheet.repaint();
      this.refresh(true);
      this.clear();
    }

    toggle(name, on, quietly) {
      this.sheet.on[name] = on;
      if (name === "cameras" || name === "members") {
        if (on && !this.groups[name]) {
          this.groups[name] = name === "cameras"
            ? clusters("cameras", this.atlas.cameras, (one) => icon("wg-camera " + one.status), wangge.cameraFacts)
            : clusters("members", this.atlas.members, () => icon("wg-member"), (one) => wangge.memberFacts(one));
        }
        if (this.groups[name]) on ? this.groups[name].addTo(this.map) : this.groups[name].remove();
      }
      if (quietly) return;
      this.sheet.repaint();
      this.refresh();
    }

    speak(language) {
      wangge.speaks(language);
      this.map.closePopup();
      this.sheet.name();
      this.sheet.repaint();
      document.querySelectorAll(".leaflet-control-zoom a").forEach((button, index) => {
        button.title = wangge.say(index ? "zoom_out" : "zoom_in");
        button.setAttribute("aria-label", button.title);
      });
      this.refresh(true);
      this.clear();
    }

    refresh(all) {
      if (all) {
        if (this.cards.title) wangge.title(this.cards.title, this.atlas);
        wangge.choices(this.cards.choices, this);
        document.title = this.atlas.title + (this.atlas.sample ? "（" + wangge.say("sample") + "）" : "") + " · " + wangge.say("title_" + this.atlas.view);
      }
      wangge.legend(this.cards.legend, this);
      wangge.foot(this.cards.foot, this);
    }

    // The cell at a position of the map, or null.
    cellAt(latlng) {
      const x = wangge.mercatorX(latlng.lng), y = wangge.mercatorY(latlng.lat);
      return this.atlas.cells.find((cell) => wangge.inside(cell, x, y)) || null;
    }

    answer(event) {
      if (this.tool && this.tool(event)) return;
      const { atlas, sheet } = this, x = wangge.mercatorX(event.latlng.lng), y = wangge.mercatorY(event.latlng.lat);
      const near = (items) => items.find((item) => Math.hypot(item.x - x, item.y - y) * sheet.world < 9);
      const within = (items) => items.find((item) => wangge.inside(item, x, y));
      const zoom = Math.round(this.map.getZoom());
      const found = [
        [sheet.on.sites && near(atlas.sites), wangge.siteFacts],
        [sheet.on.places && zoom >= 13 && near(atlas.places), wangge.placeFacts],
        [sheet.on.gaps && within(atlas.gaps), wangge.gapFacts],
        [within(atlas.cells), wangge.cellFacts],
        [within(atlas.villages), (village) => wangge.villageFacts(village, atlas)],
      ].find(([item]) => item);
      const above = (this.wide ? this.cards.title : this.cards.choices) || this.map.zoomControl;
      const covered = above && above.offsetTop !== undefined ? above.offsetTop + above.offsetHeight : 0;
      if (found) this.map.openPopup(found[1](found[0]), event.latlng, { maxWidth: 320, autoPanPaddingTopLeft: [12, covered + 20], autoPanPaddingBottomRight: [12, 12] });
    }
  }

  wangge.named = named;
  wangge.open = function (map, data) {
    const page = new Page(map, data);
    wangge.page = page;
    document.documentElement.dataset.ready = page.chrome === "desk" ? "" : "map";
    if (page.chrome === "desk") wangge.desk(page);
    return page;
  };
})();
