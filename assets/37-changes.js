/* Cases that have just changed: a ring where each of them is, as soon as the stream tells of it. The places are
   asked for by the filter of the map; figures, heat and points follow when they are counted. */
(function () {
  "use strict";
  const room = window.mapRoom, shell = window.shell;
  if (!room) return;
  const MOST = 300, PAUSE_MS = 300, FADE_MS = 5000;
  const heard = new Map(); /* handle -> when it was told */
  const marks = new Map(); /* handle -> where the ring stands */
  let shown = null, asking = false, askedAt = -Infinity, wanted = new Set(), until = null, turn = 0;

  const spec = () => [].concat(room.state.specs.changes?.layer || [])[0];
  const isAway = () => Boolean(shell?.clock?.away());
  const isDrawn = () => Boolean(spec()) && room.isShown("changes") && !isAway() && !document.hidden;

  /* What the rings depend on: another filter is another question, a window that moves on with the clock is not. */
  function question(source) {
    const [path, query] = source.split("?"), asked = new URLSearchParams(query);
    const {filter, context} = shell?.state || {};
    const slides = filter && context && filter.since === context.since && filter.until === context.until;
    asked.delete("v");
    if (slides && until) asked.set("until", until);
    const key = new URLSearchParams(asked);
    if (slides) { key.delete("since"); key.delete("until"); }
    return {path, asked, key: path + "?" + key};
  }

  async function ask() {
    if (asking || !wanted.size || !isDrawn() || !room.state.rested) return;
    const pause = PAUSE_MS - (performance.now() - askedAt);
    if (pause > 0) { setTimeout(ask, pause); return; }
    const {path, asked, key} = question(spec().source), refs = [...wanted].slice(-MOST), mine = turn;
    wanted = new Set();
    asking = true;
    askedAt = performance.now();
    asked.set("box", room.box().join(","));
    asked.set("zoom", Math.floor(room.state.rested.zoom * 2) / 2);
    asked.set("detail", room.state.detail);
    asked.set("refs", refs.join(","));
    try {
      const answer = await fetch(path + "?" + asked, {headers: {Accept: "application/octet-stream"}});
      if (!answer.ok) throw new Error(answer.status + " " + answer.statusText);
      const found = room.decode(await answer.arrayBuffer());
      if (mine === turn) take(found, refs, key);
    } catch (error) {
      room.fail("changes", error.message);
    } finally {
      asking = false;
    }
    ask();
  }
  function take({n, columns, meta}, refs, key) {
    room.fail("changes", null);
    shown = key;
    refs.forEach((ref) => marks.delete(ref)); /* what left the filter has no ring any more */
    for (let i = 0; i < n; i++) {
      const ref = columns.case_ref[i];
      marks.set(ref, {ref, at: heard.get(ref) ?? performance.now(), position: [columns.lon[i] * 1e-7, columns.lat[i] * 1e-7],
        state: columns.state[i], title: (meta.titles || {})[meta.categories[columns.category[i]]] || ""});
    }
    tell();
  }
  /* For the page and who looks at it: the handles that have a ring. */
  function tell() {
    room.put("changes", "changes", {n: marks.size, refs: new Set(marks.keys())}, soon);
  }
  function clear() {
    turn += 1;
    marks.clear();
    tell();
  }
  function fade() {
    const json = spec();
    if (!json) return;
    const oldest = performance.now() - json.goneS * 1000;
    for (const [ref, at] of heard) if (at < oldest) heard.delete(ref);
    const before = marks.size;
    for (const [ref, one] of marks) if (one.at < oldest) marks.delete(ref);
    if (before) tell();
  }

  room.changed = (refs) => {
    refs.forEach((ref) => { heard.delete(ref); heard.set(ref, performance.now()); wanted.add(ref); });
    ask();
  };
  shell?.live.heard.push((found) => {
    if (found.reset) { heard.clear(); clear(); }
    if (isAway()) return;
    until = found.presets?.[shell.state.view?.preset]?.[1] ?? null;
    room.changed(found.cases || []);
  });
  window.addEventListener("load", () => shell?.clock?.heard.push(() => { if (isAway()) { heard.clear(); clear(); } }));
  /* Another filter, another box: the rings that still belong are asked for again. */
  const again = () => {
    if (isAway()) return;
    const json = spec();
    if (!json || !heard.size) return;
    if (shown !== null && question(json.source).key !== shown) clear();
    wanted = new Set([...heard.keys(), ...wanted]);
    ask();
  };
  room.on("rest", again);
  room.on("spec", (key) => {
    const json = spec();
    if (key === "changes" && json && shown !== null && question(json.source).key !== shown) again();
  });
  setInterval(fade, FADE_MS);

  /* ---- drawn on a sheet over the map: a picture of the map itself costs a slow screen half a second ---- */
  room.adapters.changes = () => null;
  let drawn = [];
  const soon = room.sheet("changes", (pen, project) => {
    const json = spec(), isBusy = drawn.length > 0;
    drawn = [];
    if (marks.size && isDrawn()) {
      for (const one of [...marks.values()].slice(-MOST)) ring(pen, one, project(one.position), json, performance.now());
    }
    if (isBusy || drawn.length) room.emit("rings", new Set(drawn.map(({ref}) => ref)));
    return drawn.length > 0;
  });
  /* Whole while new, then fainter with age. */
  function ring(pen, one, [x, y], json, now) {
    const isNew = now - one.at < json.wholeS * 1000, left = Math.max(0, 1 - (now - one.at) / (json.goneS * 1000)), size = room.scale();
    const radius = (json.radius + (isNew ? 3 : 0)) * size;
    const [red, green, blue] = one.state & 64 ? json.overdueColour : json.stateColours[one.state & 15] || json.stateColours[0];
    const colour = (opacity) => `rgb(${red} ${green} ${blue} / ${opacity})`;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fillStyle = colour(isNew ? 0.35 : 0.12);
    pen.fill();
    pen.lineWidth = (isNew ? 2.6 : 1.6) * size;
    pen.strokeStyle = colour(isNew ? 1 : 0.3 + 0.5 * left);
    pen.stroke();
    drawn.push({ref: one.ref, title: one.title, x, y, radius});
  }
  /* The ring under a place of the picture, the newest first. */
  room.ringAt = (x, y) => drawn.findLast((one) => Math.hypot(one.x - x, one.y - y) <= one.radius + 1) ?? null;
})();
