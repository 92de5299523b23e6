"use strict";
// What a click on the map answers: the facts of a cell, a village, a blind area, a place, a camera, a proposed site.
(function () {
  const wangge = (window.wangge = window.wangge || {});
  const { say, number, share, signedShare, cellName, element } = wangge;
  const WORTH = 1.1; // turning is told where a camera sees a tenth more for it

  function facts(heading, under, rows) {
    const list = element("dl", {});
    for (const [word, value] of rows) {
      if (value === null || value === undefined || value === "") continue;
      list.append(element("dt", {}, say(word)), element("dd", {}, value));
    }
    return element("div", { class: "wg-facts" }, element("h2", {}, heading), under ? element("p", {}, under) : null, list);
  }

  const area = (m2) => (m2 === null || m2 === undefined ? null : m2 >= 1e6 ? say("km2", { n: (m2 / 1e6).toFixed(2) }) : say("hectares", { n: (m2 / 1e4).toFixed(1) }));
  const counted = (value, word) => (value === null || value === undefined ? null : say(word, { n: number(value) }));

  function cellFacts(cell) {
    const dated = (text) => (cell.stale ? element("span", { title: say("before_edit_tip") }, text + say("before_edit")) : text);
    return facts(cell.villageName ? cell.villageName + " " + cellName(cell) : cellName(cell), [cell.townName, cell.code].filter(Boolean).join(" · "), [
      ["households", counted(cell.households, "n_hh")],
      ["residents", counted(cell.residents, "n_people")],
      ["party_members", counted(cell.party, "n_people")],
      ["deviation", cell.deviation === null ? null : wangge.glyph(cell.deviation) + " " + signedShare(cell.deviation)],
      ["area", area(cell.area)],
      ["compactness", cell.compactness === null ? null : cell.compactness.toFixed(2)],
      ["leads", counted(cell.leads, "n_people")],
      ["staff", counted(cell.staff, "n_people")],
      ["covered", cell.covered === null ? null : dated(share(cell.covered))],
      ["gaps_in_cell", cell.gaps ? dated(number(cell.gaps)) : null],
    ]);
  }

  const villageFacts = (village, atlas) => facts(village.name, [(atlas.towns[village.town] || {}).name, village.code].filter(Boolean).join(" · "), [
    ["households", counted(village.households, "n_hh")],
    ["covered", village.covered === null ? null : share(village.covered)],
  ]);

  const gapFacts = (gap) => facts(say("gap_title", { n: gap.rank }), say("gap_" + gap.kind), [
    ["gap_reason", gap.reason ? say("reason_" + gap.reason) : null],
    ["hides", gap.hides ? gap.hides.split(" · ")[wangge.language === "en" ? 1 : 0] : null],
    ["area", area(gap.area)],
    ["households_within", counted(gap.households, "n_hh")],
    ["nearest_camera", gap.nearest === null ? null : say("metres", { n: number(gap.nearest) })],
  ]);

  const placeFacts = (place) => facts(place.name, wangge.words["place_" + place.kind] ? say("place_" + place.kind) : place.kind, [["priority", String(place.priority)]]);

  const cameraFacts = (camera) => facts(camera.name || camera.id, camera.name ? camera.id : "", [
    ["camera_kind", say("kind_" + camera.kind)],
    ["camera_status", say("state_" + camera.status)],
    ["camera_azimuth", camera.azimuth === null ? null : Math.round(camera.azimuth) + "°"],
    ...seenFacts(camera),
  ]);

  // What the run found: nothing of it where the camera was not in the run.
  function seenFacts({ area: sees, blocked, obstacle, turn, turned, assumed }) {
    if (typeof sees !== "number") return [];
    const gain = turned > 0 ? turned / Math.max(sees, turned / 100) : 0, known = typeof turn === "number" && gain >= WORTH;
    return [
      ["camera_sees", say("square_metres", { n: number(sees) })],
      ["camera_blocked", typeof blocked === "number" ? share(blocked) : null],
      ["camera_obstacle", typeof obstacle === "number" ? say("metres", { n: number(obstacle) }) : null],
      ["camera_turn", known ? say("turn_to", { to: Math.round(turn), n: gain >= 100 ? "100+" : gain.toFixed(1) }) : null],
      ["camera_assumed", assumed.map((name) => say("input_" + name)).join(say("comma"))],
    ];
  }

  const siteFacts = (site) => facts(say("site_title", { n: site.id }), "", [
    ["site_phase", site.phase === null ? null : String(site.phase)],
    ["camera_azimuth", site.azimuth === null ? null : Math.round(site.azimuth) + "°"],
    ["site_gain", site.gain === null ? null : (site.gain * 100).toFixed(2) + "%"],
  ]);

  const memberFacts = (member) => facts(say("member_" + member.kind), "", []);

  Object.assign(wangge, { facts, cellFacts, villageFacts, gapFacts, placeFacts, cameraFacts, siteFacts, memberFacts, area });
})();
