/* Vehicles and teams that the stream tells of: laid over the resources at hand, and driven from one position to the
   next where a frame costs little. The layer asks as ever; state, kind and name stay those of the server's answer. */
(function () {
  "use strict";
  const room = window.mapRoom, shell = window.shell;
  if (!room || !shell) return;
  const SLOT = "resources", STANDS = 999;
  const GLIDE_MS = [1000, 10000], FRAME_MS = 100, JUMP = 100000; /* 1e-7 degrees, some 1 km: farther is a jump, and jumps */
  const known = new Map(); /* id -> {lon, lat, heading, at, from, began, ms}: the last position, and the glide to it */
  let laid = null, base = null, timer = 0;

  const {data, content} = room;
  const away = () => Boolean(shell.clock?.away());
  const over = (found) => (found && found === base && laid && !away() ? laid : found);
  room.data = (slot, ref, key) => (slot === SLOT ? over(data(slot, ref, key)) : data(slot, ref, key));
  room.content = (slot) => (slot === SLOT ? over(content(slot)) : content(slot));

  const part = (one, now) => (one.ms ? Math.min(1, (now - one.began) / one.ms) : 1);
  const at = (one, now) => {
    const done = part(one, now);
    return done === 1 ? [one.lon, one.lat] : [one.from[0] + done * (one.lon - one.from[0]), one.from[1] + done * (one.lat - one.from[1])];
  };
  /* The answer of the server with those of it that are known to be elsewhere; true while any is on its way. */
  function lay() {
    if (!base || !known.size) { laid = null; return false; }
    const now = performance.now(), {columns, meta} = base;
    const lon = columns.lon.slice(), lat = columns.lat.slice(), heading = columns.heading.slice();
    let drives = false;
    meta.ids.forEach((id, i) => {
      const one = known.get(id);
      if (!one) return;
      [lon[i], lat[i]] = at(one, now);
      drives ||= part(one, now) < 1;
      heading[i] = one.heading;
    });
    laid = {...base, columns: {...columns, lon, lat, heading}};
    return drives;
  }
  function drive() {
    timer = 0;
    if (away() || !room.isShown(SLOT)) return;
    if (lay()) timer = setTimeout(drive, FRAME_MS);
    room.schedule();
  }
  function take({n, columns, meta}) {
    const now = performance.now();
    if (meta.whole) [...known.keys()].filter((id) => !meta.ids.includes(id)).forEach((id) => known.delete(id));
    for (let i = 0; i < n; i++) {
      const old = known.get(meta.ids[i]), lon = columns.lon[i], lat = columns.lat[i];
      const next = {lon, lat, heading: columns.heading[i] > 360 ? STANDS : columns.heading[i], at: meta.origin_s * 1000 + columns.at_ms[i], ms: 0};
      if (old && old.at === next.at) continue;
      const from = old && at(old, now);
      if (from && !room.software && !away() && Math.abs(from[0] - lon) < JUMP && Math.abs(from[1] - lat) < JUMP) {
        Object.assign(next, {from, began: now, ms: Math.max(GLIDE_MS[0], Math.min(GLIDE_MS[1], next.at - old.at))});
      }
      known.set(meta.ids[i], next);
    }
    room.emit("vehicles", known);
  }
  const show = () => {
    if (!base || away()) return;
    if (room.software) { lay(); if (room.isShown(SLOT)) room.later(); }
    else if (!timer) drive();
  };
  shell.live.heard.push((found) => {
    if (!found.vehicles) return;
    const text = atob(found.vehicles);
    take(room.decode(Uint8Array.from(text, (sign) => sign.charCodeAt(0)).buffer));
    show();
  });
  room.on("content", ({slot, content: came}) => {
    if (slot !== SLOT) return;
    base = came;
    laid = null;
    show();
  });
  shell.clock?.heard.push(() => { if (!away()) show(); });
  /* Where a vehicle is known to be, in degrees; null: the stream has not told. */
  room.vehicle = (id) => { const one = known.get(id); return one ? {lon: one.lon * 1e-7, lat: one.lat * 1e-7, at: one.at} : null; };
})();
