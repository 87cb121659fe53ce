/* One atlas of all marks, drawn on a canvas when the page starts: no picture is fetched.
   Shape says the force (square: professional, disc: mass, arrowed disc: officer), colour the
   state, the character the kind; colour alone says nothing. */
(function () {
  "use strict";
  const room = window.mapRoom;
  const CELL = 64, ACROSS = 16;
  const GLYPHS = {
    police_car: "警", patrol_car: "巡", ebike: "骑", drone: "机", fire_engine: "消", ambulance: "救", camera: "摄",
    police_station: "所", fire_station: "站", service_centre: "党", service_station: "服", comprehensive_station: "综",
    mediation_point: "调", mediation_room: "解", court_yard: "庭", shelter: "避", hospital: "医", chv: "卫", volunteer_team: "志", redband: "袖",
    terminal: "端", hydrant: "栓", aed: "心", patrol_team: "防", stability_team: "稳", population_desk: "流", partner_unit: "驻",
    smoke: "烟", manhole: "井", water_meter: "水",
  };
  const STATES = {idle: "#3ecf96", assigned: "#f4b63f", busy: "#ff9b52", offline: "#8394ad", none: "#58b8ff"};
  const OFFICERS = {fresh: ["#e8eef7", "#58b8ff"], late: ["#f3dca6", "#f4b63f"], old: ["#59677c", "#8394ad"]};
  const FONT = '600 27px "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif';

  const disc = (pen, x, y, r, fill, line, width) => {
    pen.beginPath(); pen.arc(x, y, r, 0, 2 * Math.PI);
    pen.fillStyle = fill; pen.fill(); pen.lineWidth = width; pen.strokeStyle = line; pen.stroke();
  };
  const officer = (pen, x, y, [fill, line], moves) => {
    if (moves) {
      pen.beginPath(); pen.moveTo(x, y - 29); pen.lineTo(x + 12, y - 12); pen.lineTo(x - 12, y - 12); pen.closePath();
      pen.fillStyle = line; pen.fill();
    }
    disc(pen, x, y, 14, fill, line, 6);
  };
  const resource = (pen, x, y, glyph, force, line) => {
    if (force === "mass") disc(pen, x, y, 25, "#14202f", line, 4);
    else {
      pen.beginPath(); pen.roundRect(x - 25, y - 25, 50, 50, 9);
      pen.fillStyle = "#14202f"; pen.fill(); pen.lineWidth = 4; pen.strokeStyle = line; pen.stroke();
    }
    pen.fillStyle = "#e8eef7"; pen.font = FONT; pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.fillText(glyph, x, y + 2);
  };

  let ready = null;
  room.atlas = () => {
    if (ready) return ready;
    const jobs = [];
    jobs.push(["heading", (pen, x, y) => {
      pen.beginPath(); pen.moveTo(x, y - 31); pen.lineTo(x + 9, y - 18); pen.lineTo(x - 9, y - 18); pen.closePath();
      pen.fillStyle = "#e8eef7"; pen.fill(); pen.lineWidth = 2; pen.strokeStyle = "#14202f"; pen.stroke();
    }]);
    for (const [name, look] of Object.entries(OFFICERS)) {
      for (const moves of [0, 1]) jobs.push([`officer-${name}-${moves}`, (pen, x, y) => officer(pen, x, y, look, moves)]);
    }
    for (const [kind, glyph] of [...Object.entries(GLYPHS), ["other", "点"]]) {
      for (const force of ["professional", "mass"]) {
        for (const [status, line] of Object.entries(STATES)) {
          jobs.push([`${kind}-${force}-${status}`, (pen, x, y) => resource(pen, x, y, glyph, force, line)]);
        }
      }
    }
    const sheet = document.createElement("canvas");
    sheet.width = CELL * ACROSS;
    sheet.height = CELL * Math.ceil(jobs.length / ACROSS);
    const pen = sheet.getContext("2d", {willReadFrequently: true});
    const mapping = {};
    jobs.forEach(([name, paint], i) => {
      const x = (i % ACROSS) * CELL, y = Math.floor(i / ACROSS) * CELL;
      paint(pen, x + CELL / 2, y + CELL / 2);
      mapping[name] = {x, y, width: CELL, height: CELL, anchorX: CELL / 2, anchorY: CELL / 2, mask: false};
    });
    ready = {image: pen.getImageData(0, 0, sheet.width, sheet.height), mapping, sheet};
    return ready;
  };

  room.iconName = ({columns, meta}, i, heading) => {
    if (meta.selects === "officer") {
      const age = columns.age[i];
      const look = age <= meta.fresh_s ? "fresh" : age <= meta.late_s ? "late" : "old";
      return `officer-${look}-${heading && columns.heading[i] <= 360 ? 1 : 0}`;
    }
    const kind = meta.kinds[columns.kind[i]];
    const force = meta.forces[columns.force[i]] === "mass" ? "mass" : "professional";
    const status = meta.statuses[columns.status[i]];
    return `${kind in GLYPHS ? kind : "other"}-${force}-${status in STATES ? status : "none"}`;
  };
})();
