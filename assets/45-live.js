/* Positions that the stream brings: laid over the officers at hand, by mark. Nothing is asked for and the
   camera stays where it is. Who interpolates takes them by room.on("positions") and calls room.mayMove off. */
(function () {
  "use strict";
  const room = window.mapRoom, shell = window.shell;
  if (!room || !shell) return;
  const known = new Map(); /* mark -> the last position */
  room.mayMove = () => true;

  const bytesOf = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer;
  function take({n, columns, meta}) {
    if (meta.whole) known.clear();
    for (let i = 0; i < n; i++) {
      known.set(columns.mark[i], {lon: columns.lon[i], lat: columns.lat[i], heading: columns.heading[i], at: meta.origin_s * 1000 + columns.at_ms[i],
        area: meta.areas[columns.area[i]], role: meta.roles[columns.role[i]], id: meta.ids ? meta.ids[i] : ""});
    }
  }
  /* The same shape as the answer of /columns/officers. */
  function content(now, meta) {
    const all = [...known.values()], list = (name) => [...new Set(all.map((one) => one[name]))].sort();
    const areas = list("area"), roles = list("role");
    const index = (values) => new Map(values.map((value, i) => [value, i]));
    const areaAt = index(areas), roleAt = index(roles);
    const column = (Type, value) => Type.from(all, value);
    return {n: all.length, bytes: 0, columns: {
      lon: column(Int32Array, (one) => one.lon), lat: column(Int32Array, (one) => one.lat),
      age: column(Uint32Array, (one) => Math.max(0, Math.round((now - one.at) / 1000))), heading: column(Uint16Array, (one) => one.heading),
      area: column(Uint16Array, (one) => areaAt.get(one.area)), role: column(Uint8Array, (one) => roleAt.get(one.role)),
    }, meta: {kind: "officers", selects: "officer", ids: all.map((one) => one.id), areas, roles, fresh_s: meta.fresh_s, late_s: meta.late_s}};
  }
  shell.live.heard.push((found) => {
    if (!found.positions) return;
    const came = room.decode(bytesOf(found.positions));
    take(came);
    room.emit("positions", came);
    if (!room.mayMove() || shell.clock?.away() || !room.content("officers") || (came.meta.whole && !known.size)) return;
    room.put("officers", "officers", content(new Date(found.now).getTime(), came.meta), room.later);
  });
})();
